"""H.264/AAC proxies for what browsers cannot play: at most 720 lines high, ready to start before all is loaded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, BinaryIO

import av

from faces.vision import MediaInfo, MediaUnreadable, Video
from faces.vision.clock import begins_again
from faces.vision.opening import open_container
from mam.assets.filmstrips import Filming, Filmstrip

MAX_HEIGHT = 720
_TIME_BASE = Fraction(1, 90_000)  # MPEG's own clock: exact for every usual frame rate
_SOUND_HZ = 48_000


def make_proxy(
    pictures: BinaryIO, sound: BinaryIO, info: MediaInfo, path: str, *, on_progress: Callable[[int], None]
) -> tuple[Filmstrip, int]:
    """Encode a proxy to the path of an .mp4; the filmstrip is of the same pass. Frames keep their presentation times.

    When the last frame ends is told too: a file that was joined byte by byte only says how long one recording is.
    pictures, sound: the original, opened twice. on_progress: called with the position in ms. Raises MediaUnreadable.
    """
    try:
        return _encode(pictures, sound, info, path, on_progress)
    except av.FFmpegError as error:
        raise MediaUnreadable(
            f"No proxy could be made ({error}). The original and what was found in it are untouched."
        ) from error


def _encode(
    original: BinaryIO, again: BinaryIO, info: MediaInfo, path: str, on_progress: Callable[[int], None]
) -> tuple[Filmstrip, int]:
    filming, end_ms = Filming(), 0
    height = min(info.height, MAX_HEIGHT)
    width, height = _even(info.width * height / info.height), _even(height)
    with ExitStack() as stack:
        out = stack.enter_context(av.open(path, "w", format="mp4", options={"movflags": "+faststart"}))
        pictures = stack.enter_context(Video(original))
        stream: Any = out.add_stream("libx264", rate=info.frame_rate or 25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        stream.codec_context.max_b_frames = 0
        stream.options = {"preset": "veryfast", "crf": "24"}
        sound = None
        if info.audio_codec:
            sound = _Sound(stack.enter_context(open_container(again, pictures.name)), out, pictures)
        for shown in pictures.frames():
            # Sound up to the picture goes first, so that a player finds the two side by side in the file.
            if sound is not None:
                sound.write_until(shown.at_ms)
            image = shown.image(max(width, height))
            if filming.wants(shown.at_ms):
                filming.add(shown.at_ms, image)
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame = picture.reformat(width=width, height=height, format="yuv420p")
            frame.pts, frame.time_base = shown.at_ms * 90, _TIME_BASE
            out.mux(stream.encode(frame))
            on_progress(shown.at_ms)
            end_ms = shown.at_ms + shown.duration_ms
        out.mux(stream.encode(None))
        if sound is not None:
            sound.finish()
    return filming.finish(), end_ms


class _Sound:
    """The first sound track of an original, as AAC in stereo, by the clocks of the pictures."""

    def __init__(self, original: Any, out: Any, pictures: Video) -> None:
        self._out = out
        self._pictures = pictures
        self._offset_ms = pictures.offset_ms
        self._recording = 0
        """Which of those that were joined, see `Video.offsets_ms`, it has come to."""
        self._stream: Any = out.add_stream("aac", rate=_SOUND_HZ, layout="stereo")
        self._form: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None
        self._frames = original.decode(audio=0)
        self._waiting: Any = None
        """The first frame of a recording that the pictures have not come to."""
        self._ended = False
        self._position_ms: float | None = None

    def write_until(self, at_ms: float) -> None:
        while not self._ended and (self._position_ms is None or self._position_ms < at_ms):
            frame = self._waiting or self._next()
            if frame is None:
                self._ended = True
                return
            began_ms = float(frame.time or 0.0) * 1000 - self._offset_ms
            if self._pictures.may_begin_again and begins_again(self._position_ms, began_ms):
                if self._recording + 1 == len(self._pictures.offsets_ms):
                    self._waiting, self._ended = frame, at_ms == float("inf")
                    return
                self._waiting, self._recording = None, self._recording + 1
                began_ms += self._offset_ms - self._pictures.offsets_ms[self._recording]
                self._offset_ms = self._pictures.offsets_ms[self._recording]
            if frame.pts is not None:
                frame.pts -= round(Fraction(self._offset_ms, 1000) / frame.time_base)
                if self._position_ms is not None and began_ms <= self._position_ms:
                    continue
            self._position_ms = began_ms
            for part in self._resampled(frame):
                self._out.mux(self._stream.encode(part))

    def _next(self) -> Any:
        try:
            return next(self._frames, None)
        except av.FFmpegError:  # damaged sound ends here; the pictures go on
            return None

    def _resampled(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """As the copy has its sound, whose form the original may change on its way: from stereo to surround, say."""
        form = frame.format.name, frame.layout.name, frame.sample_rate
        if self._resampler is None or form != self._form:
            self._form = form
            self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_SOUND_HZ)
        parts = self._resampler.resample(frame)
        for part in parts:
            if part.pts is not None and part.time_base is not None:
                part.pts = round(part.pts * part.time_base * _SOUND_HZ)
                part.time_base = Fraction(1, _SOUND_HZ)
        return parts

    def finish(self) -> None:
        self.write_until(float("inf"))
        self._out.mux(self._stream.encode(None))


def _even(length: float) -> int:
    """H.264 in 4:2:0 wants even sides."""
    return max(2, round(length / 2) * 2)
