"""When each frame of a video is shown, by timestamps that may be missing, late, absurd, or begin again."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from av.video.frame import VideoFrame

if TYPE_CHECKING:
    from faces.vision.decode import Video

LATEST_MS = 2**31 - 1 - 3_600_000
"""Times are stored in four bytes. What is later than this, 24 days, is damage."""
DECODING_TIMES_ONLY = {"avi"}
MOST_REORDERED = 16
_BACK_MS, _AHEAD_MS = 1000, 3_600_000
"""Where a clock that may begin again goes back or ahead by more from one frame to the next, it does: ahead, for MPEG's
counters are 26 hours long and what seems to lie before the first stamp is taken to come after the last."""


class Clock:
    """Gives each frame of a stream its time, in whole milliseconds that strictly ascend.

    That is its presentation timestamp, or where a container keeps none, the decoding timestamp, less the time that
    the decoder holds pictures back to reorder them; a frame without either, or with an absurd one, follows the last.
    """

    def __init__(self, video: Video) -> None:
        self._video = video
        self._to_ms = (video.stream.time_base or Fraction(1, 1000)) * 1000
        self._offset_ms = video.offset_ms
        self._presentation = video.format_name not in DECODING_TIMES_ONLY
        self._joined = video.may_begin_again
        self._counted = not self._presentation or video.container.start_time is None
        self._usual_ms = max(1, round(1000 / video.frame_rate)) if video.frame_rate else 40
        self._last_ms: int | None = None
        self.end_ms = 0
        video.offsets_ms.clear()

    def read(self, frame: VideoFrame) -> tuple[int, int]:
        """Time and duration of the next frame in ms."""
        stamp = frame.pts if self._presentation and frame.pts is not None else frame.dts
        if self._last_ms is None:
            self._offset_ms += self._held_back_ms(stamp) if self._counted else 0
            self._video.offsets_ms.append(self._offset_ms)
        at_ms = -1 if stamp is None else round(stamp * self._to_ms) - self._offset_ms
        if self._joined and stamp is not None and begins_again(self._last_ms, at_ms):
            self._offset_ms += at_ms - self.end_ms
            self._video.offsets_ms.append(self._offset_ms)
            at_ms = self.end_ms
        if not 0 <= at_ms < LATEST_MS:
            at_ms = self.end_ms
        if self._last_ms is not None:
            at_ms = max(at_ms, self._last_ms + 1)
        duration_ms = max(1, round(frame.duration * self._to_ms)) if frame.duration else self._usual_ms
        if at_ms + duration_ms > LATEST_MS:
            duration_ms = self._usual_ms
        self._last_ms, self.end_ms = at_ms, at_ms + duration_ms
        return at_ms, duration_ms

    def _held_back_ms(self, stamp: int | None) -> int:
        """By how much the first frame comes later than the first packet went in; reordering takes 16 frames at most."""
        began = self._video.first_dts
        if stamp is None or began is None or not self._video.stream.codec_context.has_b_frames:
            return 0
        return max(0, min(round((stamp - began) * self._to_ms), MOST_REORDERED * self._usual_ms))


def begins_again(last_ms: float | None, at_ms: float) -> bool:
    """Whether from one frame to the next another clock counts, where one may. None: there was no frame yet."""
    if last_ms is None:
        return False
    return at_ms < last_ms - _BACK_MS or at_ms > last_ms + _AHEAD_MS
