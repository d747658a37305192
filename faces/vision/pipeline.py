"""A video in, the tracks of its faces out, chunk by chunk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.vision.decode import Frame, Video
from faces.vision.detections import Detections
from faces.vision.embed import faceprints
from faces.vision.findings import BoxTrack, Chunk, Crop, FoundTrack
from faces.vision.images import Faceprint
from faces.vision.look import confirmed, find_faces, sightings
from faces.vision.networks import Networks
from faces.vision.opening import Source
from faces.vision.shots import mark_cuts
from faces.vision.still import scan_still, still
from faces.vision.track import Track, Tracker, best_looks, overlap

_LEAD_IN_MS = 5000
"""What a scan that goes on in the middle sees of the frames before, to tell what begins a shot."""
_SAME_PLACE = 0.3
_PROGRESS_MS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How closely a scan looks. Faces below ~20 px in the picture that the detector gets are not found.

    sample_ms: media time between two sampled frames.
    detect_px: the longer side of the picture that the detector gets; None: what suits the detector.
    min_score: what the detector must say of a face to be followed, and on average of a track's crops alone.
    min_sightings: in how many sampled frames a track must show; less only in shots that have fewer.
    max_crops: how many looks are kept of a track.
    chunk_ms, longest_chunk_ms: a chunk ends with the first cut after the one, at the latest after the other.
    """

    sample_ms: int = 200
    detect_px: int | None = None
    min_score: float = 0.5
    min_sightings: int = 2
    max_crops: int = 5
    chunk_ms: int = 20_000
    longest_chunk_ms: int = 60_000


def scan(
    source: Source,
    networks: Networks | Callable[[], Networks],
    settings: ScanSettings | None = None,
    *,
    start_ms: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[Chunk]:
    """The tracks of every face in a video, in chunks that follow each other without gap from start_ms on.

    A picture is a video of one frame, shown on [0, 1), see `still`.

    A chunk depends on nothing before it: with a chunk's end as start_ms, another scan goes on exactly as this
    one does. Memory is bounded by a shot's faces, not by the video's length.

    networks: at work, or what loads them.
    on_progress: called with the position in ms at least every second of media; what it raises ends the scan.
    Raises MediaMissing, MediaUnreadable, NoVideoStream, NoFrames or MediaTooLarge, before the first chunk.
    """
    settings = settings or ScanSettings()
    networks = networks if isinstance(networks, Networks) else networks()
    if (picture := still(source)) is not None:
        yield scan_still(picture, networks, start_ms)
        return
    with Video(source) as video:
        chunk = _ChunkScan(start_ms, networks, settings)
        reported_ms = start_ms
        for frame, cut in mark_cuts(video.frames(max(0, start_ms - _LEAD_IN_MS) if start_ms else 0)):
            if frame.at_ms < start_ms:
                continue
            if chunk.ends_before(frame, cut):
                yield chunk.finish(frame.at_ms)
                chunk = _ChunkScan(frame.at_ms, networks, settings)
            chunk.take(frame, cut)
            if on_progress is not None and frame.at_ms - reported_ms >= _PROGRESS_MS:
                reported_ms = frame.at_ms
                on_progress(reported_ms)
        yield chunk.finish(None, notice=_notice(video))


class _ChunkScan:
    """The chunk in hand: takes its frames in order, gives the finished chunk."""

    def __init__(self, start_ms: int, networks: Networks, settings: ScanSettings) -> None:
        self._start_ms = start_ms
        self._networks = networks
        self._settings = settings
        self._frame_times: list[int] = []
        self._tracks: list[FoundTrack] = []
        self._shot: _ShotScan | None = None
        self._end_ms = start_ms

    def ends_before(self, frame: Frame, cut: bool) -> bool:
        """Whether this frame begins the next chunk."""
        age_ms = frame.at_ms - self._start_ms
        long_enough = age_ms >= (self._settings.chunk_ms if cut else self._settings.longest_chunk_ms)
        return bool(self._frame_times) and long_enough

    def take(self, frame: Frame, cut: bool) -> None:
        """Go on with the next frame."""
        if cut:
            self._close_shot(frame.at_ms)
        if self._shot is None:
            self._shot = _ShotScan(frame.at_ms, self._networks, self._settings)
        self._shot.take(frame)
        self._frame_times.append(frame.at_ms)
        self._end_ms = frame.at_ms + frame.duration_ms

    def finish(self, end_ms: int | None, notice: str | None = None) -> Chunk:
        """The chunk, which ends at end_ms; None: with the video."""
        last = end_ms is None
        end_ms = self._end_ms if end_ms is None else end_ms
        self._close_shot(end_ms)
        times_ms = np.array(self._frame_times, np.int32)
        return Chunk(self._start_ms, end_ms, times_ms, tuple(self._tracks), last, notice)

    def _close_shot(self, end_ms: int) -> None:
        if self._shot is not None:
            self._tracks += self._shot.finish(end_ms)
            self._shot = None


class _ShotScan:
    """The shot in hand. Samples its first and last frame and enough between; times faces to the frame."""

    def __init__(self, start_ms: int, networks: Networks, settings: ScanSettings) -> None:
        self._start_ms = start_ms
        self._networks = networks
        self._settings = settings
        self._tracker = Tracker()
        self._since: list[tuple[Frame, Detections | None]] = []
        """Frames since the last sampled one, which comes first, and what was found in those looked at."""
        self._samples = 0

    def take(self, frame: Frame) -> None:
        """Go on with the shot's next frame."""
        self._since.append((frame, None))
        # a frame may come early by less than half its own duration: rates that don't divide evenly
        due_ms = self._since[0][0].at_ms + self._settings.sample_ms - frame.duration_ms // 2
        if len(self._since) == 1 or frame.at_ms >= due_ms:
            self._sample()

    def finish(self, end_ms: int) -> list[FoundTrack]:
        """The shot's tracks; the shot ends at end_ms."""
        if len(self._since) > 1:
            self._sample()
        fewest = min(self._settings.min_sightings, self._samples)
        self._since = []
        found = (self._found(track, fewest) for track in self._tracker.finish(end_ms))
        return [track for track in found if track is not None]

    def _sample(self) -> None:
        """Look at the newest frame, and at those before it for what began or ended in between."""
        frame = self._since[-1][0]
        found = self._look(len(self._since) - 1)
        step = self._tracker.see(frame.at_ms, sightings(frame, found, self._networks))
        if self._samples:
            for track in step.begun:
                track.start_ms = self._since[self._first_with(track.boxes[0])][0].at_ms
        for track in step.gone:
            track.end_ms = self._since[self._last_with(track.boxes[-1]) + 1][0].at_ms
        self._samples += 1
        del self._since[:-1]

    def _look(self, i: int) -> Detections:
        frame, found = self._since[i]
        if found is None:
            longest_px = self._settings.detect_px or self._networks.detector.scan_px
            found = find_faces(frame, self._networks, longest_px, self._settings.min_score)
            self._since[i] = frame, found
        return found

    def _shows(self, i: int, box: NDArray[np.float32]) -> bool:
        return any(overlap(box, other) >= _SAME_PLACE for other in self._look(i).boxes)

    def _first_with(self, box: NDArray[np.float32]) -> int:
        """Of the frames since the last sample, which lacks the face, the first that shows it: by halving."""
        without, with_ = 0, len(self._since) - 1
        while with_ - without > 1:
            half = (without + with_) // 2
            without, with_ = (without, half) if self._shows(half, box) else (half, with_)
        return with_

    def _last_with(self, box: NDArray[np.float32]) -> int:
        """Of the frames since the last sample, which shows the face, the last that does."""
        with_, without = 0, len(self._since) - 1
        while without - with_ > 1:
            half = (with_ + without) // 2
            with_, without = (half, without) if self._shows(half, box) else (with_, half)
        return with_

    def _found(self, track: Track, fewest: int) -> FoundTrack | None:
        """The track as it is handed out, or None where it is hardly a face: too brief, or only so from afar."""
        # of two neighbouring samples the second shows little that is new
        looks = best_looks(track.looks, min(self._settings.max_crops, (len(track.times_ms) + 1) // 2))
        if len(track.times_ms) < fewest or not confirmed(looks, self._networks, self._settings.min_score):
            return None
        faceprint: Faceprint = faceprints(np.stack([look.chip for look in looks]), self._networks).mean(
            axis=0
        )
        assert track.end_ms is not None  # the tracker has finished
        return FoundTrack(
            shot=self._start_ms,
            start_ms=track.start_ms,
            end_ms=track.end_ms,
            boxes=BoxTrack(np.array(track.times_ms, np.int32), np.array(track.boxes, np.float32)),
            crops=tuple(
                Crop(look.at_ms, look.quality, look.box, look.landmarks, look.chip, look.portrait)
                for look in looks
            ),
            faceprint=faceprint,
            quality=float(np.mean([look.quality for look in looks])),
        )


def _notice(video: Video) -> str | None:
    if video.cut_off_ms is None:
        return None
    promised_s = (video.declared_duration_ms or 0) / 1000
    return (
        f"{video.name} breaks off after {video.cut_off_ms / 1000:.1f} s of {promised_s:.1f} s. "
        "What is there was scanned; copy or upload the original again to have the rest."
    )
