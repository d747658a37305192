"""Grouping of tracks believed to be one person, over the whole library. It knows nothing of names.

A track has a home, the group that the machine found for it; a base, which is its home unless a split in force put it
elsewhere; and an unknown, the key that its base is read as by the merges in force. Base and unknown are pure functions
of the home and the decisions, so that taking such a decision back brings back exactly what was there.

A key is never given twice and never forgotten: that of a group which became part of another is read as that one's.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from faces.identity.grouping import GroupingRule
from faces.identity.resolve import TrackId
from faces.models import Decision, KeyRecord, Merged, Resolution, Track, Unknown, UnknownCentroid, Verdict

UnknownId = int


@dataclass(frozen=True, slots=True)
class Grouping:
    """How tracks are grouped under one model.

    dim: length of a vector. rule: by which a new track joins the nearest group, and a pass joins groups.
    """

    model: str
    dim: int
    rule: GroupingRule


def inherit(track: Track, home: UnknownId, grouping: Grouping) -> None:
    """Show a new track in the place of an old one of the same face: it keeps the old one's home. To be settled."""
    Resolution.objects.create(track=track, unknown_id=home, home_id=home, base_id=home, model=grouping.model)


@dataclass(frozen=True, slots=True)
class Moved:
    """What settling changed: the groups that lost or won members, and the keys that did."""

    bases: set[UnknownId]
    shown: set[UnknownId]


def settle(tracks: Collection[TrackId]) -> Moved:
    """Put tracks into the base and the unknown that their home and the decisions in force say."""
    rows = {
        track: (home, base, shown)
        for track, home, base, shown in Resolution.objects.filter(track__in=tracks).values_list(
            "track_id", "home_id", "base_id", "unknown_id"
        )
    }
    pinned = _pins(rows)
    bases = {track: pinned.get(track, home) for track, (home, _, _) in rows.items()}
    read_as = dict(
        Unknown.objects.filter(pk__in=set(bases.values()), merged_into__isnull=False).values_list(
            "pk", "merged_into_id"
        )
    )
    wanted = {track: (base, read_as.get(base, base)) for track, base in bases.items()}
    moved = {track: to for track, to in wanted.items() if to != rows[track][1:]}
    _move(moved)
    there_and_back = [*moved.values(), *(rows[track][1:] for track in moved)]
    return Moved({base for base, _ in there_and_back}, {shown for _, shown in there_and_back})


def reread(unknowns: Iterable[UnknownId], decision: Decision | None = None) -> set[UnknownId]:
    """Decide anew which key each of these, and whatever is joined to them, is read as: the oldest of those joined.

    Answers whose reading changed; `settle` the tracks of those. decision: why, for the record.
    """
    joined = _joined(set(unknowns))
    changed = []
    for rows in joined:
        oldest = min(rows, key=lambda row: row.pk)
        for row in rows:
            reading = None if row is oldest else oldest.pk
            if row.merged_into_id != reading:
                row.merged_into_id = reading
                changed.append(row)
    Unknown.objects.bulk_update(changed, ["merged_into"])
    KeyRecord.objects.bulk_create(
        KeyRecord(unknown=row, became_id=row.merged_into_id, decision=decision) for row in changed
    )
    return {row.pk for row in changed}


def mark_shown(unknowns: Iterable[UnknownId]) -> None:
    """Note that somebody is about to see these keys: a pass may join them with others, but not divide them."""
    Unknown.objects.filter(pk__in=set(unknowns), shown=False).update(shown=True)


def tracks_based_in(unknowns: Collection[UnknownId]) -> set[TrackId]:
    """The shown tracks whose home is one of these, or that a split put into one of these."""
    at_home = Resolution.objects.filter(home__in=unknowns).values_list("track_id", flat=True)
    put = Resolution.objects.filter(
        track__attachments__anchor__decision__verdict=Verdict.SPLIT,
        track__attachments__anchor__decision__unknown__in=unknowns,
    ).values_list("track_id", flat=True)
    return {*at_home, *put}


def rehome(homes: Mapping[TrackId, UnknownId], absorbed: Mapping[UnknownId, UnknownId]) -> Moved:
    """Give tracks other homes. The absorbed that nobody is at home in any more become part of another from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_resolution r SET home_id = n.home
              FROM unnest(%s::bigint[], %s::bigint[]) AS n(track, home) WHERE r.track_id = n.track
            """,
            [list(homes), list(homes.values())],
        )
        cursor.execute(
            """
            UPDATE faces_unknown u SET absorbed_by_id = n.key
              FROM unnest(%s::bigint[], %s::bigint[]) AS n(gone, key)
             WHERE u.id = n.gone AND NOT EXISTS (SELECT FROM faces_resolution WHERE home_id = n.gone)
            """,
            [list(absorbed), list(absorbed.values())],
        )
    reread({*homes.values(), *absorbed})
    moved = settle(homes)
    return Moved(moved.bases, moved.shown | {*homes.values(), *absorbed})


def read_key(key: str) -> Unknown | None:
    """The unknown that a key means today: its own, or the one it became part of."""
    found = Unknown.objects.select_related("merged_into").filter(key=key).first()
    return found.merged_into or found if found is not None else None


def recentre(bases: Collection[UnknownId] | None, grouping: Grouping) -> None:
    """Recompute the mean faceprints of groups that lost or won members; None: of all."""
    which = "true" if bases is None else "{} = ANY(%(ids)s)"
    parameters: dict[str, Any] = {"ids": list(bases or ()), "model": grouping.model}
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM faces_unknowncentroid WHERE model = %(model)s AND {which.format('unknown_id')}",  # noqa: S608
            parameters,
        )
        cursor.execute(
            f"""
            INSERT INTO faces_unknowncentroid (unknown_id, model, vector, crowding, members, placed)
            SELECT r.base_id, %(model)s, avg(f.vector::vector)::halfvec, avg(f.crowding), count(*), count(*)
              FROM faces_resolution r
              JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(model)s
             WHERE {which.format("r.base_id")} GROUP BY 1
            """,  # noqa: S608  the only thing put in is one of two constants
            parameters,
        )


def forget_centres(model: str) -> None:
    """Delete the means of groups under that model: nobody keeps them up to date while another is in force."""
    UnknownCentroid.objects.filter(model=model).delete()


def found(tracks: Sequence[Track]) -> list[Unknown]:
    """New unknowns, each founded by one of these tracks."""
    return Unknown.objects.bulk_create(Unknown(key=key) for key in birth_keys(tracks))


def born_of_split(tracks: Sequence[Track], source: Unknown, decision: Decision) -> Unknown:
    """A new unknown for tracks that a human took out of `source`."""
    Unknown.objects.filter(pk=source.pk).update(shown=True)
    first = min(tracks, key=lambda track: track.pk)
    [key] = birth_keys([first])
    return Unknown.objects.create(key=key, born_of=decision, split_from=source, shown=True)


def _pins(tracks: Collection[TrackId]) -> dict[TrackId, UnknownId]:
    """Of the tracks that splits in force took out of an unknown, the unknown that the latest put them into."""
    return dict(
        Decision.objects.filter(
            verdict=Verdict.SPLIT,
            active=True,
            unknown__isnull=False,
            anchors__attachments__track__in=tracks,
        )
        .order_by("pk")
        .values_list("anchors__attachments__track", "unknown_id")
    )


def _move(moved: dict[TrackId, tuple[UnknownId, UnknownId]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_resolution r SET base_id = n.base, unknown_id = n.unknown
              FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(track, base, unknown)
             WHERE r.track_id = n.track
            """,
            [list(moved), [base for base, _ in moved.values()], [shown for _, shown in moved.values()]],
        )


def _joined(unknowns: set[UnknownId]) -> list[list[Unknown]]:
    """The sets of keys that merges in force, undone splits and passes make one, as far as they touch the given."""
    known: set[UnknownId] = set()
    links: dict[UnknownId, set[UnknownId]] = defaultdict(set)
    while frontier := unknowns - known:
        known |= frontier
        for a, b in _links(frontier):
            links[a].add(b)
            links[b].add(a)
            unknowns |= {a, b}
    rows = {row.pk: row for row in Unknown.objects.filter(pk__in=known).select_for_update()}
    joined, seen = [], set()
    for start in sorted(rows):
        if start in seen:
            continue
        together, waiting = [], [start]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                together.append(rows[one])
                waiting += links[one]
        joined.append(together)
    return joined


def _links(unknowns: set[UnknownId]) -> Iterable[tuple[UnknownId, UnknownId]]:
    merges = Merged.objects.filter(decision__active=True, unknown__isnull=False)
    yield from merges.filter(Q(unknown__in=unknowns) | Q(decision__unknown__in=unknowns)).values_list(
        "unknown_id", "decision__unknown_id"
    )
    passes = Unknown.objects.filter(absorbed_by__isnull=False)
    yield from passes.filter(Q(pk__in=unknowns) | Q(absorbed_by__in=unknowns)).values_list(
        "pk", "absorbed_by_id"
    )
    undone = Unknown.objects.filter(born_of__active=False, split_from__isnull=False)
    yield from undone.filter(Q(pk__in=unknowns) | Q(split_from__in=unknowns)).values_list(
        "pk", "split_from_id"
    )


def birth_keys(tracks: Sequence[Track]) -> list[str]:
    """16 hex digits for each of these, out of the founding track, so that the same scan of the same file gives the same
    keys; none is given twice."""
    keys: list[str] = []
    drawn = [_birth_key(track, 0) for track in tracks]
    taken = set(Unknown.objects.filter(key__in=drawn).values_list("key", flat=True))
    for track, key in zip(tracks, drawn, strict=True):
        attempt = 0
        while key in taken:
            attempt += 1
            key = _birth_key(track, attempt)
            if Unknown.objects.filter(key=key).exists():
                taken.add(key)
        taken.add(key)
        keys.append(key)
    return keys


def _birth_key(track: Track, attempt: int) -> str:
    seed = f"{track.asset_id}:{track.start_ms}:{track.end_ms}:".encode() + bytes(track.boxes)
    return hashlib.sha256(seed + b"%d" % attempt).hexdigest()[:16]
