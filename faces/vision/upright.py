"""Tilted faces, looked at again from near with the picture turned: detectors know upright ones and err about others."""

import cmath
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.align import similarity, warped
from faces.vision.detections import Detections
from faces.vision.images import Image, Landmarks
from faces.vision.networks.engine import Detector
from faces.vision.track import overlap

_SETTLED = np.radians(4)
"""Looks go on while they say that a face is tilted by more against how it was looked at; each finds a part of what is
left."""
_MOST_LOOKS = 4
_LOOK_PX, _REACH = 240, 1.2
"""A look is a square of so many pixels, its side so many times the face's: of faces so large YuNet tells nine tenths of
the tilt, of those 100 pixels tall three."""
_SAME = 0.5
"""Least overlap with where it was of a face that is the same."""


def upright(image: Image, found: Detections, detector: Detector) -> Detections:
    """The same faces; the landmarks of tilted ones, in the picture, as seen when it is turned upright for them.

    Those given, where no such look finds the face again.
    """
    landmarks = found.landmarks.copy()
    for i, box in enumerate(found.boxes):
        landmarks[i] = _landmarks(image, box, landmarks[i], detector)
    return replace(found, landmarks=landmarks)


def _landmarks(image: Image, box: NDArray[np.float32], landmarks: Landmarks, detector: Detector) -> Landmarks:
    turned, enough = 0.0, np.radians(detector.upright_degrees)
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
    size = box[2:] * scale
    there = np.concatenate([(_LOOK_PX - size) / 2, size])
    shared = [overlap(other, there) for other in found.boxes]
    if max(shared, default=0.0) < _SAME:
        return None
    back = cv2.invertAffineTransform(matrix)
    seen = found.landmarks[int(np.argmax(shared))] @ back[:, :2].T + back[:, 2]
    return np.asarray(seen, np.float32)
