"""One picture looked at: its faces found, cut out, rated and embedded."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from faces.vision.align import CHIP_PX, PORTRAIT_PX, chip, portrait, warped
from faces.vision.decode import Frame
from faces.vision.detections import Detections
from faces.vision.embed import single_views
from faces.vision.images import Image
from faces.vision.networks import Networks
from faces.vision.quality import quality
from faces.vision.track import Glimpse, Sighting, middle, overlap
from faces.vision.upright import upright

_NEAR_PX, _NEAR_REACH = 160, 2.2
"""A look at one place is a square of so many pixels, its side so many times the face's."""
_NEAR_SCORE = 0.6
"""What the detector must say of it: close to anything there is something that looks like a face."""
SAME_PLACE = 0.3
"""Least overlap of two boxes, one of which was expected where the other is."""


class View:
    """One frame and what is found in it, looked for when asked for. Boxes are in pixels of the full, upright frame.

    longest_px: the longer side of the copy in which faces are looked for.
    """

    def __init__(self, frame: Frame, networks: Networks, longest_px: int, min_score: float) -> None:
        self.frame = frame
        self.at_ms = frame.at_ms
        self._networks, self._longest_px, self._min_score = networks, longest_px, min_score
        self._faces: Detections | None = None

    @property
    def faces(self) -> Detections:
        """All faces of the frame."""
        if self._faces is None:
            found = self._networks.detector.detect(self._copy, width=None)
            found = found.where(found.scores >= self._min_score)
            width, height = self.frame.size_wh
            self._faces = found.scaled(width / self._copy.shape[1], height / self._copy.shape[0])
        return self._faces

    def face_near(self, box: NDArray[np.float32]) -> Glimpse | None:
        """The face that is about where this (4,) box is: of those known, or by a closer look at that place alone."""
        if self._faces is not None and (known := _nearest(self._faces, box, self.at_ms)) is not None:
            return known
        zoom = _NEAR_PX / (_NEAR_REACH * float(box[2:].max()) * self._scale)
        corner = _NEAR_PX / 2 - zoom * self._scale * middle(box)
        matrix = np.array([[zoom, 0, corner[0]], [0, zoom, corner[1]]])
        found = self._networks.detector.detect(warped(self._copy, matrix, _NEAR_PX), width=None)
        found = found.where(found.scores >= max(self._min_score, _NEAR_SCORE))
        full = 1 / (zoom * self._scale)
        return _nearest(found.moved(-float(corner[0]), -float(corner[1])).scaled(full, full), box, self.at_ms)

    @cached_property
    def _copy(self) -> Image:
        return self.frame.image(self._longest_px)

    @cached_property
    def _scale(self) -> float:
        return float(self._copy.shape[1] / self.frame.size_wh[0])


def _nearest(found: Detections, box: NDArray[np.float32], at_ms: int) -> Glimpse | None:
    shared = [overlap(other, box) for other in found.boxes]
    if max(shared, default=0.0) < SAME_PLACE:
        return None
    best = int(np.argmax(shared))
    return Glimpse(at_ms, found.boxes[best], float(found.scores[best]))


def confirmed(looks: list[Sighting], networks: Networks, min_score: float) -> bool:
    """Whether the detector, shown the portraits alone, finds a face in their middle too.

    Folds of cloth and blurred backgrounds may look like a face at one scale; a face does at every scale.
    """
    scores = []
    for look in looks:
        found = networks.detector.detect(look.portrait, width=None)
        off = np.abs(found.boxes[:, :2] + found.boxes[:, 2:] / 2 - PORTRAIT_PX / 2).max(axis=1, initial=0)
        scores.append(float(found.scores[off < PORTRAIT_PX / 5].max(initial=0)))
    return float(np.mean(scores)) >= min_score


def sightings(view: View, networks: Networks) -> list[Sighting]:
    """Each face of the frame with its chip, portrait, quality and vector."""
    if len(view.faces) == 0:
        return []
    image = view.frame.image()
    found = upright(image, view.faces, networks.detector)
    chips = np.empty((len(found), CHIP_PX, CHIP_PX, 3), np.uint8)
    for i, landmarks in enumerate(found.landmarks):
        chips[i] = chip(image, landmarks, networks.detector.template)
    vectors = single_views(chips, networks)
    return [
        Sighting(
            at_ms=view.at_ms,
            box=found.boxes[i],
            landmarks=found.landmarks[i],
            score=float(found.scores[i]),
            quality=quality(float(found.scores[i]), found.boxes[i], found.landmarks[i], chips[i]),
            chip=chips[i],
            portrait=portrait(image, found.boxes[i]),
            vector=vectors[i],
        )
        for i in range(len(found))
    ]
