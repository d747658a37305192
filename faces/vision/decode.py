"""From a file to upright frames, each with the time at which a player shows it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

import av.error
import cv2
import numpy as np
from av.codec.hwaccel import HWAccel
from av.format import Flags
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from faces.vision.clock import DECODING_TIMES_ONLY, LATEST_MS, MOST_REORDERED, Clock
from faces.vision.errors import NoFrames
from faces.vision.hardware import CODECS, HardwareFailed, graphics_card, usual_format
from faces.vision.images import Image
from faces.vision.interlace import without_combing
from faces.vision.opening import Source, expect_size, open_container, open_source, video_stream

# Where a seek by time lands reliably, and the timestamps that follow don't depend on what was skipped.
_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
_SEEKABLE = {_MOV, "matroska,webm"}
# Browsers play these with their start offset; of the others a player shows a converted copy, from 0 on.
_KEEPS_OFFSET = _SEEKABLE
_SEEK_MARGIN_MS = 2000
"""Pictures may take a moment to become whole after a seek in streams without clean entry points."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame, converted only when its pixels are asked for.

    at_ms: when it is shown.  duration_ms: as the file declares it, at least 1.
    """

    at_ms: int
    duration_ms: int
    video: "Video"
    coded: VideoFrame

    def image(self, longest_px: int | None = None) -> Image:
        """The upright frame, proportioned as displayed, scaled down to that longer side if it is larger."""
        return self.video.picture(self.coded, longest_px)

    @property
    def bytes(self) -> int:
        """What it takes of memory, as it was decoded."""
        return sum(plane.buffer_size for plane in self.coded.planes)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the upright frame in square pixels."""
        return self.video.display_size(self.coded)


class Video:
    """An open video file. A context manager; one thread decodes.

    hardware: have a graphics card decode, where there is one that can; `frames` then raises HardwareFailed too, and
    whoever catches it does without.
    Raises MediaMissing, MediaUnreadable, NoVideoStream or MediaTooLarge when opened.
    """

    def __init__(self, source: Source, *, hardware: bool = False) -> None:
        self._hardware = hardware
        self._passed_over: list[int] = []
        self.passed_until_ms = 0
        """When the last of the frames ends that were not decoded."""
        self.offsets_ms: list[int] = []
        """Of a file that several recordings were joined to, byte by byte, each with a clock of its own, what to take
        from a timestamp of each to get a player's time; so far as `frames` has come. `offset_ms` is the first's."""
        with ExitStack() as stack:
            self.name, self._file = open_source(source, stack)
            self._stack = stack
            self._open()
            self._stack = stack.pop_all()
        self.cut_off_ms: int | None = None
        """Where the file turned out to end too early, once `frames` has run through."""
        self._reformatter = VideoReformatter()
        self._thumbnailer = VideoReformatter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def format_name(self) -> str:
        """The demuxer's name, such as "mov,mp4,m4a,3gp,3g2,mj2"."""
        return self.container.format.name

    @property
    def in_hardware(self) -> bool:
        """Whether a graphics card decodes. From the first frame on that is sure: only then it has seen the form."""
        context = self.stream.codec_context
        return context.is_hwaccel and context.pix_fmt == "cuda"

    @property
    def seekable(self) -> bool:
        """Whether frames from the middle can be had without decoding all before them."""
        return self.format_name in _SEEKABLE

    @property
    def may_begin_again(self) -> bool:
        """Whether files of this form are joined by putting one behind the other, so that clocks begin anew."""
        return Flags.ts_discont in Flags(self.container.format.flags)

    @property
    def doctype(self) -> str | None:
        """A Matroska file's document type, "webm" or "matroska"; None for other files."""
        self._file.seek(0)
        head = self._file.read(64)
        return next((kind.decode() for kind in (b"webm", b"matroska") if kind in head), None)

    @property
    def declared_duration_ms(self) -> int | None:
        """How long the file says that it is; None where it does not say, or nonsense."""
        micros = self.container.duration
        if micros is None:
            return None
        if self.format_name == _MOV:  # which alone counts from the first frame, and starts players at 0
            micros += max(0, self.container.start_time or 0)
        return round(micros / 1000) if micros / 1000 <= LATEST_MS else None

    def measured_duration_ms(self, on_progress: Callable[[int], None] | None = None) -> int:
        """When the last frame ends, for files that don't say: every packet is read, and decoded if need be."""
        self._open()
        self._at_start = False
        to_ms = (self.stream.time_base or Fraction(1, 1000)) * 1000
        begin, end = None, 0
        for packet in self.container.demux(self.stream):
            if packet.pts is not None:
                begin = packet.pts if begin is None else min(begin, packet.pts)
                end = max(end, packet.pts + (packet.duration or 0))
        counted_from = begin or 0 if self.container.start_time is None else 0
        end_ms = round((end - counted_from) * to_ms) - self.offset_ms
        if 0 < end_ms <= LATEST_MS:
            return end_ms
        for frame in self.frames():
            end_ms = frame.at_ms + frame.duration_ms
            if on_progress is not None:
                on_progress(end_ms)
        return end_ms

    @property
    def frame_rate(self) -> Fraction | None:
        """Average frames a second."""
        return self.stream.average_rate or self.stream.guessed_rate or None

    def frames(self, start_ms: int = 0, *, key_frames: bool = False) -> Iterator[Frame]:
        """Every frame shown at or after start_ms, in order of strictly ascending times.

        key_frames: none but those, where packets tell the times of the others, see `passed_over_ms`.
        Damaged parts are passed over; a file that ends too early ends the frames and sets `cut_off_ms`.
        Raises NoFrames when a whole file has none. May be called again.
        """
        timed = self.format_name not in DECODING_TIMES_ONLY and self.container.start_time is not None
        self._key_frames = key_frames and timed
        frames = self._after_seek(start_ms) if start_ms > _SEEK_MARGIN_MS else None
        if frames is None:
            if not self._at_start:  # not every format can seek back
                self._open()
                self._key_frames = key_frames and timed
            frames = self._decode()
        any_frame = False
        for frame in frames:
            any_frame = True
            if frame.at_ms >= start_ms:
                yield frame
        if not any_frame:
            raise NoFrames(
                f"{self.name} has a video stream but not one picture in it can be decoded. "
                "The file was left as it is; export or copy the original again."
            )

    def passed_over_ms(self, before_ms: int) -> list[int]:
        """When the frames are shown, before that, that were not decoded; each is told once."""
        told = [at_ms for at_ms in self._passed_over if at_ms < before_ms]
        self._passed_over = [at_ms for at_ms in self._passed_over if at_ms >= before_ms]
        return sorted(told)

    def picture(self, coded: VideoFrame, longest_px: int | None = None) -> Image:
        """A decoded frame as an upright BGR image, its longer side at most `longest_px`."""
        size = _square_pixels(coded.width, coded.height, self.stream.sample_aspect_ratio)
        expect_size(*size, self.name)
        scale = 1.0 if longest_px is None else min(1.0, longest_px / max(size))
        width, height = (max(2, round(side * scale)) for side in size)
        if coded.interlaced_frame:  # lines are told apart only in full height
            full = _bgr(self._reformatter, coded, coded.width, coded.height, "BICUBIC")
            bgr = cv2.resize(without_combing(full), (width, height), interpolation=cv2.INTER_AREA)
        else:
            bgr = _bgr(self._reformatter, coded, width, height, "AREA" if scale < 1 else "BICUBIC")
        return np.ascontiguousarray(np.rot90(bgr, round(coded.rotation / 90)))

    def thumbnail(self, coded: VideoFrame, width: int, height: int) -> Image:
        """The frame squeezed to exactly width x height, not turned upright: cheap, for comparing frames."""
        return _bgr(self._thumbnailer, coded, width, height, "AREA")

    def display_size(self, coded: VideoFrame) -> tuple[int, int]:
        """Width and height of the upright frame in square pixels."""
        width, height = _square_pixels(coded.width, coded.height, self.stream.sample_aspect_ratio)
        return (height, width) if round(coded.rotation / 90) % 2 else (width, height)

    @property
    def offset_ms(self) -> int:
        """What to take from a timestamp to get a player's time."""
        start_ms = round((self.container.start_time or 0) / 1000)
        return min(0, start_ms) if self.format_name in _KEEPS_OFFSET else start_ms

    def _open(self) -> None:
        self._open_for(None)
        if self._hardware and self.stream.codec.canonical_name in CODECS and (card := graphics_card()):
            self._open_for(card)
        self.first_dts: int | None = None
        self._at_start = True
        self._key_frames = False
        self._passed_over, self.passed_until_ms = [], 0

    def _open_for(self, card: HWAccel | None) -> None:
        self.container = self._stack.enter_context(open_container(self._file, self.name, card))
        self.stream = video_stream(self.container, self.name)

    def _seek(self, at_ms: int) -> bool:
        """Go to the last key frame at or before at_ms."""
        self._at_start = False
        try:
            at = round((at_ms + self.offset_ms) / 1000 / (self.stream.time_base or Fraction(1, 1000)))
            self.container.seek(at, stream=self.stream, backward=True)
        except av.error.FFmpegError:
            return False
        self.stream.codec_context.flush_buffers()
        return True

    def _after_seek(self, start_ms: int) -> Iterator[Frame] | None:
        """Frames from before start_ms on; None where no seek leads there."""
        if not self.seekable or not self._seek(start_ms - _SEEK_MARGIN_MS):
            return None
        frames = self._decode()
        first = next(frames, None)
        if first is None or first.at_ms > start_ms - 1:
            return None

        def chained() -> Iterator[Frame]:
            yield first
            yield from frames

        return chained()

    def _decode(self) -> Iterator[Frame]:
        clock = Clock(self)
        self._at_start = False
        for coded in _without_undated(self._decode_packets()):
            expect_size(coded.width, coded.height, self.name)
            at_ms, duration_ms = clock.read(coded)
            yield Frame(at_ms, duration_ms, self, coded)
        self._note_cut_off(max(clock.end_ms, self.passed_until_ms))

    def _decode_packets(self) -> Iterator[VideoFrame]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:  # the file ends or breaks off here: what was decoded counts
                packet = None
            if self.first_dts is None and packet is not None:
                self.first_dts = packet.dts
            if self._key_frames and packet is not None and packet.size and not packet.is_keyframe:
                self._pass_over(packet)
                continue
            try:
                yield from self._decoded(packet)
            except av.error.FFmpegError:  # one damaged picture; those after it may be sound
                if packet is None:
                    return
            if packet is None or packet.size == 0:
                return

    def _decoded(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        """Raises FFmpegError in software, HardwareFailed in hardware."""
        if not self.in_hardware:
            return self.stream.decode(packet)
        try:
            found = self.stream.decode(packet)
        except av.error.FFmpegError as error:
            raise HardwareFailed(f"{self.name}: {error}") from error
        size = self.stream.codec_context.width, self.stream.codec_context.height
        if self.in_hardware and any((coded.width, coded.height) != size for coded in found):
            raise HardwareFailed(f"{self.name}: a margin on the left or on top is not cut off")
        return found

    def _pass_over(self, packet: "Packet[VideoStream]") -> None:
        """Decode nothing of it, but remember when its frame is shown."""
        to_ms = (self.stream.time_base or Fraction(1, 1000)) * 1000
        if packet.pts is not None and not packet.is_discard:
            at_ms = round(packet.pts * to_ms) - (self.offsets_ms or [self.offset_ms])[-1]
            if 0 <= at_ms < LATEST_MS:
                self._passed_over.append(at_ms)
                self.passed_until_ms = max(
                    self.passed_until_ms, at_ms + round((packet.duration or 0) * to_ms)
                )

    def _note_cut_off(self, end_ms: int) -> None:
        stream = self.stream
        if stream.duration is None or stream.time_base is None:
            declared_ms = self.declared_duration_ms
        else:
            begin = max(0, stream.start_time or 0)
            declared_ms = round((begin + stream.duration) * stream.time_base * 1000) - max(0, self.offset_ms)
        slack_ms = max(1000, 0.02 * (declared_ms or 0))
        if declared_ms is not None and end_ms < declared_ms - slack_ms:
            self.cut_off_ms = end_ms


def _without_undated(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """All frames but those before the first with a time: they belong before the beginning. All where none has any."""
    undated: list[VideoFrame] = []
    for frame in frames:
        dated = frame.pts is not None or frame.dts is not None
        if not dated and len(undated) < MOST_REORDERED:
            undated.append(frame)
            continue
        if not dated:
            yield from undated
        yield frame
        yield from frames
        return
    yield from undated


def _bgr(reformatter: VideoReformatter, coded: VideoFrame, width: int, height: int, how: str) -> Image:
    if (usual := usual_format(coded.format.name)) is not None:  # to be scaled as software's are
        coded = coded.reformat(format=usual, threads=1)
    bgr = reformatter.reformat(coded, width, height, format="bgr24", interpolation=how, threads=1)
    return np.asarray(bgr.to_ndarray(), np.uint8)


def _square_pixels(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height in square pixels, as browsers do it: one side grows, none shrinks."""
    if not aspect or aspect <= 0 or not Fraction(1, 10) < aspect < 10:
        return width, height
    return (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
