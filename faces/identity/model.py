"""The embedding model that the library lives by, and how its distances are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from faces.identity.resolve import Calibration
from faces.identity.unknowns import Grouping
from faces.vision.networks.manifest import Embedding, Manifest


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the manifest, as identity needs it. dim: length of its vectors."""

    calibration: Calibration
    grouping: Grouping
    dim: int

    @property
    def name(self) -> str:
        return self.calibration.model

    def crowding_of(self, vectors: NDArray[np.float16]) -> NDArray[np.float32]:
        """(n,): how near each of these faceprints, (n, dim), lies to faces in general, around 0."""
        return np.zeros(len(vectors), np.float32)

    def crowding_of_point(self, mean: NDArray[np.float16], members: Sequence[float]) -> float:
        """The same for the mean of a person's faceprints, whose own are `members`."""
        return float(np.mean(members))


def current_model() -> Model:
    """The manifest's preferred embedder, judged by the calibration in force."""
    name, embedding = _embedder()
    return Model(
        Calibration(
            model=name,
            auto=embedding.auto,
            suggested=embedding.suggested,
            midpoint=embedding.midpoint,
            slope=embedding.slope,
        ),
        Grouping(model=name, dim=embedding.dim, radius=embedding.grouped),
        embedding.dim,
    )


@cache
def _embedder() -> tuple[str, Embedding]:
    passport = Manifest.load().of_role("embedder")[0]
    assert passport.embedding is not None, "the manifest refuses an embedder without one"
    return passport.name, passport.embedding
