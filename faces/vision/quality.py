"""How good a look at a face is: a ranker of crops, and a warning about what only poor crops show."""

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image, Landmarks

_FULL_HEIGHT_PX = 90.0
"""From this face height on, size takes nothing from quality: the chip is then hardly enlarged."""
_FULL_SHARPNESS, _FULL_SHARPNESS_OF_A_HALF = 0.12, 0.16
"""Median detail of sharp studio faces, as `_detail` measures it; the most detailed half of a face has a third more."""


def quality(score: float, box: NDArray[np.float32], landmarks: Landmarks, chip: Image) -> float:
    """In [0, 1]: the geometric mean of size, sharpness and frontality, times the detector's score.

    box: (4,), landmarks: (5, 2), in pixels of the full frame; chip: (150, 150, 3).
    """
    size = min(1.0, float(box[3]) / _FULL_HEIGHT_PX)
    product = size * _sharpness(chip) * frontality(landmarks)
    return float(np.clip(score * np.cbrt(product), 0.0, 1.0))


def frontality(landmarks: Landmarks) -> float:
    """In [0.05, 1]: 1 when the nose tip lies midway across the face, falling towards the profile."""
    right_eye, left_eye, nose, right_mouth, left_mouth = landmarks.astype(np.float64)
    across = (left_eye - right_eye) + (left_mouth - right_mouth)
    width = float(np.hypot(*across)) / 2
    if width < 1e-6:
        return 0.05
    axis = across / np.hypot(*across)
    middle = (right_eye + left_eye + right_mouth + left_mouth) / 4
    off = abs(float((nose - middle) @ axis)) / width
    return float(np.clip(1.0 - off / 0.6, 0.05, 1.0))


def focus(chip: Image) -> float:
    """In [0.02, 1]: how sharp a (150, 150, 3) chip's face is where it is sharpest: a half of it may be hidden."""
    grey = _middle(chip)
    down, across = (side // 2 for side in grey.shape)
    halves = grey[:down], grey[down:], grey[:, :across], grey[:, across:]
    return float(np.clip(max(_detail(half) for half in halves) / _FULL_SHARPNESS_OF_A_HALF, 0.02, 1.0))


def _sharpness(chip: Image) -> float:
    """In [0.02, 1]: fine detail of the face's middle against its contrast, which light alone cannot raise."""
    return float(np.clip(_detail(_middle(chip)) / _FULL_SHARPNESS, 0.02, 1.0))


def _middle(chip: Image) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(chip[25:135, 25:125], cv2.COLOR_BGR2GRAY), np.float32)


def _detail(grey: NDArray[np.float32]) -> float:
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 2.0)
    return float(fine.std()) / (float(grey.std()) + 4.0)
