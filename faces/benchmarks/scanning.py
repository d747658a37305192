"""How quickly videos are scanned, and what is found: every way to scan beside the floor, decoding alone, and peers.

Each way reads each video in a process of its own, on one core's worth of threads, so that processor time and memory are
its alone. Where the truth lies beside a video (NAME.truth.json, people with intervals in ms) and a folder of
photographs of each person is given, the time that people are rightly named for is scored too. What others scan with
runs in environments of its own (`scan_peers`), and `peer_scans` measures it.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, TypeVar

import cv2
import django
import numpy as np
from numpy.typing import NDArray

from faces.benchmarks.scan_peers.frames import peak_mb
from faces.identity.gallery import Album, Faces, Gallery
from faces.identity.model import Model
from faces.identity.resolve import spread
from faces.vision import MODES, Networks, Video, faces_in_photo, read_photo, scan
from faces.vision.align import chip

PEERS = {"every frame by itself": 0, "a frame each fifth of a second": 200}
"""What scripts do that know of no tracks: find faces, embed and name each by itself; ms from frame to frame."""
FLOOR, FLOOR_KEY = "decoding alone", "decoding key frames alone"
WAYS = (*MODES, *PEERS, FLOOR, FLOOR_KEY)
_PEER_PX = 640
_STEP_MS = 40

T = TypeVar("T")
Spans = dict[str, list[tuple[int, int]]]
"""Of each person, the intervals in ms, half-open, that they are named in."""
Namer = Callable[[NDArray[np.float32]], list[str | None]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way to read one video took.

    cpu_s, wall_s: processor time and time passed. tracks: or faces, of ways that know of no tracks. f1: of named time,
    None where there is no truth. best_f1: of a peer, at the distance that would have suited this very video best.
    """

    video: str
    way: str
    media_s: float
    cpu_s: float
    stages_s: dict[str, float]
    peak_mb: float
    tracks: int
    f1: float | None = None
    wall_s: float = 0
    best_f1: float | None = None

    @property
    def times_real_time(self) -> float:
        return self.media_s / self.cpu_s


@dataclass(slots=True)
class _Clock:
    """Processor time by stage."""

    spent_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timing(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                self.spent_s[stage] += time.process_time() - began

        return timed


class _Timed:
    """A network of which one method's time is taken."""

    def __init__(self, network: Any, method: str, stage: str, clock: _Clock) -> None:
        self._network = network
        setattr(self, method, clock.timing(stage, getattr(network, method)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def measure(
    videos: Sequence[Path],
    load: Callable[[], Networks],
    say: Callable[[str], object],
    *,
    namer: Namer | None = None,
    ways: Sequence[str] = WAYS,
    hardware: bool = False,
) -> list[Figures]:
    """Read every video in every way, one after another. hardware: where a graphics card decodes."""
    found = []
    for video in videos:
        truth = video.with_name(f"{video.stem}.truth.json")
        say(f"{video.stem}: {_apart(_devices, video, load, hardware)}")
        for way in ways:
            figures, spans = _apart(_read, video, way, load, namer, hardware)
            if spans is not None and truth.is_file():
                figures = Figures(**asdict(figures) | {"f1": f1(spans, true_spans(truth))})
            found.append(figures)
            say(line(figures))
    return found


def _apart(function: Callable[..., T], *given: Any) -> T:
    before = set(active_children())
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=django.setup) as apart:
        try:
            return apart.submit(function, *given).result()
        except KeyboardInterrupt:  # else it would be waited for, to the end of its video
            for process in set(active_children()) - before:
                process.kill()
            raise


def _devices(video: Path, load: Callable[[], Networks], hardware: bool) -> str:
    with Video(video, hardware=hardware) as opened:
        next(opened.frames())
        decoder = "a graphics card" if opened.in_hardware else "the CPU"
    return f"decoded by {decoder}, {load()}"


def line(figures: Figures) -> str:
    """One reading in words."""
    stages = ", ".join(f"{name} {spent:.1f}" for name, spent in figures.stages_s.items())
    return (
        f"{figures.video:<20} {figures.way:<32} {figures.times_real_time:6.1f} x real time  "
        f"{figures.cpu_s / figures.media_s:.3f} core s/s  {figures.wall_s:6.1f} s passed  {figures.peak_mb:5.0f} MB  "
        + (f"F1 {figures.f1:.3f}  " if figures.f1 is not None else "")
        + (f"({stages})" if stages else "")
    ).rstrip()


def table(found: Sequence[Figures]) -> str:
    """All ways, over all videos: in core seconds for each second of video, and how much is decoding."""
    rows = [
        "| way | x real time, one core | core s per video s | x real time as time passed "
        "| of the floor | most memory | named F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    by_way = {
        way: [one for one in found if one.way == way] for way in dict.fromkeys(one.way for one in found)
    }
    for way, ones in by_way.items():
        media_s, cpu_s = sum(one.media_s for one in ones), sum(one.cpu_s for one in ones)
        floor = by_way.get(FLOOR_KEY if way in ("fast", FLOOR_KEY) else FLOOR, [])
        share = f"{sum(one.cpu_s for one in floor) / cpu_s:.2f}" if floor else "–"
        passed_s = sum(one.wall_s for one in ones)
        f1_ = _mean([one.f1 for one in ones])
        if any(one.best_f1 is not None for one in ones):
            f1_ += f" ({_mean([one.best_f1 for one in ones])} at best)"
        peak = max(one.peak_mb for one in ones)
        rows.append(
            f"| {way} | {media_s / cpu_s:.1f} | {cpu_s / media_s:.3f} | {media_s / passed_s:.1f} | {share} "
            f"| {peak:.0f} MB | {f1_} |"
        )
    return "\n".join(rows)


def _mean(scores: Sequence[float | None]) -> str:
    known = [score for score in scores if score is not None]
    return f"{np.mean(known):.3f}" if known else "–"


def f1(named: Spans, true: Spans) -> float:
    """Of time in which somebody is named: precision is the share that is right, recall the share that is found."""
    right = said = shown = 0
    for person in named.keys() | true.keys():
        a, b = _steps(named.get(person, [])), _steps(true.get(person, []))
        right, said, shown = right + len(a & b), said + len(a), shown + len(b)
    return 2 * right / max(said + shown, 1)


def true_spans(truth: Path) -> Spans:
    """When those are shown who are to be known."""
    people = json.loads(truth.read_text(encoding="utf-8"))["people"]
    return {one["person"]: [(a, b) for a, b in one["intervals"]] for one in people if one["enrolled"]}


def gallery(folder: Path, networks: Networks) -> dict[str, NDArray[np.float32]]:
    """(n, dim) faceprints of each person's photographs, of which each has a folder; of several faces the largest."""
    found = {}
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        faces = [
            faces_in_photo(read_photo(path.read_bytes()), networks)[:1]
            for path in sorted(person.iterdir())
            if path.is_file()
        ]
        prints = [face.faceprint for some in faces for face in some]
        if prints:
            found[person.name] = np.stack(prints)
    return found


def _read(
    video: Path, way: str, load: Callable[[], Networks], namer: Namer | None, hardware: bool
) -> tuple[Figures, Spans | None]:
    cv2.setNumThreads(1)
    if way in (FLOOR, FLOOR_KEY):
        return _decode(video, way, hardware), None
    clock, loaded = _Clock(), load()
    networks = Networks(
        _Timed(loaded.detector, "detect", "detecting", clock),
        _Timed(loaded.embedder, "embed", "embedding", clock),
        loaded.embedding,
        loaded.provider,
    )
    began, wall = time.process_time(), time.perf_counter()
    if way in PEERS:
        end_ms, seen = _frame_by_frame(video, networks, PEERS[way], hardware)
        vectors, times = [vector for _, _, vector in seen], [(start, end) for start, end, _ in seen]
    else:
        vectors, times, end_ms = [], [], 0
        # none is kept, as a worker keeps none: pictures are large
        for chunk in scan(video, networks, MODES[way], hardware=hardware):
            vectors += [track.faceprint for track in chunk.tracks]
            times += [(track.start_ms, track.end_ms) for track in chunk.tracks]
            end_ms = chunk.end_ms
    cpu_s, wall_s = time.process_time() - began, time.perf_counter() - wall
    figures = Figures(
        video.stem, way, end_ms / 1000, cpu_s, dict(clock.spent_s), peak_mb(), len(vectors), wall_s=wall_s
    )
    return figures, _named(vectors, times, namer) if namer is not None else None


def _named(vectors: list[NDArray[np.float32]], times: list[tuple[int, int]], namer: Namer) -> Spans:
    spans: Spans = defaultdict(list)
    names = namer(np.stack(vectors)) if vectors else []
    for name, span in zip(names, times, strict=True):
        if name is not None:
            spans[name].append(span)
    return dict(spans)


def _decode(video: Path, way: str, hardware: bool) -> Figures:
    began, wall, end_ms = time.process_time(), time.perf_counter(), 0
    with Video(video, hardware=hardware) as opened:
        for frame in opened.frames(key_frames=way == FLOOR_KEY):
            end_ms = frame.at_ms + frame.duration_ms
        end_ms = max(end_ms, opened.passed_until_ms)
    cpu_s, wall_s = time.process_time() - began, time.perf_counter() - wall
    return Figures(video.stem, way, end_ms / 1000, cpu_s, {}, peak_mb(), 0, wall_s=wall_s)


def _frame_by_frame(
    video: Path, networks: Networks, every_ms: int, hardware: bool
) -> tuple[int, list[tuple[int, int, NDArray[np.float32]]]]:
    """(from, to, vector) of every face in each of these frames, and the video's end."""
    seen, due_ms, end_ms = [], 0, 0
    with Video(video, hardware=hardware) as opened:
        for frame in opened.frames():
            end_ms = frame.at_ms + frame.duration_ms
            if frame.at_ms < due_ms:
                continue
            due_ms = frame.at_ms + (every_ms or frame.duration_ms)
            image = frame.image()
            found = networks.detector.detect(image, width=_PEER_PX)
            if len(found):
                chips = np.stack(
                    [chip(image, marks, networks.detector.template) for marks in found.landmarks]
                )
                seen += [(frame.at_ms, due_ms, vector) for vector in networks.embedder.embed(chips)]
    return end_ms, seen


def _steps(spans: Sequence[tuple[int, int]]) -> set[int]:
    return {step for start, end in spans for step in range(round(start / _STEP_MS), round(end / _STEP_MS))}


def namer_of(people: dict[str, NDArray[np.float32]], model: Model) -> Namer:
    """The library's own rule for people known by these faceprints; it can be sent to another process."""
    vectors = np.stack([prints.mean(axis=0) for prints in people.values()]).astype(np.float16)
    spreads = np.array([spread(prints, model.spread) for prints in people.values()])
    gallery = Gallery(
        people=np.arange(len(people)),
        points=Faces(vectors, model.crowding_of_points(vectors, spreads)),
        spread=spreads,
        leeway=np.zeros(len(people)),
        stranger=np.zeros(len(people), bool),
    )
    return partial(_names, list(people), gallery, model)


def _names(
    people: list[str], gallery: Gallery, model: Model, vectors: NDArray[np.float32]
) -> list[str | None]:
    halves, none = vectors.astype(np.float16), np.empty(0, np.int64)
    nobody = Album(none, none, gallery.points[:0])
    near = gallery.candidates(
        Faces(halves, model.crowding_of(halves)), model.calibration, lambda _: (nobody, nobody)
    )
    return [
        people[found[0].person] if found and found[0].distance <= model.calibration.auto else None
        for found in near
    ]
