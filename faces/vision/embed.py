"""Faceprints of aligned chips: the mean over a few views of each, which halves the embedder's own unrest."""

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.align import CHIP_PX
from faces.vision.networks import Networks
from faces.vision.sharpen import sharpened

_CLOSER = 1.04
_SHIFT_PX = 4.0
"""Two of the views are a little closer, one higher and one lower: as far as landmarks err."""


def faceprints(
    chips: NDArray[np.uint8], networks: Networks, plain: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """(n, dim) float32 of (n, 150, 150, 3) BGR chips, in the embedder's own space, not normalised.

    Each is the mean over four views: as it is, its mirror image, one nudged up and one nudged down and mirrored.
    plain: what `single_views` says of the chips, where that is known.
    """
    if len(chips) == 0:
        return np.empty((0, networks.embedder.dim), np.float32)
    chips = sharpened(chips)
    plain = networks.embedder.embed(chips) if plain is None else plain
    views = (
        _mirrored(chips),
        np.stack([_nudged(chip, -_SHIFT_PX) for chip in chips]),
        _mirrored(np.stack([_nudged(chip, _SHIFT_PX) for chip in chips])),
    )
    others = networks.embedder.embed(np.concatenate(views)).reshape(len(views), len(chips), -1)
    mean: NDArray[np.float32] = np.concatenate([plain[None], others]).mean(axis=0)
    return mean


def single_views(chips: NDArray[np.uint8], networks: Networks) -> NDArray[np.float32]:
    """(n, dim) float32 of (n, 150, 150, 3) BGR chips: each as it is, a quarter of the work and not as steady."""
    return networks.embedder.embed(sharpened(chips))


def _mirrored(chips: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return chips[:, :, ::-1]


def _nudged(chip: NDArray[np.uint8], down_px: float) -> NDArray[np.uint8]:
    middle = (CHIP_PX - 1) / 2
    matrix = np.array([[_CLOSER, 0, middle * (1 - _CLOSER)], [0, _CLOSER, middle * (1 - _CLOSER) + down_px]])
    size = (CHIP_PX, CHIP_PX)
    nudged = cv2.warpAffine(chip, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(nudged, np.uint8)
