"""The embedding model that the library lives by, and how its distances are judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.identity.grouping import GroupingRule
from faces.identity.queries import identity_write
from faces.identity.resolve import Calibration
from faces.identity.unknowns import Grouping
from faces.models import AppliedCalibration
from faces.vision.networks.manifest import Embedding, Manifest, Thresholds


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the manifest, as identity needs it. dim: length of its vectors. crowding: its function, if any."""

    calibration: Calibration
    grouping: Grouping
    dim: int
    crowding: Crowding | None = None

    @property
    def name(self) -> str:
        return self.calibration.model

    @property
    def spread(self) -> float:
        """Variance of one person's faceprints around their mean, in general."""
        return self.grouping.rule.spread

    def crowding_of(self, vectors: NDArray[np.float16]) -> NDArray[np.float32]:
        """(n,): how near each of these faceprints, (n, dim), lies to faces in general, around 0."""
        if self.crowding is None or not len(vectors):
            return np.zeros(len(vectors), np.float32)
        return self.crowding.of(vectors)

    def crowding_of_point(self, mean: NDArray[np.float16], spread: float) -> float:
        """The same for the mean, (dim,), of a person's faceprints with this spread."""
        if self.crowding is None:
            return 0.0
        return float(self.crowding.of_points(mean[None], np.array([spread]))[0])


def current_model() -> Model:
    """The manifest's preferred embedder, judged by the thresholds in force.

    Whoever writes answers takes it from `deciding`, for meanwhile others may be in force.
    """
    return model_judging_by(thresholds_in_force())


@contextmanager
def deciding() -> Iterator[Model]:
    """A transaction in which nobody else decides or admits tracks, and the model by which its answers are judged."""
    with identity_write():
        yield current_model()


def thresholds_in_force() -> Thresholds:
    """Those that were applied last, or the manifest's first."""
    name, embedding, _ = _embedder()
    applied = AppliedCalibration.objects.filter(model=name).order_by("-pk").first()
    return thresholds_of(applied) if applied is not None else embedding.calibrations[0]


def thresholds_of(applied: AppliedCalibration) -> Thresholds:
    """What was applied, field by field."""
    return Thresholds(**{field.name: getattr(applied, field.name) for field in fields(Thresholds)})


def model_judging_by(thresholds: Thresholds) -> Model:
    """The manifest's preferred embedder, judged as that calibration says."""
    name, embedding, crowding = _embedder()
    return Model(
        Calibration(
            model=name,
            auto=thresholds.auto,
            suggested=thresholds.suggested,
            midpoint=thresholds.midpoint,
            slope=thresholds.slope,
            crowding=thresholds.crowding,
        ),
        grouping_by(name, embedding),
        embedding.dim,
        crowding,
    )


def grouping_by(model: str, embedding: Embedding) -> Grouping:
    """How that model's tracks are grouped; names and their calibration have no say in it."""
    return Grouping(
        model=model,
        dim=embedding.dim,
        rule=GroupingRule(
            radius=embedding.grouping.radius,
            tighter=embedding.grouping.tighter,
            crowding=embedding.grouping.crowding,
            spread=embedding.spread,
        ),
    )


def calibrations() -> tuple[Thresholds, ...]:
    """What the manifest offers for libraries of several sizes, the smallest first."""
    return _embedder()[1].calibrations


@cache
def _embedder() -> tuple[str, Embedding, Crowding | None]:
    passport = Manifest.load().of_role("embedder")[0]
    embedding = passport.embedding
    assert embedding is not None, "the manifest refuses an embedder without one"
    return passport.name, embedding, Crowding.load(embedding.crowding) if embedding.crowding else None
