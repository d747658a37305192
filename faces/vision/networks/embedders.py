"""The embedders: networks that eat aligned chips."""

import numpy as np
from numpy.typing import NDArray

from faces.vision.networks.dlib_resnet import CHIP_PX
from faces.vision.networks.engine import Session
from faces.vision.networks.quantised import adds_bytes_exactly, quantised
from faces.vision.networks.weights import Weights

_BATCH = 8
"""Chips at once: beyond it a CPU gains nothing."""


class ChipEmbedder:
    """A network whose file takes chips as they are, such as our conversion of dlib's ResNet.

    eight_bits: on processors that are good at it, and where its passport has ranges. Its vectors then are not quite the
    same, docs/benchmarks.md says by how much, and can be compared with the others.
    """

    def __init__(self, weights: Weights, *, threads: int = 1, eight_bits: bool = False) -> None:
        if weights.passport.embedding is None:
            raise ValueError(f"{weights.passport.name} is no embedder")
        self.name = weights.passport.name
        self._embedding = weights.passport.embedding
        self.dim = self._embedding.dim
        content = weights.path.read_bytes()
        self._session = Session(content, threads=threads)
        ranges = weights.passport.ranges
        if eight_bits and ranges is not None and self.provider == "CPU" and adds_bytes_exactly():
            self._session = Session(quantised(content, ranges), threads=threads)

    @property
    def provider(self) -> str:
        """What it runs on: CPU, CUDA …"""
        return self._session.provider

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As `Embedder.embed`. Raises ValueError on chips of another shape or type."""
        if chips.shape[1:] != (CHIP_PX, CHIP_PX, 3) or chips.dtype != np.uint8:
            raise ValueError(f"chips {chips.shape} {chips.dtype} are not (n, {CHIP_PX}, {CHIP_PX}, 3) uint8")
        vectors = np.empty((len(chips), self.dim), np.float32)
        for start in range(0, len(chips), _BATCH):
            batch = np.ascontiguousarray(chips[start : start + _BATCH])
            vectors[start : start + _BATCH] = self._session.run(batch)[0]
        if self._embedding.metric == "cosine":
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        vectors *= np.float32(self._embedding.scale)
        return vectors
