"""The embedding model that the library lives by, and how its distances are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding, digest, document_in
from faces.identity.grouping import GroupingRule
from faces.identity.queries import identity_write
from faces.identity.resolve import Calibration
from faces.identity.unknowns import Grouping
from faces.models import AppliedCalibration, CrowdingFunction
from faces.vision.networks.manifest import Embedding, Manifest, Thresholds


@dataclass(frozen=True, slots=True)
class Measure:
    """How distances are judged. function: names the crowding function that the thresholds are made for, by the digest
    of its document; empty where the model has none."""

    thresholds: Thresholds
    function: str


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

    def crowding_of_points(
        self, means: NDArray[np.float16], spreads: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """(n,): the same for people, each the mean of their faceprints, (n, dim), with their spread, (n,)."""
        if self.crowding is None or not len(means):
            return np.zeros(len(means), np.float32)
        return self.crowding.of_points(means, spreads)


def current_model() -> Model:
    """The manifest's preferred embedder, judged by the measure in force.

    Whoever writes answers takes it from `deciding`, for meanwhile another may be in force.
    """
    return model_judging_by(measure_in_force())


@contextmanager
def deciding() -> Iterator[Model]:
    """A transaction in which nobody else decides or admits tracks, and the model by which its answers are judged.

    What a library's first answers are judged by is kept: a manifest that comes later offers, and changes nothing.
    """
    with identity_write():
        applied = _applied_last() or put_in_force(measures()[0], source="manifest", by=None)
        yield model_judging_by(measure_of(applied))


def measure_in_force() -> Measure:
    """What was put in force last, or the manifest's first."""
    applied = _applied_last()
    return measure_of(applied) if applied is not None else measures()[0]


def measure_of(applied: AppliedCalibration) -> Measure:
    """What was applied, field by field."""
    thresholds = Thresholds(**{field.name: getattr(applied, field.name) for field in fields(Thresholds)})
    return Measure(thresholds, applied.function.digest if applied.function is not None else "")


def measures() -> tuple[Measure, ...]:
    """What the manifest offers for libraries of several sizes, the smallest first: all with its crowding function."""
    function = digest(document) if (document := _embedder()[2]) is not None else ""
    return tuple(Measure(thresholds, function) for thresholds in _embedder()[1].calibrations)


def put_in_force(measure: Measure, *, source: str, by: Any) -> AppliedCalibration:
    """Note that from now on this judges. What is stored is as it was before: see `faces.calibration.apply`."""
    name, function = _embedder()[0], None
    if measure.function:
        function, _ = CrowdingFunction.objects.get_or_create(
            model=name, digest=measure.function, defaults={"document": _document(name, measure.function)}
        )
    return AppliedCalibration.objects.create(
        model=name, function=function, source=source, by=by, **asdict(measure.thresholds)
    )


def model_judging_by(measure: Measure) -> Model:
    """The manifest's preferred embedder, judged as that measure says."""
    name, embedding, _ = _embedder()
    thresholds = measure.thresholds
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
        _function(name, measure.function) if measure.function else None,
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


def _applied_last() -> AppliedCalibration | None:
    found = AppliedCalibration.objects.filter(model=_embedder()[0]).select_related("function")
    return found.defer("function__document").order_by("-pk").first()


@lru_cache(maxsize=8)
def _function(model: str, named: str) -> Crowding:
    return Crowding.of_document(_document(model, named))


def _document(model: str, named: str) -> Mapping[str, Any]:
    """What the crowding function of that digest says: the manifest's, or one that was in force."""
    document = _embedder()[2]
    if document is not None and digest(document) == named:
        return document
    kept: Mapping[str, Any] = CrowdingFunction.objects.get(model=model, digest=named).document
    return kept


@cache
def _embedder() -> tuple[str, Embedding, Mapping[str, Any] | None]:
    """The preferred one's name, what its vectors mean, and what the file of its crowding function says."""
    passport = Manifest.load().of_role("embedder")[0]
    embedding = passport.embedding
    assert embedding is not None, "the manifest refuses an embedder without one"
    return passport.name, embedding, document_in(embedding.crowding) if embedding.crowding else None
