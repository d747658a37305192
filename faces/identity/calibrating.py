"""Thresholds out of a library's own decisions: how far its people's faces lie from them, and how near others come.

Pure numpy. The more people, the nearer the nearest stranger: where a share F of all pairs of a face and a person that
it is not lies within a radius, 1 − (1 − F)^people of strangers find somebody there, if pairs are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

NAMED, ASKED = 0.01, 0.1
"""The share of strangers who may be named, and of those who may be asked about."""
MIN_GENUINE, MIN_OTHERS = 200, 20_000
"""Fewer distances than these say less than what the manifest was fitted on."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Distances under one model, in the measure that the radii are wanted for.

    genuine: (n,) of confirmed faces to their person's point, made without them. others: (m,) of confirmed faces to the
    points of other people.
    """

    genuine: NDArray[np.float64]
    others: NDArray[np.float64]

    @property
    def enough(self) -> bool:
        return len(self.genuine) >= MIN_GENUINE and len(self.others) >= MIN_OTHERS


@dataclass(frozen=True, slots=True)
class Fitted:
    """Radii and confidence that suit the evidence in a library of so many people; and what they would do.

    named_rightly: the share of genuine faces within `auto`.
    """

    people: int
    auto: float
    suggested: float
    midpoint: float
    slope: float
    named_rightly: float


def lacking(evidence: Evidence) -> str:
    """Why evidence is not enough, as a sentence; empty where it is."""
    if evidence.enough:
        return ""
    return (
        f"{len(evidence.genuine)} confirmed faces of people with several and {len(evidence.others)} pairs of a face "
        f"and somebody else are too little to judge by; {MIN_GENUINE} and {MIN_OTHERS} are needed."
    )


def fit(evidence: Evidence, people: int) -> Fitted:
    """Radii at which NAMED and ASKED of strangers find somebody among `people`. Raises ValueError with too little."""
    if not evidence.enough:
        raise ValueError(lacking(evidence))
    auto, suggested = (_radius(evidence.others, people, share) for share in (NAMED, ASKED))
    midpoint, slope = logistic(evidence, people)
    return Fitted(
        people,
        auto=round(auto, 4),
        suggested=round(max(auto, suggested), 4),
        midpoint=round(midpoint, 4),
        slope=round(slope, 1),
        named_rightly=float((evidence.genuine <= auto).mean()),
    )


def expected_false_names(evidence: Evidence, people: int, radius: float) -> float:
    """The share of strangers who would find somebody among `people` within a radius."""
    share = float((evidence.others <= radius).mean())
    return float(-np.expm1(people * np.log1p(-min(share, 1 - 1e-12))))


def logistic(evidence: Evidence, people: int) -> tuple[float, float]:
    """Midpoint and slope of 1 / (1 + exp(slope · (distance − midpoint))): is the nearest of so many the right one?

    By Newton's method, both classes weighing alike. The nearest of `people` strangers has the distribution of the
    smallest of as many pairs.
    """
    nearest = np.quantile(evidence.others, -np.expm1(np.log1p(-np.linspace(0.01, 0.99, 99)) / people))
    x = np.concatenate([evidence.genuine, nearest])
    right = np.concatenate([np.ones(len(evidence.genuine)), np.zeros(len(nearest))])
    weight = np.where(right > 0, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    features = np.stack([np.ones(len(x)), x], axis=1)
    beta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(features @ beta, -50, 50)))
        hessian = (features.T * (weight * p * (1 - p))) @ features + 1e-3 * np.eye(2)
        beta = beta + np.linalg.solve(hessian, features.T @ (weight * (right - p)) - 1e-3 * beta)
    return float(-beta[0] / beta[1]), float(-beta[1])


def _radius(others: NDArray[np.float64], people: int, share: float) -> float:
    """Where `share` of strangers find somebody: a quantile of all pairs, and of the tail where that is too thin.

    Below 100 pairs the tail is taken for a normal distribution's, fitted between the 1,000th and the 100th.
    """
    wanted = -np.expm1(np.log1p(-share) / people)
    if wanted * len(others) >= 100:
        return float(np.quantile(others, wanted))
    shares = np.geomspace(100 / len(others), min(1000 / len(others), 0.5), 30)
    deviation, mean = np.polyfit(
        [NormalDist().inv_cdf(float(part)) for part in shares], np.quantile(others, shares), 1
    )
    return float(mean + deviation * NormalDist().inv_cdf(float(wanted)))
