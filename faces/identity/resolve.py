"""Who a track is: a pure function of faceprints, human statements and a calibration. No database.

Everything that the library shows as a name comes out of `resolve`; an incremental update and a recomputation from
nothing call it with the same arguments and so agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

PersonId: TypeAlias = int
TrackId: TypeAlias = int
FaceprintId: TypeAlias = int

MAX_EXEMPLARS = 20
"""How many faceprints are kept to show what a person looks like, and to say which of them a face is most like."""


class Said(StrEnum):
    """What a human can say of one track."""

    IS = "is"
    IS_NOT = "is_not"
    IGNORE = "ignore"
    NOT_A_FACE = "not_a_face"


@dataclass(frozen=True, slots=True)
class Statement:
    """One active human decision about one track. `person` is None for not_a_face; of ignore, the nameless stranger."""

    said: Said
    person: PersonId | None = None


class Candidate(NamedTuple):
    """A person near a track.

    distance: between the track and the person's point, in the calibration's measure.
    exemplar: the person's faceprint that the track is most like.
    leeway: what this person's radii are wider by.
    doubted: a face of which a human said that it is not this person is nearer than the person.
    stranger: somebody whom a human told to ignore, without a name.
    """

    person: PersonId
    distance: float
    exemplar: FaceprintId | None = None
    leeway: float = 0.0
    doubted: bool = False
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """How distances under one model are judged.

    auto, suggested: radii; up to the first a name is given, up to the second it is asked.
    crowding: how much of the crowding of both faces a distance is relieved of (0: plain distance, 1: all of it).
    midpoint, slope: confidence = 1 / (1 + exp(slope · (distance − midpoint))), the probability that a name is right.
    """

    model: str
    auto: float
    suggested: float
    midpoint: float
    slope: float
    crowding: float = 0.0

    def confidence(self, distance: float) -> float:
        return 1.0 / (1.0 + math.exp(min(self.slope * (distance - self.midpoint), 700.0)))


class Verdict(NamedTuple):
    """The derived answer for one track. `person` is the one named or, in the band `suggested`, the one asked for.

    yielded: who it would be, did not another face in the same picture have the better claim.
    """

    band: str
    person: PersonId | None = None
    distance: float | None = None
    exemplar: FaceprintId | None = None
    runner_up: PersonId | None = None
    runner_up_distance: float | None = None
    yielded: PersonId | None = None
    yielded_distance: float | None = None


class Claim(NamedTuple):
    """A track's claim to be a person, before it is held against those of the faces beside it: the smaller wins.

    distance: −1 where a human said so.
    """

    distance: float
    track: TrackId
    person: PersonId


@dataclass(slots=True)
class Standing:
    """What the statements about one track come to, read in the order in which they were made."""

    confirmed: PersonId | None = None
    ignored: PersonId | None = None
    not_a_face: bool = False
    rejected: set[PersonId] = field(default_factory=set)


def stand(statements: Iterable[Statement]) -> Standing:
    """Fold statements, oldest first: a later one about the same thing wins, others stay."""
    standing = Standing()
    for statement in statements:
        match statement.said:
            case Said.IS:
                standing.confirmed, standing.ignored, standing.not_a_face = statement.person, None, False
                if statement.person is not None:
                    standing.rejected.discard(statement.person)
            case Said.IS_NOT:
                if statement.person is not None:
                    standing.rejected.add(statement.person)
                if standing.confirmed == statement.person:
                    standing.confirmed = None
            case Said.IGNORE:
                standing.confirmed, standing.ignored, standing.not_a_face = None, statement.person, False
            case Said.NOT_A_FACE:
                standing.confirmed, standing.ignored, standing.not_a_face = None, None, True
    return standing


def ranked(standing: Standing, candidates: Iterable[Candidate], calibration: Calibration) -> list[Candidate]:
    """The people whom a track may be, best first: nobody rejected, nobody too far, those in doubt behind the others.

    Ties go to the older person, so that the answer does not hang on the order of rows.
    """
    near = [
        candidate
        for candidate in candidates
        if candidate.distance <= calibration.suggested + candidate.leeway
        and candidate.person not in standing.rejected
    ]
    if len(near) < 2:
        return near
    nearest: dict[PersonId, Candidate] = {}
    for candidate in sorted(near, key=_rank):
        nearest.setdefault(candidate.person, candidate)
    return list(nearest.values())


def claim(
    track: TrackId, standing: Standing, ranking: Sequence[Candidate], calibration: Calibration
) -> Claim | None:
    """Whom a track claims to be: the person confirmed, or the first of its ranking where that is near enough."""
    if standing.not_a_face:
        return None
    said = standing.confirmed if standing.confirmed is not None else standing.ignored
    if said is not None:
        return Claim(-1.0, track, said)
    if ranking and _named(ranking[0], calibration):
        return Claim(ranking[0].distance, track, ranking[0].person)
    return None


def claimed(track: TrackId, verdict: Verdict) -> Claim | None:
    """The claim that an answer came of: what `claim` said when it was given."""
    if verdict.yielded is None and (
        verdict.person is None or verdict.band not in ("confirmed", "auto", "ignored")
    ):
        return None
    if verdict.yielded is not None:
        return Claim(verdict.yielded_distance or 0.0, track, verdict.yielded)
    assert verdict.person is not None
    said = verdict.band == "confirmed" or verdict.distance is None
    return Claim(-1.0 if said else verdict.distance or 0.0, track, verdict.person)


def resolve(
    track: TrackId,
    standing: Standing,
    ranking: Sequence[Candidate],
    beside: Mapping[PersonId, Claim],
    calibration: Calibration,
) -> Verdict:
    """Name the track, suggest a name, or leave it unknown. A human statement always wins.

    beside: for each person, the best claim among the tracks that are in the same picture at some moment. Nobody is in
    one picture twice, so whom another claims better, this track is not; and a track that had to yield its first choice
    is not named by its second, only asked about. So of two tracks in one picture never both are named alike by us.
    """
    if standing.not_a_face:
        return Verdict("not_a_face")
    if standing.confirmed is not None:
        own = next((one for one in ranking if one.person == standing.confirmed), None)
        others = [one for one in ranking if one.person != standing.confirmed]
        return _verdict("confirmed", standing.confirmed, own, others)
    if standing.ignored is not None:
        return Verdict("ignored", standing.ignored)
    own_claim = claim(track, standing, ranking, calibration)
    left = [one for one in ranking if not _taken(track, one, beside)]
    yielded = own_claim is not None and (not left or left[0] is not ranking[0])
    lost = ranking[0] if yielded else None
    named = bool(left) and not yielded and _named(left[0], calibration)
    if named and left[0].stranger:
        return _verdict("ignored", left[0].person, left[0], left[1:])
    asked = left if named else [one for one in left if not one.stranger]
    if not asked:
        return _verdict("unknown", None, None, (), lost)
    return _verdict("auto" if named else "suggested", asked[0].person, asked[0], asked[1:], lost)


def _named(candidate: Candidate, calibration: Calibration) -> bool:
    return not candidate.doubted and candidate.distance <= calibration.auto + candidate.leeway


def _taken(track: TrackId, candidate: Candidate, beside: Mapping[PersonId, Claim]) -> bool:
    other = beside.get(candidate.person)
    return other is not None and other < Claim(candidate.distance, track, candidate.person)


def _rank(candidate: Candidate) -> tuple[bool, float, PersonId, int]:
    return candidate.doubted, candidate.distance - candidate.leeway, candidate.person, candidate.exemplar or 0


def _verdict(
    band: str,
    person: PersonId | None,
    own: Candidate | None,
    others: Sequence[Candidate],
    lost: Candidate | None = None,
) -> Verdict:
    second = next((one for one in others if not one.stranger), None)
    return Verdict(
        band,
        person,
        distance=own.distance if own else None,
        exemplar=own.exemplar if own else None,
        runner_up=second.person if second else None,
        runner_up_distance=second.distance if second else None,
        yielded=lost.person if lost else None,
        yielded_distance=lost.distance if lost else None,
    )


def spread(vectors: NDArray[np.float32], usual: float) -> float:
    """What is added to the squared distance between a face and the mean of a person's exemplars, (k, dim).

    A mean lies nearer to everybody than the faces it is made of, so that people of many exemplars would attract
    strangers. The variance that averaging takes away is given back, half by the person's own and half by what k
    exemplars of one person usually have: (own + usual · (1 − 1/k)) / 2; one exemplar is taken as it is. usual: the
    manifest's `spread`. `docs/benchmarks.md` compares it with other rules.
    """
    if len(vectors) < 2:
        return 0.0
    own = float(np.var(vectors.astype(np.float64), axis=0).sum())
    return (own + usual * (1 - 1 / len(vectors))) / 2


def choose_exemplars(
    vectors: NDArray[np.float32], qualities: NDArray[np.float32], limit: int = MAX_EXEMPLARS
) -> list[int]:
    """Which rows of a person's faceprints, (n, dim), stand for that person: the best first, then the most unlike.

    Farthest-point sampling, deterministic: it covers the ways a person looks with few points, however many tracks
    were confirmed.
    """
    if len(vectors) <= limit:
        return list(range(len(vectors)))
    chosen = [int(np.lexsort((np.arange(len(qualities)), -qualities))[0])]
    gap = np.linalg.norm(vectors - vectors[chosen[0]], axis=1)
    while len(chosen) < limit:
        nearest = int(np.argmax(gap))
        if gap[nearest] == 0.0:
            break
        chosen.append(nearest)
        gap = np.minimum(gap, np.linalg.norm(vectors - vectors[nearest], axis=1))
    return chosen
