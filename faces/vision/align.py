"""Faces cut out of a picture: aligned chips for the embedder, portraits for people."""

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image, Landmarks

CHIP_PX = 150
PORTRAIT_PX = 192
_PORTRAIT_REACH = 1.9
"""A portrait's side in face heights: hair, chin and a little air."""
_PORTRAIT_RISE = 0.06
"""How far a portrait's centre lies above the box's, in face heights: hair needs more room than a neck."""


def chip(image: Image, landmarks: Landmarks, template: NDArray[np.float32]) -> Image:
    """(150, 150, 3): the face turned, scaled and moved until its (5, 2) landmarks lie on the template."""
    turn, shift = similarity(landmarks, template)
    return warped(image, np.hstack([turn, shift[:, None]]), CHIP_PX)


def portrait(image: Image, box: NDArray[np.float32]) -> Image:
    """(192, 192, 3): a (4,) box and its surroundings; the picture's edges are repeated beyond them."""
    left, top, width, height = (float(v) for v in box)
    scale = PORTRAIT_PX / (_PORTRAIT_REACH * max(width, height))
    x, y = left + width / 2, top + height * (0.5 - _PORTRAIT_RISE)
    middle = PORTRAIT_PX / 2
    matrix = np.array([[scale, 0, middle - scale * x], [0, scale, middle - scale * y]])
    return warped(image, matrix, PORTRAIT_PX)


def similarity(
    source: NDArray[np.float32], target: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The turn-and-scale (2, 2) and shift (2,) that bring (n, 2) points nearest to others, by least squares.

    Points taken as complex numbers, this is the regression w = a z + b; there is no mirroring.
    """
    z, w = (points[:, 0].astype(np.float64) + 1j * points[:, 1] for points in (source, target))
    from_mean = z - z.mean()
    spread = float((abs(from_mean) ** 2).sum())
    a = complex((from_mean.conj() * (w - w.mean())).sum() / spread) if spread else 0j
    b = complex(w.mean() - a * z.mean())
    return np.array([[a.real, -a.imag], [a.imag, a.real]]), np.array([b.real, b.imag])


def warped(image: Image, matrix: NDArray[np.float64], side_px: int) -> Image:
    """(side_px, side_px, 3): a square of the picture under a (2, 3) similarity, its edges repeated beyond them.

    Where much is shrunk it is shrunk by areas first.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if 0 < scale < 0.6:
        image, matrix = _shrunk(image, matrix, side_px, scale)
    size = (side_px, side_px)
    warped = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _shrunk(
    image: Image, matrix: NDArray[np.float64], side_px: int, scale: float
) -> tuple[Image, NDArray[np.float64]]:
    """The part of the picture that the square shows, shrunk to about that scale, and the matrix that leads on.

    It is halved as often as that goes, which is many times as quick as any other shrinking by areas.
    """
    halvings = int(-np.log2(scale))
    whole = 2**halvings
    back = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0, 1], [side_px, 0, 1], [0, side_px, 1], [side_px, side_px, 1]]) @ back.T
    size = np.array(image.shape[1::-1])
    low = np.clip(np.floor(corners.min(axis=0)) - 2, 0, size - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 2 + whole, low + 1, size).astype(int)
    high -= np.where(high - low >= whole, (high - low) % whole, 0)
    part = image[low[1] : high[1], low[0] : high[0]]
    small = np.maximum(1, np.rint((high - low) * scale)).astype(int)
    for _ in range(halvings if min(part.shape[:2]) >= whole else 0):
        part = np.asarray(cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    part = np.asarray(cv2.resize(part, small.tolist(), interpolation=cv2.INTER_AREA), np.uint8)
    # half-pixel centres: pixel i of the small picture covers [i, i + 1) / shrink of the part
    shrink = small / (high - low)
    offset = low + 0.5 / shrink - 0.5
    return part, np.hstack([matrix[:, :2] / shrink, (matrix[:, :2] @ offset + matrix[:, 2])[:, None]])
