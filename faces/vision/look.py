"""One picture looked at: its faces found, cut out, rated and embedded."""

import numpy as np

from faces.vision.align import CHIP_PX, PORTRAIT_PX, chip, portrait
from faces.vision.decode import Frame
from faces.vision.detections import Detections
from faces.vision.networks import Networks
from faces.vision.quality import quality
from faces.vision.track import Sighting


def find_faces(frame: Frame, networks: Networks, longest_px: int, min_score: float) -> Detections:
    """The faces of a frame in pixels of the full, upright frame, found in a copy of `longest_px`."""
    small = frame.image(longest_px)
    found = networks.detector.detect(small, width=None)
    found = found.where(found.scores >= min_score)
    width, height = frame.size_wh
    return found.scaled(width / small.shape[1], height / small.shape[0])


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


def sightings(frame: Frame, found: Detections, networks: Networks) -> list[Sighting]:
    """Each of the found faces with its chip, portrait, quality and vector."""
    if len(found) == 0:
        return []
    image = frame.image()
    chips = np.empty((len(found), CHIP_PX, CHIP_PX, 3), np.uint8)
    for i, landmarks in enumerate(found.landmarks):
        chips[i] = chip(image, landmarks, networks.detector.template)
    vectors = networks.embedder.embed(chips)
    return [
        Sighting(
            at_ms=frame.at_ms,
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
