"""A picture as a very short video: one frame, shown on [0, 1) ms, looked at once and at full size.

A millisecond is the shortest time that there is on our timeline. So every interval of a picture holds its one frame,
and nobody gains time on screen by being in a picture.
"""

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from faces.vision.errors import MediaUnreadable
from faces.vision.findings import BoxTrack, Chunk, Crop, FoundTrack
from faces.vision.images import Image
from faces.vision.networks import Networks
from faces.vision.opening import Source, open_source
from faces.vision.photo import PhotoFace, faces_in_photo
from faces.vision.picture import DAMAGED, FORMATS, opened, pixels

STILL_MS = 1
"""How long a picture is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture that a file is.

    image: upright.  media_type: such as "image/jpeg".  pixel_format: Pillow's name, such as "RGB", "L" or "CMYK".
    """

    image: Image
    media_type: str
    pixel_format: str


def still(source: Source) -> Still | None:
    """The picture that a file is; None where it is something else, or a picture that moves.

    An open file is left at its beginning. Raises MediaMissing, MediaUnreadable for a damaged picture, MediaTooLarge.
    """
    with ExitStack() as stack:
        name, file = open_source(source, stack)
        try:
            picture = stack.enter_context(opened(file))
        except DAMAGED:  # no picture
            file.seek(0)
            return None
        try:
            # a JPEG may carry further pictures, such as a depth map, and a TIFF further pages: none of them moves
            if picture.format not in ("JPEG", "MPO", "TIFF") and getattr(picture, "is_animated", False):
                return None
            media_type = FORMATS.get(picture.format or "", "image/jpeg")
            return Still(pixels(picture), media_type, picture.mode)
        except DAMAGED as error:
            raise MediaUnreadable(
                f"{name} is a picture that is damaged or cut off. "
                "The file was left as it is; check that it opens elsewhere, then copy or upload it again."
            ) from error
        finally:
            file.seek(0)


def scan_still(found: Still, networks: Networks, start_ms: int = 0) -> Chunk:
    """The faces of a picture as the tracks of a video's only chunk; nothing where the scan goes on behind it."""
    if start_ms >= STILL_MS:
        return Chunk(start_ms, start_ms, np.empty(0, np.int32), (), networks.embedder.name, last=True)
    tracks = tuple(_track(face) for face in faces_in_photo(found.image, networks))
    return Chunk(0, STILL_MS, np.zeros(1, np.int32), tracks, networks.embedder.name, last=True)


def _track(face: PhotoFace) -> FoundTrack:
    return FoundTrack(
        shot=0,
        start_ms=0,
        end_ms=STILL_MS,
        boxes=BoxTrack(np.zeros(1, np.int32), np.asarray(face.box, np.float32)[None]),
        crops=(crop_of(face),),
        faceprint=face.faceprint,
        quality=face.quality,
    )


def crop_of(face: PhotoFace) -> Crop:
    """A face of a picture as what is kept of it."""
    return Crop(
        at_ms=0,
        quality=face.quality,
        box=face.box,
        landmarks=face.landmarks,
        chip=face.chip,
        portrait=face.portrait,
    )
