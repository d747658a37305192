"""Faces looked at again, from near and upright, for their landmarks: detectors are made to find, and know upright ones.

Of YuNet's landmarks, those of a face 100 pixels tall show three tenths of its tilt, those of one 200 pixels tall nine.
"""

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

_UPRIGHT, _SETTLED = np.radians((8, 4))
"""Of a face that is tilted by less than the one, another look says nothing new; looks go on down to the other."""
_MOST_LOOKS = 4
"""Each finds a part of the tilt that is left."""
_VIEWS = ((240, 2.4), (320, 1.6))
"""A look is two squares of so many pixels, their sides so many times the face's; what they say is averaged, as either
errs: from near about what hides a face, from afar about its tilt."""
_SAME = 0.5
"""Least overlap with where it was of a face that is the same."""


def upright(image: Image, found: Detections, detector: Detector, *, every: bool) -> Detections:
    """The same faces; their landmarks, in the picture, as seen from near with the picture turned upright for them.

    Those given, where no such look finds the face again. every: not only of faces that are found tilted, which is worth
    its time where there is but one picture of a face; over a track, errors level out.
    """
    landmarks = found.landmarks.copy()
    for i, box in enumerate(found.boxes):
        landmarks[i] = _landmarks(image, box, landmarks[i], detector, every and detector.levels_small_faces)
    return replace(found, landmarks=landmarks)


def _landmarks(
    image: Image, box: NDArray[np.float32], landmarks: Landmarks, detector: Detector, every: bool
) -> Landmarks:
    tilt = _tilt(landmarks, detector)
    if abs(tilt) < _UPRIGHT:
        if not every:
            return landmarks
        tilt = 0.0
    for _ in range(_MOST_LOOKS):
        seen = _look(image, box, tilt, detector)
        if seen is None:
            break
        landmarks, turned, tilt = seen, tilt, _tilt(seen, detector)
        if abs(cmath.phase(cmath.rect(1, tilt - turned))) < (_SETTLED if turned else _UPRIGHT):
            break
    return landmarks


def _tilt(landmarks: Landmarks, detector: Detector) -> float:
    """By what angle the picture has to be turned for the face to stand upright, in radians."""
    turn, _ = similarity(landmarks, detector.template)
    return float(np.arctan2(turn[1, 0], turn[0, 0]))


def _look(image: Image, box: NDArray[np.float32], tilt: float, detector: Detector) -> Landmarks | None:
    """(5, 2): the landmarks of the face there, as the views that find it say on average; None where none does."""
    seen = [_seen(image, box, tilt, detector, side_px, reach) for side_px, reach in _VIEWS]
    again = [landmarks for landmarks in seen if landmarks is not None]
    return np.asarray(np.mean(again, axis=0), np.float32) if again else None


def _seen(
    image: Image, box: NDArray[np.float32], tilt: float, detector: Detector, side_px: int, reach: float
) -> Landmarks | None:
    scale = side_px / (reach * float(box[2:].max()))
    cos, sin = scale * np.cos(tilt), scale * np.sin(tilt)
    turn = np.array([[cos, -sin], [sin, cos]])
    matrix = np.hstack([turn, (side_px / 2 - turn @ (box[:2] + box[2:] / 2))[:, None]])
    found = detector.detect(warped(image, matrix, side_px), width=None)
    size = box[2:] * scale
    there = np.concatenate([(side_px - size) / 2, size])
    shared = [overlap(other, there) for other in found.boxes]
    if max(shared, default=0.0) < _SAME:
        return None
    back = cv2.invertAffineTransform(matrix)
    landmarks = found.landmarks[int(np.argmax(shared))] @ back[:, :2].T + back[:, 2]
    return np.asarray(landmarks, np.float32)
