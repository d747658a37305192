"""The library follows: after anything that humans said or scans found, bring the stored answers up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from faces.identity import counts, exemplars, queries
from faces.identity.resolve import Calibration, PersonId, Standing, Verdict, resolve, stand
from faces.models import Resolution

TrackId = int
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Changed:
    """One track whose answer is now another."""

    track: TrackId
    before: str
    after: str
    person_before: PersonId | None
    person_after: PersonId | None


def follow(
    tracks: Collection[TrackId], people: Collection[PersonId], calibration: Calibration
) -> list[Changed]:
    """Rebuild the points of `people` and resolve `tracks` and every track that those people could concern.

    Exact: any other track has the same statements and the same people near it as before. To be called inside
    `queries.identity_write()`.
    """
    for person in sorted(people):
        exemplars.rebuild(person, model=calibration.model)
    affected = set(tracks) | queries.tracks_about(people)
    affected |= queries.tracks_within(calibration.suggested, people, model=calibration.model)
    changed = [change for batch in _batches(sorted(affected)) for change in _resolve(batch, calibration)]
    _recount(changed, set(tracks), people)
    return changed


def resolve_all(calibration: Calibration, *, write: bool) -> list[Changed]:
    """Compute every answer from nothing and compare it with the stored one; store it where `write`."""
    everything = list(Resolution.objects.order_by("track_id").values_list("track_id", flat=True))
    changed = [
        change for batch in _batches(everything) for change in _resolve(batch, calibration, write=write)
    ]
    if write:
        _recount(changed, set(), ())
    return changed


def standings(tracks: Collection[TrackId]) -> dict[TrackId, Standing]:
    """What active decisions come to, for each track."""
    said = queries.statements(tracks)
    return {track: stand(said.get(track, ())) for track in tracks}


def _resolve(tracks: list[TrackId], calibration: Calibration, *, write: bool = True) -> list[Changed]:
    stored = Resolution.objects.in_bulk(tracks)
    near = queries.candidates(tracks, calibration.suggested, model=calibration.model)
    stands = standings(tracks)
    changed, rewritten = [], []
    for track in tracks:
        row = stored.get(track)
        if row is None:
            continue
        verdict = resolve(stands[track], near.get(track, ()), calibration)
        if _stored(row) == verdict and row.model == calibration.model:
            continue
        rewritten.append((track, verdict))
        if (row.band, row.person_id) != (verdict.band, verdict.person):
            changed.append(Changed(track, row.band, verdict.band, row.person_id, verdict.person))
    if write and rewritten:
        _rewrite(rewritten, calibration.model)
    return (
        changed
        if write
        else [Changed(track, "", verdict.band, None, verdict.person) for track, verdict in rewritten]
    )


def _stored(row: Resolution) -> Verdict:
    return Verdict(
        row.band, row.person_id, row.distance, row.exemplar_id, row.runner_up_id, row.runner_up_distance
    )


def _rewrite(answers: Iterable[tuple[TrackId, Verdict]], model: str) -> None:
    tracks, verdicts = zip(*answers, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_resolution r
               SET band = n.band, person_id = n.person, distance = n.distance, exemplar_id = n.exemplar,
                   runner_up_id = n.runner_up, runner_up_distance = n.runner_up_distance, model = %s
              FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::bigint[], %s::bigint[],
                          %s::float8[])
                   AS n(track, band, person, distance, exemplar, runner_up, runner_up_distance)
             WHERE r.track_id = n.track
            """,
            [
                model,
                list(tracks),
                [verdict.band for verdict in verdicts],
                [verdict.person for verdict in verdicts],
                [verdict.distance for verdict in verdicts],
                [verdict.exemplar for verdict in verdicts],
                [verdict.runner_up for verdict in verdicts],
                [verdict.runner_up_distance for verdict in verdicts],
            ],
        )


def _recount(changed: list[Changed], tracks: set[TrackId], people: Collection[PersonId]) -> None:
    touched = tracks | {change.track for change in changed}
    concerned = set(people)
    for change in changed:
        concerned |= {person for person in (change.person_before, change.person_after) if person is not None}
    counts.recount_people(concerned)
    counts.recount_unknowns(
        set(Resolution.objects.filter(track_id__in=touched).values_list("unknown_id", flat=True))
    )


def _batches(tracks: list[TrackId]) -> Iterable[list[TrackId]]:
    return (tracks[at : at + _BATCH] for at in range(0, len(tracks), _BATCH))
