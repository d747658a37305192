"""Photographs: read safely, and their faces found at any size."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.vision.align import chip, portrait
from faces.vision.detections import Detections
from faces.vision.embed import faceprints
from faces.vision.errors import PhotoUnreadable
from faces.vision.images import Faceprint, Image, Landmarks
from faces.vision.networks import Networks
from faces.vision.networks.engine import Detector
from faces.vision.picture import DAMAGED, opened, pixels
from faces.vision.pose import Pose, pose
from faces.vision.quality import quality
from faces.vision.track import overlap
from faces.vision.upright import upright

_LOOKS_PX = (320, 960, 2400)
"""Longer sides at which a photograph is searched: a face that fills it is found small."""
_TURNED_LOOKS_PX = (320, 960)
"""The same where a photograph may lie on its side, or on its head."""
_SURER = 0.02
"""By how much its surest face must be surer then than as the photograph is."""
_SAME_FACE = 0.4
"""Intersection over union above which two looks have found the same face."""
_MIN_SCORE = 0.6
"""A photograph cannot confirm a doubtful face a moment later, as a video can."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFace:
    """One face of a photograph. Shapes and units as in `Crop` and `FoundTrack`."""

    box: NDArray[np.float32]
    landmarks: Landmarks
    score: float
    quality: float
    faceprint: Faceprint
    chip: Image
    portrait: Image

    @property
    def pose(self) -> Pose:
        """How the face is turned."""
        return pose(self.landmarks)


def read_photo(data: bytes) -> Image:
    """A JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF as an upright BGR picture, EXIF orientation applied.

    Raises PhotoUnreadable, or MediaTooLarge before the pixels of a hostile picture are decoded.
    """
    try:
        with opened(io.BytesIO(data)) as photo:
            return pixels(photo)
    except DAMAGED as error:
        raise PhotoUnreadable(
            "The file is no picture that can be read (JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF), or is "
            "damaged. Nothing was stored; save it again as JPEG and try again."
        ) from error


def faces_in_photo(image: Image, networks: Networks) -> list[PhotoFace]:
    """The faces of a picture, the largest first; none is an empty list.

    One that lies on its side or on its head, as scanned prints do, is turned upright first: chips and portraits stand,
    boxes and landmarks are where the faces are in the picture given.
    """
    quarters = _quarters(image, networks.detector)
    standing = np.ascontiguousarray(np.rot90(image, quarters))
    found = _found(standing, networks.detector, _LOOKS_PX)
    if len(found) == 0:
        return []
    found = upright(standing, found, networks.detector)
    chips = np.stack([chip(standing, landmarks, networks.detector.template) for landmarks in found.landmarks])
    vectors = faceprints(chips, networks)
    given = found.turned(-quarters, standing.shape[1], standing.shape[0])
    faces = [
        PhotoFace(
            box=given.boxes[i],
            landmarks=given.landmarks[i],
            score=float(found.scores[i]),
            quality=quality(float(found.scores[i]), found.boxes[i], found.landmarks[i], chips[i]),
            faceprint=vectors[i],
            chip=chips[i],
            portrait=portrait(standing, found.boxes[i]),
        )
        for i in range(len(found))
    ]
    return sorted(faces, key=lambda face: -float(face.box[2] * face.box[3]))


def _quarters(image: Image, detector: Detector) -> int:
    """By how many quarters, counter-clockwise, the picture has to be turned for its faces to stand upright.

    As it is, 0, where the detector is no judge of that.
    """
    if not detector.surest_upright:
        return 0
    surest = [
        float(_found(np.rot90(image, quarters), detector, _TURNED_LOOKS_PX).scores.max(initial=0))
        - (_SURER if quarters else 0)
        for quarters in range(4)
    ]
    return int(np.argmax(surest))


def _found(image: Image, detector: Detector, looks_px: tuple[int, ...]) -> Detections:
    """Every face once, from the look that was surest of it."""
    longest = max(image.shape[:2])
    looks = [detector.detect(image, width=px) for px in looks_px if px < longest]
    looks.append(detector.detect(image, width=min(longest, looks_px[-1])))
    every = Detections(
        np.concatenate([look.boxes for look in looks]),
        np.concatenate([look.landmarks for look in looks]),
        np.concatenate([look.scores for look in looks]),
    )
    every = every.where(every.scores >= _MIN_SCORE)
    kept: list[int] = []
    for i in np.argsort(-every.scores, kind="stable"):
        if all(overlap(every.boxes[i], every.boxes[j]) < _SAME_FACE for j in kept):
            kept.append(int(i))
    return every.where(np.array(kept, np.intp))
