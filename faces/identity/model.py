"""The embedding model that the library lives by, and how its distances are judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from faces.identity.resolve import Calibration
from faces.identity.unknowns import Grouping
from faces.vision.networks.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the manifest, as identity needs it."""

    calibration: Calibration
    grouping: Grouping

    @property
    def name(self) -> str:
        return self.calibration.model


@cache
def current_model() -> Model:
    """The manifest's preferred embedder."""
    passport = Manifest.load().of_role("embedder")[0]
    embedding = passport.embedding
    assert embedding is not None, "the manifest refuses an embedder without one"
    return Model(
        Calibration(
            model=passport.name,
            auto=embedding.auto,
            suggested=embedding.suggested,
            midpoint=embedding.midpoint,
            slope=embedding.slope,
        ),
        Grouping(model=passport.name, radius=embedding.grouped),
    )
