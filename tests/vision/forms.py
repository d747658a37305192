"""Videos in every form that archives hold: the same hundred numbered frames, so that each one's time is known."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import av
import numpy as np

from faces.vision import Image

os.environ.setdefault("SVT_LOG", "1")  # errors only

RATE = 25
COUNT = 100
TIMES = [40 * i for i in range(COUNT)]
_BITS = 8
_FOLDER = TemporaryDirectory(prefix="dramatis-forms-")
_SLATE = {"timecode": "10:00:00:00", "reel_name": "A001"}


def numbered(number: int, width: int, height: int) -> Image:
    """A picture that says its number in eight upright stripes, above noise."""
    picture = np.random.default_rng(number).integers(90, 160, (height, width, 3), np.uint8)
    for bit in range(_BITS):
        left, right = (width * at // _BITS for at in (bit, bit + 1))
        picture[: height // 2, left:right] = 215 if number >> bit & 1 else 40
    return picture


def number_of(picture: Image) -> int:
    """What `numbered` has written."""
    height, width = picture.shape[:2]
    middles = [width * (2 * bit + 1) // (2 * _BITS) for bit in range(_BITS)]
    upper = picture[height // 8 : height * 3 // 8].mean(axis=(0, 2))
    return sum(int(upper[max(0, at - 1) : at + 2].mean() > 128) << bit for bit, at in enumerate(middles))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a video is coded, and in what container."""

    codec: str
    suffix: str
    pixels: str = "yuv420p"
    size: tuple[int, int] = (128, 96)
    options: Mapping[str, str] = field(default_factory=dict)
    b_frames: int = 0
    interlaced: bool = False
    sound: str = ""
    layout: str = "mono"

    @property
    def keeps(self) -> dict[str, str]:
        """What it can say of the slate: most containers have no place for a reel."""
        both = self.suffix in (".mov", ".mkv", ".webm", ".mxf", ".flv")
        return _SLATE if both else {"timecode": _SLATE["timecode"]} if self.suffix in (".mp4", ".avi") else {}


_X264 = {"preset": "ultrafast", "x264-params": "bframes=2:keyint=25:scenecut=0"}
_X264_FIELDS = {"preset": "ultrafast", "x264-params": "bframes=2:keyint=25:scenecut=0:tff=1"}
_X265 = {"preset": "ultrafast", "x265-params": "log-level=none:keyint=25:pools=1:frame-threads=1"}
_VPX = {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "5"}
_SVT = {"preset": "12", "svtav1-params": "lp=1:keyint=25"}
# Several small frames would share a packet of 2 KB and its one time; real ones fill several.
_FINE = {"qmin": "1", "qmax": "1"}
_DNXHR = {"profile": "dnxhr_lb"}
_DNXHR_SIZE = (256, 144)
_PRORES = {"vendor": "apl0"}

FORMS = {
    "h264.mp4": Form(codec="libx264", suffix=".mp4", options=_X264, sound="aac"),
    "h264.mov": Form(codec="libx264", suffix=".mov", options=_X264),
    "h264.mkv": Form(codec="libx264", suffix=".mkv", options=_X264, sound="aac"),
    "h264.ts": Form(codec="libx264", suffix=".ts", options=_X264),
    "h264.avi": Form(codec="libx264", suffix=".avi", options=_X264),
    "h264.flv": Form(codec="libx264", suffix=".flv", options=_X264),
    "h264, 10 bit.mp4": Form(codec="libx264", suffix=".mp4", pixels="yuv420p10le", options=_X264),
    "h264, interlaced.mp4": Form(codec="libx264", suffix=".mp4", options=_X264_FIELDS, interlaced=True),
    "h264, interlaced.ts": Form(codec="libx264", suffix=".ts", options=_X264_FIELDS, interlaced=True),
    "h264, portrait.mp4": Form(codec="libx264", suffix=".mp4", size=(96, 128), options=_X264),
    "hevc.mp4": Form(codec="libx265", suffix=".mp4", options=_X265),
    "hevc, 10 bit.mov": Form(codec="libx265", suffix=".mov", pixels="yuv420p10le", options=_X265),
    "hevc.ts": Form(codec="libx265", suffix=".ts", options=_X265),
    "vp8.webm": Form(codec="libvpx", suffix=".webm", options=_VPX),
    "vp9.webm": Form(codec="libvpx-vp9", suffix=".webm", options=_VPX),
    "vp9.mp4": Form(codec="libvpx-vp9", suffix=".mp4", options=_VPX),
    "av1.mp4": Form(codec="libsvtav1", suffix=".mp4", options=_SVT),
    "av1, 10 bit.webm": Form(codec="libsvtav1", suffix=".webm", pixels="yuv420p10le", options=_SVT),
    "mpeg2.ts": Form(codec="mpeg2video", suffix=".ts", b_frames=2),
    "mpeg2.mpg": Form(codec="mpeg2video", suffix=".mpg", b_frames=2, options=_FINE),
    "mpeg2.mxf": Form(codec="mpeg2video", suffix=".mxf", b_frames=2),
    "mpeg2, interlaced.mxf": Form(
        codec="mpeg2video", suffix=".mxf", pixels="yuv422p", b_frames=2, interlaced=True
    ),
    "mpeg2.m2v": Form(codec="mpeg2video", suffix=".m2v", b_frames=2),
    "mpeg4.avi": Form(codec="mpeg4", suffix=".avi", b_frames=2),
    "mjpeg.avi": Form(codec="mjpeg", suffix=".avi", pixels="yuvj420p"),
    "prores.mov": Form(codec="prores_ks", suffix=".mov", pixels="yuv422p10le", options=_PRORES),
    "dnxhr.mxf": Form(codec="dnxhd", suffix=".mxf", pixels="yuv422p", size=_DNXHR_SIZE, options=_DNXHR),
    "dnxhr.mov": Form(codec="dnxhd", suffix=".mov", pixels="yuv422p", size=_DNXHR_SIZE, options=_DNXHR),
    "ffv1.mkv": Form(codec="ffv1", suffix=".mkv", pixels="yuv422p10le"),
}


@cache
def video(name: str) -> Path:
    """The hundred frames in the form of that name, made once a run."""
    form = FORMS[name]
    return write(Path(mkdtemp(dir=_FOLDER.name)) / f"clip{form.suffix}", form, TIMES)


def write(
    path: Path,
    form: Form,
    times_ms: Sequence[int],
    *,
    muxer: Mapping[str, str] | None = None,
    sample_aspect: Fraction = Fraction(1),
) -> Path:
    """Numbered frames shown at these times, which are multiples of 40 ms where the container counts frames."""
    with av.open(str(path), "w", options=dict(muxer or {})) as container:
        container.metadata.update(_SLATE)
        stream: Any = container.add_stream(form.codec, rate=RATE, options=dict(form.options))
        sound: Any = container.add_stream(form.sound, rate=48_000, layout=form.layout) if form.sound else None
        stream.metadata.update(_SLATE)  # where QuickTime's time code track gets its reel from
        (stream.width, stream.height), stream.pix_fmt = form.size, form.pixels
        context = stream.codec_context
        context.sample_aspect_ratio = sample_aspect
        context.gop_size, context.max_b_frames, context.thread_count = 12, form.b_frames, 1
        if form.interlaced and form.codec == "mpeg2video":
            context.flags |= av.codec.context.Flags.interlaced_dct | av.codec.context.Flags.interlaced_me
        base = Fraction(1, 1000) if any(ms % 40 for ms in times_ms) else Fraction(1, RATE)
        context.time_base = base
        for number, at_ms in enumerate(times_ms):
            picture = av.VideoFrame.from_ndarray(numbered(number, *form.size), format="bgr24")
            frame = picture.reformat(format=form.pixels)
            frame.pts, frame.time_base = round(at_ms / 1000 / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            for at in range(0, 48 * max(times_ms), 1024):
                container.mux(sound.encode(_beep(at, form.layout)))
            container.mux(sound.encode(None))
    return path


def _beep(at: int, layout: str) -> av.AudioFrame:
    """The 1024 samples from that one on: a click whenever a second begins."""
    clicks = (np.arange(at, at + 1024) % 48_000 < 480).astype(np.float32)
    channels = np.tile(clicks, (av.AudioLayout(layout).nb_channels, 1))
    frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
    return frame
