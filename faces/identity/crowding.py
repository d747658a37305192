"""How near a faceprint lies to faces in general, so that one radius can mean the same for everybody. No database.

A face that is close to many others needs a smaller radius than one that is far from all. Symmetric normalisation
(s-norm, known from speaker verification) takes that out of a distance: d'(x, m) = d(x, m) - (c(x) + c(m)) / 2, where
c(x) is the mean distance from x to its nearest 5 of a cohort of other people. Here c is not measured on a cohort but
computed by a function that was fitted to one (`tests/benchmarks/crowding.py`), so that nobody's faceprints have to be
kept for it. `docs/benchmarks.md` says what it is worth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class CrowdingUnreadable(ValueError):
    """The file of a crowding function is damaged or of another form; its message names the file."""


def document_in(path: Path) -> Mapping[str, Any]:
    """What such a file says. Raises CrowdingUnreadable, or OSError where there is none."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        Crowding.of_document(document)
    except (ValueError, KeyError, TypeError) as error:
        raise CrowdingUnreadable(f"{path} holds no crowding function: {error}") from error
    return document


def digest(document: Mapping[str, Any]) -> str:
    """16 hex digits that name what a crowding function's file says, however it is laid out."""
    written = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Crowding:
    """c(x) = linear·z + bulk (|z|² - mean |z|²) + Σ weights_k ((axes_k·z)² - variances_k), where z = x - mean.

    In the metric of the faceprints (L2), and centred: its mean over the people it was fitted to is 0, which makes a
    normalised distance as large as a plain one for an average face. Cut off at `lowest` and `highest`, which were
    seen there; beyond them a quadratic function knows nothing.

    version: as its makers count; which of two functions it is, `digest` of their documents says.
    level: the mean distance from a face of the cohort to its nearest 5, of which c is the deviation.
    mean, linear: (dim,); axes: (rank, dim); weights, variances: (rank,); all float64.
    bulk, scatter: the factor of |z|², and the mean of |z|² over the cohort.
    """

    version: int
    level: float
    lowest: float
    highest: float
    mean: NDArray[np.float64]
    linear: NDArray[np.float64]
    bulk: float
    scatter: float
    axes: NDArray[np.float64]
    weights: NDArray[np.float64]
    variances: NDArray[np.float64]

    def __post_init__(self) -> None:
        dim, rank = len(self.mean), len(self.axes)
        shapes = (self.linear.shape, self.axes.shape, self.weights.shape, self.variances.shape)
        if shapes != ((dim,), (rank, dim), (rank,), (rank,)):
            raise ValueError(f"a crowding function of {dim} dimensions and rank {rank} cannot have {shapes}")

    @classmethod
    def load(cls, path: Path) -> Crowding:
        """Read the file beside a network's passport. Raises CrowdingUnreadable, or OSError where there is none."""
        return cls.of_document(document_in(path))

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Crowding:
        """From what the file says. Numbers stand there as integers, in the unit that stands with them."""
        return cls(
            version=int(document["version"]),
            level=float(document["level"]),
            lowest=float(document["lowest"]),
            highest=float(document["highest"]),
            mean=_numbers(document["mean"]),
            linear=_numbers(document["linear"]),
            bulk=float(document["bulk"]),
            scatter=float(document["scatter"]),
            axes=_numbers(document["axes"]),
            weights=np.array(document["weights"], np.float64),
            variances=np.array(document["variances"], np.float64),
        )

    def of(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """(n,) float32: c of (n, dim) faceprints, in single or half precision; it differs by less than 0.001.

        Rounded to 0.00001, so that a faceprint gets the same figure alone and among others.
        """
        z = vectors.astype(np.float64) - self.mean
        squares = (z @ self.axes.T) ** 2 - self.variances
        c = z @ self.linear + self.bulk * ((z**2).sum(axis=1) - self.scatter) + squares @ self.weights
        kept: NDArray[np.float32] = np.clip(c, self.lowest, self.highest).round(5).astype(np.float32)
        return kept

    def of_points(
        self, means: NDArray[np.floating[Any]], spreads: NDArray[np.floating[Any]]
    ) -> NDArray[np.float32]:
        """(n,) float32: c of people, each the mean of some exemplars, (n, dim), with its spread, (n,).

        Distances to such a point are sqrt(|x - mean|² + spread); so are those to its nearest 5, and c with them:
        sqrt((level + c(mean))² + spread) - level. With no spread it is `of`.
        """
        near = self.level + self.of(means).astype(np.float64)
        return (np.sqrt(near**2 + spreads) - self.level).round(5).astype(np.float32)


def _numbers(entry: Mapping[str, Any]) -> NDArray[np.float64]:
    return np.array(entry["values"], np.float64) * float(entry["unit"])
