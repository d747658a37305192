"""People by their exemplars, and how far a faceprint is from each: what all benchmarks judge by."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.vision import Faceprint
from tests.benchmarks.pack import between

Gallery: TypeAlias = Mapping[str, Sequence[Faceprint]]
"""At least one exemplar of each person."""

POOLED_SPREAD = 0.086
"""Variance of one person's faceprints around their mean, pooled over 300 people of LFW (`calibration.py`)."""
RULES = ("nearest", "mean of distances", "mean", "spread")


def distances(
    faceprints: NDArray[np.float32],
    gallery: Gallery,
    rule: str,
    crowding: Crowding | None = None,
    weight: float = 1.0,
    qualities: Mapping[str, Sequence[float]] | None = None,
) -> NDArray[np.float64]:
    """(n, people) distances of (n, dim) faceprints in the gallery's order, by one of `RULES`.

    nearest: to the nearest exemplar.  mean of distances: over the exemplars.  mean: to the mean of the exemplars.
    spread: to that mean, with the variance given back that taking a mean removes, so that one radius suits people of
    one exemplar and of many: sqrt(|x - mean|² + spread), where the spread is the mean of the person's own and of
    what the pooled one would be for as many exemplars.

    crowding, weight: less weight · (c(x) + c(person)) / 2; None: plain distances.
    qualities: of the exemplars; where given, means are weighted by them.
    """
    relief = weight / 2
    own = relief * crowding.of(faceprints).astype(np.float64)[:, None] if crowding else 0.0
    if rule in ("nearest", "mean of distances"):
        exemplars = np.concatenate([np.stack(list(those)) for those in gallery.values()])
        each = between(faceprints, exemplars) - own
        if crowding:
            each -= relief * crowding.of(exemplars)
        borders = np.cumsum([0, *(len(those) for those in gallery.values())])
        if rule == "nearest":
            return np.asarray(np.minimum.reduceat(each, borders[:-1], axis=1), np.float64)
        return np.asarray(np.add.reduceat(each, borders[:-1], axis=1) / np.diff(borders), np.float64)
    means, spreads = points(gallery, qualities)
    if rule == "mean":
        spreads = np.zeros(len(means))
    elif rule != "spread":
        raise ValueError(f"no rule is called {rule!r}")
    found = np.sqrt(between(faceprints, means) ** 2 + spreads) - own
    return found - relief * crowding.of_points(means, spreads) if crowding else found


def points(
    gallery: Gallery, qualities: Mapping[str, Sequence[float]] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(people, dim) means of the exemplars, in half precision as a database keeps them, and (people,) spreads."""
    means, spreads = [], []
    for name, those in gallery.items():
        exemplars = np.stack(list(those)).astype(np.float64)
        means.append(np.average(exemplars, axis=0, weights=qualities[name] if qualities else None))
        own = float(exemplars.var(axis=0).sum())
        pooled = POOLED_SPREAD * (1 - 1 / len(exemplars))
        spreads.append((own + pooled) / 2)
    return np.array(means).astype(np.float16).astype(np.float32), np.array(spreads)
