"""Tiny videos of plain or patterned frames, written with PyAV: for what needs no faces."""

from collections.abc import Iterable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np

from faces.vision import Image

MS = Fraction(1, 1000)


def pattern(seed: int, width: int = 160, height: int = 90) -> Image:
    """A picture of coarse coloured blocks, another one for each seed."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    rows, columns = np.arange(height) * 6 // height, np.arange(width) * 8 // width
    return blocks[rows][:, columns]


def write(
    path: Path, frames: Iterable[tuple[int, Image]], *, sample_aspect: Fraction | None = None, gop: int = 12
) -> Path:
    """An H.264 (or by the name's ending another) video of (time in ms, picture) in that order."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4" if path.suffix == ".avi" else "libx264", rate=25)
        stream.pix_fmt, stream.codec_context.gop_size = "yuv420p", gop
        if path.suffix != ".avi":
            stream.codec_context.time_base = MS
        for i, (at_ms, image) in enumerate(frames):
            if i == 0:
                stream.height, stream.width = image.shape[:2]
                stream.codec_context.sample_aspect_ratio = sample_aspect or Fraction(1)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = (i, Fraction(1, 25)) if path.suffix == ".avi" else (at_ms, MS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def silence(path: Path) -> Path:
    """An audio-only file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        samples.sample_rate = 48_000
        container.mux(stream.encode(samples))
        container.mux(stream.encode(None))
    return path


def cut_short(path: Path, share: float) -> BytesIO:
    """The first part of a file."""
    content = path.read_bytes()
    return BytesIO(content[: int(len(content) * share)])
