"""A video in, the tracks of its faces out, chunk by chunk."""

import logging
from collections.abc import Callable, Iterator

import numpy as np

from faces.vision.decode import Video
from faces.vision.errors import NoFrames
from faces.vision.findings import Chunk, FoundTrack
from faces.vision.hardware import HardwareFailed
from faces.vision.networks import Networks
from faces.vision.opening import Source
from faces.vision.settings import ScanSettings
from faces.vision.shot_scan import ShotScan
from faces.vision.shots import Marked, mark_shots
from faces.vision.still import scan_still, still

log = logging.getLogger(__name__)

_LEAD_IN_MS, _SPARSE_LEAD_IN_MS = 5000, 60_000
"""What a scan that goes on in the middle sees of the frames before, to tell what begins a shot; of key frames alone,
of which there may be none for many seconds."""
_PROGRESS_MS = 500


def scan(
    source: Source,
    networks: Networks | Callable[[], Networks],
    settings: ScanSettings | None = None,
    *,
    start_ms: int = 0,
    next_part: bool = False,
    until_ms: int | None = None,
    hardware: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[Chunk]:
    """The tracks of every face in a video, in chunks that follow each other without gap from start_ms on.

    A picture is a video of one frame, shown on [0, 1), see `still`.

    A chunk depends on nothing before it: with a chunk's end as start_ms, another scan goes on exactly as this
    one does. Memory is bounded by a shot's faces, not by the video's length.

    next_part: start_ms is a multiple of settings.part_ms; begin with the part that every scan begins there or soon
    after. until_ms: when the part after that is due. No chunk at all where the part does not begin before.
    networks: at work, or what loads them.
    hardware: have a graphics card decode where there is one; the chunk in which it fails, and the rest, are software's.
    on_progress: called with the position in ms at least every second of media; what it raises ends the scan.
    Raises MediaMissing, MediaUnreadable, NoVideoStream, NoFrames or MediaTooLarge, before the first chunk.
    """
    settings = settings or ScanSettings()
    networks = networks if isinstance(networks, Networks) else networks()
    if (picture := still(source)) is not None:
        yield scan_still(picture, networks, start_ms)
        return
    if hardware:
        try:
            for chunk in _read(
                source, networks, settings, start_ms, next_part, until_ms, on_progress, hardware=True
            ):
                yield chunk
                start_ms, next_part = chunk.end_ms, False
        except (HardwareFailed, NoFrames) as failed:
            log.warning("decoding in software from %s ms on (%s)", start_ms, failed)
        else:
            return
    yield from _read(source, networks, settings, start_ms, next_part, until_ms, on_progress, hardware=False)


def _read(
    source: Source,
    networks: Networks,
    settings: ScanSettings,
    start_ms: int,
    next_part: bool,
    until_ms: int | None,
    on_progress: Callable[[int], None] | None,
    *,
    hardware: bool,
) -> Iterator[Chunk]:
    with Video(source, hardware=hardware) as video:
        chunk = None if next_part else _ChunkScan(start_ms, networks, settings)
        reported_ms = start_ms
        lead_in_ms = _SPARSE_LEAD_IN_MS if settings.key_frames else _LEAD_IN_MS
        frames = video.frames(max(0, start_ms - lead_in_ms), key_frames=settings.key_frames)
        for marked in mark_shots(frames, sparse=settings.key_frames):
            frame = marked.frame
            if frame.at_ms < start_ms:
                continue
            if on_progress is not None and frame.at_ms - reported_ms >= _PROGRESS_MS:
                reported_ms = frame.at_ms
                on_progress(reported_ms)
            if chunk is None:
                if until_ms is not None and frame.at_ms >= until_ms:
                    return
                if not _begins_part(marked, settings):
                    continue
                chunk = _ChunkScan(frame.at_ms, networks, settings)
            elif chunk.ends_before(marked):
                yield chunk.finish(frame.at_ms, video, cut=marked.cut)
                chunk = _ChunkScan(frame.at_ms, networks, settings)
            chunk.take(marked)
        if chunk is not None:
            yield chunk.finish(None, video)


def _begins_part(marked: Marked, settings: ScanSettings) -> bool:
    """Whether the part that is due last begins with this frame, if it has not before. Of a part's last frames and of
    the next one's first the same is said, whoever reads them."""
    late_ms = marked.frame.at_ms % settings.part_ms
    return late_ms >= (0 if marked.cut else settings.part_slack_ms)


class _ChunkScan:
    """The chunk in hand: takes its frames in order, gives the finished chunk."""

    def __init__(self, start_ms: int, networks: Networks, settings: ScanSettings) -> None:
        self._start_ms = start_ms
        self._networks = networks
        self._settings = settings
        self._frame_times: list[int] = []
        self._tracks: list[FoundTrack] = []
        self._shot: ShotScan | None = None
        self._end_ms = start_ms
        self._part_due_ms = (start_ms // settings.part_ms + 1) * settings.part_ms

    def ends_before(self, marked: Marked) -> bool:
        """Whether this frame begins the next chunk."""
        if marked.frame.at_ms >= self._part_due_ms:
            return _begins_part(marked, self._settings)
        if not self._frame_times:
            return False
        age_ms = marked.frame.at_ms - self._start_ms
        return age_ms >= (self._settings.chunk_ms if marked.cut else self._settings.longest_chunk_ms)

    def take(self, marked: Marked) -> None:
        """Go on with the next frame."""
        frame = marked.frame
        if marked.cut:
            self._close_shot(frame.at_ms)
        elif marked.dissolve is not None and self._shot is not None:
            self._shot.divide(marked.dissolve)
        if self._shot is None:
            self._shot = ShotScan(frame.at_ms, self._networks, self._settings)
        self._shot.take(frame)
        self._frame_times.append(frame.at_ms)
        self._end_ms = frame.at_ms + frame.duration_ms

    def finish(self, end_ms: int | None, video: Video, *, cut: bool = True) -> Chunk:
        """The chunk, which ends at end_ms, by a cut or in mid-shot; None: with the video."""
        last = end_ms is None
        open_shot = None if cut or self._shot is None else self._shot.start_ms
        end_ms = max(self._end_ms, video.passed_until_ms) if end_ms is None else end_ms
        self._close_shot(end_ms)
        passed_over = {at_ms for at_ms in video.passed_over_ms(end_ms) if at_ms >= self._start_ms}
        times_ms = np.array(sorted(passed_over.union(self._frame_times)), np.int32)
        notice = _notice(video) if last else None
        embedder = self._networks.embedder.name
        return Chunk(self._start_ms, end_ms, times_ms, tuple(self._tracks), embedder, last, open_shot, notice)

    def _close_shot(self, end_ms: int) -> None:
        if self._shot is not None:
            self._tracks += self._shot.finish(end_ms)
            self._shot = None


def _notice(video: Video) -> str | None:
    if video.cut_off_ms is None:
        return None
    promised_s = (video.declared_duration_ms or 0) / 1000
    return (
        f"{video.name} breaks off after {video.cut_off_ms / 1000:.1f} s of {promised_s:.1f} s. "
        "What is there was scanned; copy or upload the original again to have the rest."
    )
