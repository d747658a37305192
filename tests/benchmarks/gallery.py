"""People by their exemplars, and how far a faceprint is from each: what both benchmarks judge by."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faces.vision import Faceprint

Gallery: TypeAlias = Mapping[str, Sequence[Faceprint]]
"""At least one exemplar of each person."""

POOLED_SPREAD = 0.086
"""Variance of one person's faceprints around their mean, pooled over 300 people of LFW (`calibration.py`)."""
RULES = ("nearest", "mean", "spread")


def distances(faceprint: Faceprint, gallery: Gallery, rule: str) -> NDArray[np.float32]:
    """(people,) distances in the gallery's order, by one of `RULES`.

    nearest: to the nearest exemplar.  mean: to the mean of the exemplars.
    spread: to that mean, with the variance given back that taking a mean removes, so that one radius suits people of
    one exemplar and of many: sqrt(|x - mean|² + spread), where the spread is the mean of the person's own and of
    what the pooled one would be for as many exemplars.
    """
    return np.array(
        [_distance(faceprint, np.stack(list(those)), rule) for those in gallery.values()], np.float32
    )


def _distance(faceprint: Faceprint, exemplars: NDArray[np.float32], rule: str) -> float:
    mean = exemplars.mean(axis=0)
    match rule:
        case "nearest":
            return float(np.linalg.norm(exemplars - faceprint, axis=1).min())
        case "mean":
            return float(np.linalg.norm(mean - faceprint))
        case "spread":
            own = float(((exemplars - mean) ** 2).sum(axis=1).mean())
            pooled = POOLED_SPREAD * (1 - 1 / len(exemplars))
            return float(np.sqrt(((mean - faceprint) ** 2).sum() + (own + pooled) / 2))
    raise ValueError(f"no rule is called {rule!r}")
