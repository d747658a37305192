"""The detectors: YuNet, and CenterFace where YuNet's file cannot be had."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.detections import Detections
from faces.vision.images import Image
from faces.vision.networks.engine import Session, with_free_size
from faces.vision.networks.weights import Weights

MIN_SCORE = 0.5
_MAX_OVERLAP = 0.3
"""Of two boxes whose intersection over union is larger, the less sure one is dropped."""
_MULTIPLE = 32
"""Both networks halve the picture five times."""


class YuNet:
    """Wu, Peng, Yu: YuNet (2023). One anchor for each cell at strides 8, 16 and 32."""

    scan_px = 960
    surest_upright = True
    """In 513 photographs, of 603 faces, once not, by .03."""
    upright_degrees = 4.0
    _STRIDES = (8, 16, 32)

    def __init__(self, weights: Weights, *, threads: int = 1, min_score: float = MIN_SCORE) -> None:
        self.name = weights.passport.name
        self.template = _template(weights)
        self._session = Session(with_free_size(weights.path), threads=threads)
        self._min_score = min_score
        self._outputs = [f"{head}_{s}" for s in self._STRIDES for head in ("cls", "obj", "bbox", "kps")]

    @property
    def provider(self) -> str:
        """What it runs on: CPU, CUDA …"""
        return self._session.provider

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        """As `Detector.detect`."""
        fitted = _Fitted.of(image, width)
        blob = np.ascontiguousarray(fitted.pixels.transpose(2, 0, 1)[None], np.float32)
        outputs = self._session.run(blob, self._outputs)
        columns = blob.shape[3]
        levels = [
            self._level(outputs[4 * i : 4 * i + 4], stride, columns // stride)
            for i, stride in enumerate(self._STRIDES)
        ]
        return fitted.back(_distinct(_joined(levels)))

    def _level(self, heads: Sequence[NDArray[np.float32]], stride: int, columns: int) -> Detections:
        cls, obj, bbox, kps = (head[0] for head in heads)
        scores = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        sure = np.flatnonzero(scores >= self._min_score)
        cells = np.stack([sure % columns, sure // columns], axis=1).astype(np.float32)
        centres = (cells + bbox[sure, :2]) * stride
        sizes = np.exp(bbox[sure, 2:]) * stride
        landmarks = (cells[:, None] + kps[sure].reshape(-1, 5, 2)) * stride
        return Detections(np.hstack([centres - sizes / 2, sizes]), landmarks, scores[sure])


class CenterFace:
    """Xu, Yan, Yang: CenterFace (2019). A heat map of face centres at stride 4."""

    scan_px = 640
    surest_upright = False
    """In 28 of 192 photographs it was surer of one turned."""
    upright_degrees = 10.0
    _STRIDE = 4
    _TALLEST = 250
    """Landmarks of taller faces, in pixels of the network's input, are off by 10 px and more."""
    _PATCH, _PATCH_PX = 1.6, 256
    """Such a face is looked at again, alone: a square so many times its box, at this size."""

    def __init__(self, weights: Weights, *, threads: int = 1, min_score: float = MIN_SCORE) -> None:
        self.name = weights.passport.name
        self.template = _template(weights)
        self._session = Session(with_free_size(weights.path), threads=threads)
        self._min_score = min_score

    @property
    def provider(self) -> str:
        """What it runs on: CPU, CUDA …"""
        return self._session.provider

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        """As `Detector.detect`."""
        found = self._detect(image, width)
        scale = _scale(image, width)
        landmarks = found.landmarks.copy()
        for row in np.flatnonzero(found.boxes[:, 3] * scale > self._TALLEST):
            again = self._landmarks_alone(image, found.boxes[row])
            if again is not None:
                landmarks[row] = again
        return Detections(found.boxes, landmarks, found.scores)

    def _detect(self, image: Image, width: int | None) -> Detections:
        fitted = _Fitted.of(image, width)
        rgb = fitted.pixels[:, :, ::-1]
        blob = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], np.float32)
        heat, scale, offset, marks = (head[0] for head in self._session.run(blob))
        rows, columns = np.nonzero(heat[0] >= self._min_score)
        # the heads give y before x
        sizes = np.exp(scale[::-1, rows, columns].T) * self._STRIDE
        centres = np.stack([columns, rows], axis=1) + offset[::-1, rows, columns].T + 0.5
        corners = centres * self._STRIDE - sizes / 2
        parts = marks[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
        landmarks = corners[:, None] + parts * sizes[:, None]
        boxes = np.hstack([corners, sizes]).astype(np.float32)
        found = Detections(boxes, landmarks.astype(np.float32), heat[0, rows, columns])
        return fitted.back(_distinct(found))

    def _landmarks_alone(self, image: Image, box: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """(5, 2) landmarks of one face from a patch around it, or None where it is not found there again."""
        centre, half = box[:2] + box[2:] / 2, float(box[2:].max()) * self._PATCH / 2
        scale = self._PATCH_PX / (2 * half)
        to_patch = np.array([[scale, 0, 0], [0, scale, 0]], np.float32)
        to_patch[:, 2] = self._PATCH_PX / 2 - scale * centre
        patch = cv2.warpAffine(image, to_patch, (self._PATCH_PX, self._PATCH_PX), flags=cv2.INTER_AREA)
        found = self._detect(np.asarray(patch, np.uint8), None)
        if len(found) == 0:
            return None
        middles = found.boxes[:, :2] + found.boxes[:, 2:] / 2
        nearest = int(np.linalg.norm(middles - self._PATCH_PX / 2, axis=1).argmin())
        landmarks: NDArray[np.float32] = (found.landmarks[nearest] - to_patch[:, 2]) / scale
        return landmarks


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A picture scaled down, then padded at its right and bottom; x, y: by how much it was scaled."""

    pixels: Image
    x: float
    y: float

    @classmethod
    def of(cls, image: Image, width: int | None) -> "_Fitted":
        height, breadth = image.shape[:2]
        scale = _scale(image, width)
        size = max(1, round(breadth * scale)), max(1, round(height * scale))
        pixels = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        down, right = -size[1] % _MULTIPLE, -size[0] % _MULTIPLE
        padded = cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        return cls(np.asarray(padded, np.uint8), size[0] / breadth, size[1] / height)

    def back(self, found: Detections) -> Detections:
        """The faces in pixels of the picture that was given."""
        return found.scaled(1 / self.x, 1 / self.y)


def _scale(image: Image, width: int | None) -> float:
    return 1.0 if width is None else min(1.0, width / max(image.shape[:2]))


def _joined(parts: Sequence[Detections]) -> Detections:
    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def _distinct(found: Detections) -> Detections:
    """Each face once, the surest first."""
    if len(found) == 0:
        return found
    keep = cv2.dnn.NMSBoxes(found.boxes.tolist(), found.scores.tolist(), 0.0, _MAX_OVERLAP)
    return found.where(np.asarray(keep, np.intp).reshape(-1))


def _template(weights: Weights) -> NDArray[np.float32]:
    return np.array(weights.passport.template, np.float32)
