"""The library follows: after anything that humans said or scans found, bring the stored answers up to date."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faces.identity import counts, exemplars, queries
from faces.identity.gallery import Album, Faces, Gallery
from faces.identity.model import Model, deciding
from faces.identity.resolve import (
    Candidate,
    Claim,
    PersonId,
    Standing,
    TrackId,
    Verdict,
    claim,
    claimed,
    ranked,
    resolve,
    stand,
)

_BATCH = 20_000


class Changed(NamedTuple):
    """One track whose answer is now another. unknown: what it is shown under while nobody is named."""

    track: TrackId
    before: str
    after: str
    person_before: PersonId | None
    person_after: PersonId | None
    unknown: int


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Within, Python does not look for objects that hold one another: answers are many, and among them are none.

    It would take a tenth of the time, for with hundreds of thousands of new objects it looks through all there are.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_search_for_cycles()
def follow(tracks: Collection[TrackId], people: Collection[PersonId], model: Model) -> list[Changed]:
    """Rebuild the points of `people` and resolve `tracks` and every track that those people could concern.

    Exact: any other track has the same statements, the same people near it and, of those people, the same claims beside
    it as before. To be called inside `queries.identity_write()`.
    """
    exemplars.rebuild(people, model)
    affected = set(tracks) | queries.tracks_about(people)
    affected |= queries.tracks_within(model.calibration, people)
    judge = _Judge(model)
    judged = _judge(affected, judge)
    judged |= _judge(_reached(judged, people) - affected, judge)
    changed = _rewrite(judged, people, model)
    named, unnamed = _concerned(changed)
    counts.recount_people(named.union(people))
    counts.recount_unknowns(
        unnamed.union(judged[track].stored.unknown for track in tracks if track in judged)
    )
    return changed


def resolve_all(
    model: Model, *, write: bool, anew: bool = False, progress: Callable[[int], object] = lambda done: None
) -> Iterator[Changed]:
    """Compute every answer from nothing and compare it with the stored one; store it where `write`.

    A batch at a time, each in a transaction of its own; a batch holds whole scans, so that whoever shares a picture is
    judged together. Figures of people and unknowns follow in the end: each batch touches thousands of them. What a run
    that was killed left uncounted, the next one counts.

    anew: by the crowding that the model's function finds, not by what is stored. progress: told how many tracks are
    done. Raises ModelSwitched where it is to write answers of a model that is no longer in force.
    """
    done, portraits = 0, _Portraits(model, anew)
    for batch in _whole_scans():
        writing = deciding(made_by=model.name) if write else queries.identity_write()
        with writing, _no_search_for_cycles():
            changed = _rewrite(_judge(batch, _Judge(model, portraits, anew)), (), model, write=write)
            if write:
                counts.owe(*_concerned(changed))
        yield from changed
        done += len(batch)
        progress(done)
    if write:
        counts.settle()


def recognise(faceprints: Sequence[NDArray[np.float32]], model: Model) -> list[Verdict]:
    """Who the faces of a picture are that is not in the library: each by itself, nothing stored."""
    if not faceprints:
        return []
    vectors = np.array(faceprints, np.float16)
    judge = _Judge(model)
    near = judge.gallery.candidates(
        Faces(vectors, model.crowding_of(vectors)), model.calibration, judge.albums
    )
    nothing_said = Standing()
    return [
        resolve(0, nothing_said, ranked(nothing_said, candidates, model.calibration), {}, model.calibration)
        for candidates in near
    ]


def standings(tracks: Collection[TrackId]) -> dict[TrackId, Standing]:
    """What active decisions come to, for each track."""
    said = queries.statements(tracks)
    return {track: stand(said.get(track, ())) for track in tracks}


def people_spoken_of(standings_: Iterable[Standing]) -> set[PersonId]:
    """Everybody whom these standings name, ignore or reject."""
    found: set[PersonId] = set()
    for standing in standings_:
        found |= standing.rejected
        found |= {person for person in (standing.confirmed, standing.ignored) if person is not None}
    return found


@dataclass(slots=True)
class _Portraits:
    """The faces of everybody, for those who will ask about everybody; read again only where some have changed."""

    model: Model
    anew: bool
    _edition: tuple[int, int] | None = field(default=None, init=False)
    _albums: tuple[Album, Album] = field(init=False)

    def albums(self, people: Sequence[PersonId]) -> tuple[Album, Album]:
        edition = queries.edition_of_albums(self.model.name)
        if edition != self._edition:
            examples, refused = queries.albums(None, self.model.name, self.model.dim)
            if self.anew:
                examples = replace(examples, faces=_measured(examples.faces, self.model))
                refused = replace(refused, faces=_measured(refused.faces, self.model))
            self._albums = examples, refused
            self._edition = edition
        return self._albums


@dataclass(slots=True)
class _Judge:
    """The gallery as it is now, read once. anew: with the crowding that the model's function finds."""

    model: Model
    portraits: _Portraits | None = None
    anew: bool = False
    gallery: Gallery = field(init=False)

    def __post_init__(self) -> None:
        self.gallery = queries.gallery(self.model.name, self.model.dim)
        if self.anew:
            means, spread = self.gallery.points.vectors, self.gallery.spread
            points = Faces(means, self.model.crowding_of_points(means, spread))
            self.gallery = replace(self.gallery, points=points)

    def faces(self, tracks: Collection[TrackId]) -> tuple[NDArray[np.int64], Faces]:
        shown, faces = queries.faces_of_tracks(tracks, self.model.name, self.model.dim)
        return shown, _measured(faces, self.model) if self.anew else faces

    def albums(self, people: Sequence[PersonId]) -> tuple[Album, Album]:
        if self.portraits is not None:
            return self.portraits.albums(people)
        return queries.albums(people, self.model.name, self.model.dim)


def _measured(faces: Faces, model: Model) -> Faces:
    return Faces(faces.vectors, model.crowding_of(faces.vectors))


class _Judged(NamedTuple):
    """A track before it is held against those beside it: what is stored, what was said, who is near, whom it claims."""

    stored: queries.Stored
    standing: Standing
    ranking: list[Candidate]
    claim: Claim | None


def _judge(tracks: Collection[TrackId], judge: _Judge) -> dict[TrackId, _Judged]:
    """Those of the tracks that are shown."""
    if not tracks:
        return {}
    calibration = judge.model.calibration
    stored = queries.stored_answers(tracks)
    shown, faces = judge.faces(stored)
    near = dict(zip(shown.tolist(), judge.gallery.candidates(faces, calibration, judge.albums), strict=True))
    found = {}
    for track, standing in standings(stored).items():
        ranking = ranked(standing, near.get(track, ()), calibration)
        found[track] = _Judged(stored[track], standing, ranking, claim(track, standing, ranking, calibration))
    return found


def _reached(judged: dict[TrackId, _Judged], people: Collection[PersonId]) -> set[TrackId]:
    """The tracks beside those that claim somebody else than before, or one of these no longer.

    Whoever is near one of `people`, or spoke of them, is judged already: their claims need no following.
    """
    moved = set()
    for track, found in judged.items():
        old, new = claimed(track, found.stored.verdict), found.claim
        if old is not None and new is not None and (old.distance, old.person) == (new.distance, new.person):
            continue
        if any(one is not None and one.person not in people for one in (old, new)):
            moved.add(track)
    return {other for _, other in queries.beside(moved)} if moved else set()


def _rewrite(
    judged: dict[TrackId, _Judged], people: Collection[PersonId], model: Model, *, write: bool = True
) -> list[Changed]:
    """Hold these against one another and those beside them, and store what is new; all who claim one of `people` are
    among them."""
    calibration = model.calibration
    beside = _claims_beside(judged, people)
    changed, rewritten = [], []
    for track, one in sorted(judged.items()):
        verdict = resolve(track, one.standing, one.ranking, beside.get(track, {}), calibration)
        held = one.stored.verdict
        if held == verdict and one.stored.model == calibration.model:
            continue
        rewritten.append((track, verdict))
        if not write or (held.band, held.person) != (verdict.band, verdict.person):
            changed.append(
                Changed(track, held.band, verdict.band, held.person, verdict.person, one.stored.unknown)
            )
    if write:
        queries.rewrite_answers(rewritten, calibration.model)
    return changed


def _claims_beside(
    judged: dict[TrackId, _Judged], people: Collection[PersonId]
) -> dict[TrackId, dict[PersonId, Claim]]:
    """For each track that somebody is near, and each person, the best claim of a track beside it: computed now, or else
    as stored.

    Whoever claims one of `people` is judged: so a track that nobody else is near is held against those judged alone.
    """
    computed = {track: one.claim for track, one in judged.items() if one.claim is not None}
    these = set(people)
    near_these: set[TrackId] = set()
    near_others: set[TrackId] = set()
    for track, one in judged.items():
        if one.ranking:
            alone = all(candidate.person in these for candidate in one.ranking)
            (near_these if alone else near_others).add(track)
    pairs = queries.claims_beside(near_others, computed)
    if near_these:
        among_judged = queries.beside_one_another(near_these | computed.keys())
        pairs += [(track, other, None) for track, other in among_judged if track in near_these]
    best: dict[TrackId, dict[PersonId, Claim]] = {}
    for track, other, stored in pairs:
        if (found := computed.get(other) if other in judged else stored) is not None:
            held = best.setdefault(track, {})
            if found.person not in held or found < held[found.person]:
                held[found.person] = found
    return best


def _concerned(changed: list[Changed]) -> tuple[set[PersonId], set[int]]:
    """The people and the unknowns whose figures these changes are about."""
    people = {person for change in changed for person in (change.person_before, change.person_after)}
    return {person for person in people if person is not None}, {change.unknown for change in changed}


def _whole_scans() -> Iterator[list[TrackId]]:
    """All shown tracks, those of one scan in one batch, read in the order of scans."""
    after = 0
    while True:
        rows = queries.tracks_of_scans_after(after, _BATCH)
        if not rows:
            return
        after = rows[-1][0]
        yield sorted(track for _, track in rows)
