"""Pictures decoded safely: the size is looked at before the pixels, and what is damaged is said to be so."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import PIL.Image
import PIL.ImageOps

from faces.vision.errors import MediaTooLarge
from faces.vision.images import Image
from faces.vision.opening import MAX_PIXELS

FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
}
"""Pillow's names of the formats that we read, and their media types."""
DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, MemoryError, RuntimeError),
    *(KeyError, TypeError, IndexError, struct.error),
)
"""What Pillow's readers raise for a picture that is none, or that is damaged."""
_LONGEST_PX = 32_767
"""Boxes are stored as whole pixels of two bytes."""

PIL.Image.init()  # or the readers of rarer formats are not there to be asked for


@contextmanager
def opened(file: BinaryIO) -> Iterator[PIL.Image.Image]:
    """A picture whose head is read, its pixels not yet.

    Raises MediaTooLarge before those of a hostile picture are decoded, and what is in DAMAGED.
    """
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # a picture is read or refused, no half-way
            PIL.Image.open(file, formats=tuple(FORMATS)) as picture,
        ):
            if picture.width * picture.height > MAX_PIXELS or max(picture.size) > _LONGEST_PX:
                raise _too_large(f"{picture.width} by {picture.height} pixels")
            yield picture
    except PIL.Image.DecompressionBombError as error:
        raise _too_large("an enormous number of pixels") from error


def pixels(picture: PIL.Image.Image) -> Image:
    """The upright picture, EXIF orientation applied. Raises what is in DAMAGED."""
    rgb = np.asarray(PIL.ImageOps.exif_transpose(picture).convert("RGB"), np.uint8)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _too_large(size: str) -> MediaTooLarge:
    return MediaTooLarge(
        f"The picture has {size}, more than we take on. "
        "Nothing was read from it; make a smaller copy and try again."
    )
