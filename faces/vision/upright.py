"""Tilted faces, looked at again with the picture turned: detectors know upright ones, and err about others."""

import cmath
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.align import similarity, warped
from faces.vision.detections import Detections
from faces.vision.images import Image, Landmarks
from faces.vision.networks.engine import Detector

_UPRIGHT, _SETTLED = np.radians((10, 3))
"""Of a face that is tilted by less than the one, a second look says nothing new; looks go on down to the other, for
detectors take a face to be tilted by less than it is, and each look finds a part of what is left."""
_MOST_LOOKS = 4
_LOOK_PX, _REACH = 240, 2.4
"""A look is a square of so many pixels, its side so many times the face's."""
_MIDDLE = 0.25
"""How far from the middle of it, by its side, a face may lie to be the same."""


def upright(image: Image, found: Detections, detector: Detector) -> Detections:
    """The same faces; the landmarks of tilted ones, in the picture, as seen when it is turned upright for them.

    Those given, where no such look finds the face again.
    """
    landmarks = found.landmarks.copy()
    for i, box in enumerate(found.boxes):
        landmarks[i] = _landmarks(image, box, landmarks[i], detector)
    return replace(found, landmarks=landmarks)


def _landmarks(image: Image, box: NDArray[np.float32], landmarks: Landmarks, detector: Detector) -> Landmarks:
    turned, enough = 0.0, _UPRIGHT
    for _ in range(_MOST_LOOKS):
        tilt = _tilt(landmarks, detector)
        if abs(cmath.phase(cmath.rect(1, tilt - turned))) < enough:
            break
        seen = _look(image, box, tilt, detector)
        if seen is None:
            break
        landmarks, turned, enough = seen, tilt, _SETTLED
    return landmarks


def _tilt(landmarks: Landmarks, detector: Detector) -> float:
    """By what angle the picture has to be turned for the face to stand upright, in radians."""
    turn, _ = similarity(landmarks, detector.template)
    return float(np.arctan2(turn[1, 0], turn[0, 0]))


def _look(image: Image, box: NDArray[np.float32], tilt: float, detector: Detector) -> Landmarks | None:
    scale = _LOOK_PX / (_REACH * float(box[2:].max()))
    cos, sin = scale * np.cos(tilt), scale * np.sin(tilt)
    turn = np.array([[cos, -sin], [sin, cos]])
    matrix = np.hstack([turn, (_LOOK_PX / 2 - turn @ (box[:2] + box[2:] / 2))[:, None]])
    found = detector.detect(warped(image, matrix, _LOOK_PX), width=None)
    off = np.linalg.norm(found.boxes[:, :2] + found.boxes[:, 2:] / 2 - _LOOK_PX / 2, axis=1)
    if not len(off) or off.min() > _MIDDLE * _LOOK_PX:
        return None
    back = cv2.invertAffineTransform(matrix)
    seen = found.landmarks[int(off.argmin())] @ back[:, :2].T + back[:, 2]
    return np.asarray(seen, np.float32)
