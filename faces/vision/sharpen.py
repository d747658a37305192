"""Faces out of focus, or blurred by movement, made more like the sharp ones that embedders learn from."""

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image
from faces.vision.quality import focus

_FINE_PX, _MOST_GAIN, _LEAST_GAIN = 3.5, 4.0, 0.05
"""Detail finer than that is raised to what sharp faces show, at the most so far, and at least for the trouble: the
embedder learnt from sharp faces, and takes soft ones for one another."""
_STREAK_PX, _STREAK_GAIN = 14, 2.0
_STILL, _MOVED = 0.5, 0.65
"""What is added across the streaks of a face that moved; how much its edges lie in one direction, from 0 to 1, where
it surely stood still and where it surely moved."""


def sharpened(chips: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of (n, 150, 150, 3) BGR chips those that lack detail with it raised (unsharp masking); sharp ones as they are."""
    return np.stack([_sharpened(chip) for chip in chips]) if len(chips) else chips


def _sharpened(chip: Image) -> Image:
    one_way, across = _edges(chip)
    moved = float(np.clip((one_way - _STILL) / (_MOVED - _STILL), 0, 1))
    soft = (1 - moved) * min(1 / focus(chip) - 1, _MOST_GAIN)
    if soft > _LEAST_GAIN:
        chip = _raised(chip, np.asarray(cv2.GaussianBlur(chip, (0, 0), _FINE_PX), np.uint8), soft)
    if moved > _LEAST_GAIN:
        streaked = cv2.filter2D(chip, -1, _line(across + np.pi / 2), borderType=cv2.BORDER_REPLICATE)
        chip = _raised(chip, np.asarray(streaked, np.uint8), moved * _STREAK_GAIN)
    return chip


def _edges(chip: Image) -> tuple[float, float]:
    """How much the edges of a chip's middle lie in one direction, and the angle across them, in radians: coherence and
    orientation of the structure tensor (Jaehne, Digital Image Processing, chapter 13)."""
    grey = cv2.cvtColor(chip[25:135, 25:125], cv2.COLOR_BGR2GRAY).astype(np.float32)
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    return float(np.hypot(xx - yy, 2 * xy)) / (xx + yy + 1e-6), float(np.arctan2(2 * xy, xx - yy)) / 2


def _line(angle: float) -> NDArray[np.float32]:
    """A kernel that smears along that angle, as movement does."""
    side = _STREAK_PX | 1
    kernel = np.zeros((side, side), np.float32)
    middle = np.array([side // 2, side // 2])
    for reach in np.linspace(-_STREAK_PX / 2, _STREAK_PX / 2, 4 * _STREAK_PX + 1):
        column, row = np.rint(middle + reach * np.array([np.cos(angle), np.sin(angle)])).astype(int)
        kernel[row, column] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)


def _raised(chip: Image, coarse: Image, gain: float) -> Image:
    return np.asarray(cv2.addWeighted(chip, 1 + gain, coarse, -gain, 0), np.uint8)
