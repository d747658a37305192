"""The embedding model that the library lives by, and how its distances are judged.

The newest applied calibration says both: a switch to another model, as to other thresholds, is another row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from faces.vision.networks.manifest import Embedding, Manifest, ManifestError, Thresholds


class ModelSwitched(Exception):
    """Faceprints were made by a model that is no longer in force."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How distances are judged. model: whose faceprints these are between. function: names the crowding function that
    the thresholds are made for, by the digest of its document; empty where the model has none."""

    model: str
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
    """The embedder in force, judged by the measure in force.

    Whoever writes answers takes it from `deciding`, for meanwhile another may be in force.
    """
    return model_judging_by(measure_in_force())


@contextmanager
def deciding(made_by: str | None = None) -> Iterator[Model]:
    """A transaction in which nobody else decides or admits tracks, and the model by which its answers are judged.

    What a library's first answers are judged by is kept: a manifest that comes later offers, and changes nothing.

    made_by: the model of the faceprints that are to be stored within. Raises ModelSwitched where another came into
    force since they were made: what one model made is never stored as another's.
    """
    with identity_write():
        applied = last_applied() or put_in_force(measures()[0], source="manifest", by=None)
        if made_by not in (None, applied.model):
            raise ModelSwitched(
                f"The library has changed from the model {made_by} to {applied.model} meanwhile. What was under way is "
                "not stored; try again."
            )
        yield model_judging_by(measure_of(applied))


def measure_in_force() -> Measure:
    """What was put in force last, or the first of the manifest's preferred embedder."""
    applied = last_applied()
    return measure_of(applied) if applied is not None else measures(embedders()[0])[0]


def last_applied(model: str | None = None) -> AppliedCalibration | None:
    """What was put in force last, of all or of one model; None where nothing was."""
    found = AppliedCalibration.objects.select_related("function").defer("function__document")
    return (found if model is None else found.filter(model=model)).order_by("-pk").first()


def measure_of(applied: AppliedCalibration) -> Measure:
    """What was applied, field by field."""
    thresholds = Thresholds(**{field.name: getattr(applied, field.name) for field in fields(Thresholds)})
    function = applied.function.digest if applied.function is not None else ""
    return Measure(applied.model, thresholds, function)


def embedders() -> tuple[str, ...]:
    """The models that the manifest knows, the preferred one first."""
    return tuple(passport.name for passport in Manifest.load().of_role("embedder"))


def measures(model: str | None = None) -> tuple[Measure, ...]:
    """What the manifest offers for libraries of several sizes, the smallest first: all with its crowding function.

    model: by default the one in force.
    """
    model = measure_in_force().model if model is None else model
    embedding, document = _embedder(model)
    function = digest(document) if document is not None else ""
    return tuple(Measure(model, thresholds, function) for thresholds in embedding.calibrations)


def fitting(offered: Sequence[Measure], people: int) -> Measure:
    """Of what a manifest offers, what is made for so many people, or for the most."""
    found = [measure for measure in offered if measure.thresholds.people <= people * 2]
    return found[-1] if found else offered[0]


def put_in_force(measure: Measure, *, source: str, by: Any) -> AppliedCalibration:
    """Note that from now on this judges. What is stored is as it was before: see `faces.calibration.apply`."""
    name, function = measure.model, None
    if measure.function:
        function, _ = CrowdingFunction.objects.get_or_create(
            model=name, digest=measure.function, defaults={"document": _document(name, measure.function)}
        )
    return AppliedCalibration.objects.create(
        model=name, function=function, source=source, by=by, **asdict(measure.thresholds)
    )


def model_judging_by(measure: Measure) -> Model:
    """The measure's model, judged as it says."""
    name, (embedding, _) = measure.model, _embedder(measure.model)
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


@lru_cache(maxsize=8)
def _function(model: str, named: str) -> Crowding:
    return Crowding.of_document(_document(model, named))


def _document(model: str, named: str) -> Mapping[str, Any]:
    """What the crowding function of that digest says: the manifest's, or one that was in force."""
    _, document = _embedder(model)
    if document is not None and digest(document) == named:
        return document
    kept: Mapping[str, Any] = CrowdingFunction.objects.get(model=model, digest=named).document
    return kept


@cache
def _embedder(model: str) -> tuple[Embedding, Mapping[str, Any] | None]:
    """What that model's vectors mean, and what the file of its crowding function says. Raises ManifestError."""
    found = [passport for passport in Manifest.load().of_role("embedder") if passport.name == model]
    if not found:
        raise ManifestError(
            f"the manifest knows no embedder {model}. Nothing was changed; put its passport back into "
            "models/manifest.toml"
        )
    embedding = found[0].embedding
    assert embedding is not None, "the manifest refuses an embedder without one"
    return embedding, document_in(embedding.crowding) if embedding.crowding else None
