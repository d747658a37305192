"""What a file can do to the process that reads it, and networks that stumble over plain pictures.

Called in the process apart, so that nothing here may need Django.
"""

import ctypes
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from faces.vision import Image, Networks
from faces.vision.detections import Detections
from faces.vision.networks import Detector
from tests import material
from tests.vision.tiny import write


def crash(*_: object, **__: object) -> None:
    """A real segmentation fault."""
    ctypes.string_at(0)


def hang(*_: object, **__: object) -> None:
    """In native code that keeps Python's lock, so that no thread of the process could help."""
    ctypes.PyDLL(None).sleep(3600)


def bloat(*_: object, **__: object) -> None:
    """Take memory, and use it, until somebody ends it."""
    taken = []
    while True:
        taken.append(np.ones(2**23, np.uint8))
        time.sleep(0.001)


def stumble(*_: object, **__: object) -> Networks:
    """What is no VisionError."""
    raise ZeroDivisionError


def blind() -> Networks:
    """Networks that load, and raise what is no VisionError when they are shown a picture."""
    return replace(material.networks(), detector=_Blind(material.networks().detector))


def absent() -> Networks:
    """Networks whose weights are not there."""
    return Networks.load(Path("/nonexistent"))


POISONS: dict[str, tuple[int, Callable[..., None]]] = {
    "crash": (2, crash),
    "hang": (0, hang),
    "bloat": (1, bloat),
}
"""By name: the channel of BGR that a picture is full of, and what comes of it."""


def poisoned(path: Path, how: str) -> Path:
    """A video that begins well, and ends with a picture that does this to `touchy` networks."""
    shade = np.full((90, 160, 3), 128, np.uint8)
    deadly = np.zeros_like(shade)
    deadly[:, :, POISONS[how][0]] = 255
    return write(path, [(200 * i, shade if i < 5 else deadly) for i in range(8)])


@dataclass(frozen=True, slots=True)
class _Touchy:
    """A detector to which some pictures are poison, as files are to decoders."""

    real: Detector

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def template(self) -> NDArray[np.float32]:
        return self.real.template

    @property
    def scan_px(self) -> int:
        return self.real.scan_px

    @property
    def surest_upright(self) -> bool:
        return self.real.surest_upright

    @property
    def upright_degrees(self) -> float:
        return self.real.upright_degrees

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        mean = image.mean(axis=(0, 1))
        for channel, strike in POISONS.values():
            if mean[channel] > 200 and mean.sum() - mean[channel] < 100:
                strike()
        return self.real.detect(image, width=width)


class _Blind(_Touchy):
    """A detector that has a fault of ours."""

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        raise ZeroDivisionError


def touchy() -> Networks:
    """The default networks, but for that."""
    return replace(material.networks(), detector=_Touchy(material.networks().detector))


def lines(file: BinaryIO, size: int, *, on_progress: Callable[[int], None]) -> Iterator[bytes]:
    """The file in pieces of that size, from its end to its beginning."""
    for at in range(file.seek(0, 2) // size - 1, -1, -1):
        file.seek(at * size)
        on_progress(at)
        yield file.read(size)


def circle(file: BinaryIO, *, on_progress: Callable[[int], None]) -> None:
    """Read the file for ever, as a demuxer does that is led in a circle."""
    while True:
        file.seek(0)
        while file.read(2**18):
            pass
