"""Who a track is: a pure function of faceprints, human statements and thresholds. No database.

Everything that the library shows as a name comes out of `resolve`; an incremental update and a recomputation from
nothing call it with the same arguments and so agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PersonId: TypeAlias = int
FaceprintId: TypeAlias = int

MAX_EXEMPLARS = 20
"""How many faceprints are kept to show what a person looks like, and to say which of them a face is most like."""

POOLED_SPREAD = 0.086
"""Variance of one person's faceprints around their mean under dlib's model, pooled over 300 people of LFW."""


class Said(StrEnum):
    """What a human can say of one track."""

    IS = "is"
    IS_NOT = "is_not"
    IGNORE = "ignore"
    NOT_A_FACE = "not_a_face"


@dataclass(frozen=True, slots=True)
class Statement:
    """One active human decision about one track. `person` is None for ignore and not_a_face."""

    said: Said
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person near a track: how far the mean of their exemplars is, spread included, and the nearest of these."""

    person: PersonId
    distance: float
    exemplar: FaceprintId | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How distances under one model are judged; from the model's passport.

    auto, suggested: radii in the model's own metric; up to the first a name is given, up to the second it is asked.
    midpoint, slope: confidence = 1 / (1 + exp(slope · (distance − midpoint))), the probability that a name is right.
    """

    model: str
    auto: float
    suggested: float
    midpoint: float
    slope: float

    def confidence(self, distance: float) -> float:
        return 1.0 / (1.0 + math.exp(min(self.slope * (distance - self.midpoint), 700.0)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The derived answer for one track. `person` is the one named or, in the band `suggested`, the one asked for."""

    band: str
    person: PersonId | None = None
    distance: float | None = None
    exemplar: FaceprintId | None = None
    runner_up: PersonId | None = None
    runner_up_distance: float | None = None


@dataclass(slots=True)
class Standing:
    """What the statements about one track come to, read in the order in which they were made."""

    confirmed: PersonId | None = None
    ignored: bool = False
    not_a_face: bool = False
    rejected: set[PersonId] = field(default_factory=set)


def stand(statements: Iterable[Statement]) -> Standing:
    """Fold statements, oldest first: a later one about the same thing wins, others stay."""
    standing = Standing()
    for statement in statements:
        match statement.said:
            case Said.IS:
                standing.confirmed = statement.person
                standing.ignored = standing.not_a_face = False
                if statement.person is not None:
                    standing.rejected.discard(statement.person)
            case Said.IS_NOT:
                if statement.person is not None:
                    standing.rejected.add(statement.person)
                if standing.confirmed == statement.person:
                    standing.confirmed = None
            case Said.IGNORE:
                standing.confirmed, standing.ignored, standing.not_a_face = None, True, False
            case Said.NOT_A_FACE:
                standing.confirmed, standing.ignored, standing.not_a_face = None, False, True
    return standing


def resolve(standing: Standing, candidates: Iterable[Candidate], calibration: Calibration) -> Verdict:
    """Name the track, suggest a name, or leave it unknown. A human statement always wins.

    Among people nobody rejected, the nearest point wins; ties go to the older person, so that the answer does not
    hang on the order of rows. Candidates farther than `calibration.suggested` are as good as absent.
    """
    if standing.not_a_face:
        return Verdict("not_a_face")
    if standing.ignored:
        return Verdict("ignored")

    nearest: dict[PersonId, Candidate] = {}
    for candidate in candidates:
        if candidate.distance > calibration.suggested or candidate.person in standing.rejected:
            continue
        held = nearest.get(candidate.person)
        if held is None or _rank(candidate) < _rank(held):
            nearest[candidate.person] = candidate
    ranked = sorted(nearest.values(), key=_rank)

    if standing.confirmed is not None:
        own = nearest.get(standing.confirmed)
        others = [candidate for candidate in ranked if candidate.person != standing.confirmed]
        return _verdict("confirmed", standing.confirmed, own, others)
    if not ranked:
        return Verdict("unknown")
    best = ranked[0]
    band = "auto" if best.distance <= calibration.auto else "suggested"
    return _verdict(band, best.person, best, ranked[1:])


def _rank(candidate: Candidate) -> tuple[float, PersonId, int]:
    return candidate.distance, candidate.person, candidate.exemplar or 0


def _verdict(band: str, person: PersonId, own: Candidate | None, others: Sequence[Candidate]) -> Verdict:
    second = others[0] if others else None
    return Verdict(
        band,
        person,
        distance=own.distance if own else None,
        exemplar=own.exemplar if own else None,
        runner_up=second.person if second else None,
        runner_up_distance=second.distance if second else None,
    )


def spread(vectors: NDArray[np.float32]) -> float:
    """What is added to the squared distance between a face and the mean of a person's exemplars, (k, dim).

    A mean lies nearer to everybody than the faces it is made of, so that people of many exemplars would attract
    strangers. The variance that averaging takes away is given back, half by the person's own and half by what k
    exemplars of one person usually have: (own + POOLED_SPREAD · (1 − 1/k)) / 2; one exemplar is taken as it is.
    `docs/benchmarks.md` compares it with other rules.
    """
    if len(vectors) < 2:
        return 0.0
    own = float(np.var(vectors.astype(np.float64), axis=0).sum())
    return (own + POOLED_SPREAD * (1 - 1 / len(vectors))) / 2


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
