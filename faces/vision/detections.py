"""Faces found in one picture: what every detector gives."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Boxes, Landmarks


@dataclass(frozen=True, slots=True, eq=False)  # eq=False: arrays have no single truth value
class Detections:
    """Row i of every array is the same face; no faces is n == 0.

    boxes: (n, 4) float32, left top width height in pixels of the picture; may reach over its edges.
    landmarks: (n, 5, 2) float32, x y in pixels: the subject's right eye, left eye, nose tip, right and left
        mouth corner.
    scores: (n,) float32 in [0, 1].
    """

    boxes: Boxes
    landmarks: Landmarks
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        shapes = (self.boxes.shape, self.landmarks.shape, self.scores.shape)
        if shapes != ((n, 4), (n, 5, 2), (n,)):
            raise ValueError(f"boxes, landmarks and scores {shapes} are not (n, 4), (n, 5, 2) and (n,)")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def none(cls) -> Self:
        """No faces."""
        return cls(np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32), np.empty(0, np.float32))

    def scaled(self, x: float, y: float) -> Self:
        """The same faces in a picture that is x times as wide and y times as high."""
        xy = np.array([x, y], np.float32)
        return type(self)(self.boxes * np.tile(xy, 2), self.landmarks * xy, self.scores)

    def moved(self, x: float, y: float) -> Self:
        """The same faces in a picture whose corner lies elsewhere."""
        xy = np.array([x, y], np.float32)
        return type(self)(
            self.boxes + np.append(xy, np.zeros(2, np.float32)), self.landmarks + xy, self.scores
        )

    def turned(self, quarters: int, width: int, height: int) -> Self:
        """The same faces once the picture, so wide and high before, is turned counter-clockwise, like `numpy.rot90`."""
        boxes, landmarks = self.boxes, self.landmarks
        for _ in range(quarters % 4):
            left, top, wide, high = boxes.T
            boxes = np.stack([top, width - left - wide, high, wide], axis=1)
            landmarks = np.stack([landmarks[..., 1], width - landmarks[..., 0]], axis=2)
            width, height = height, width
        return type(self)(boxes, landmarks, self.scores)

    def where(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Those faces that a mask or index array picks, in its order."""
        return type(self)(self.boxes[keep], self.landmarks[keep], self.scores[keep])
