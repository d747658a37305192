"""A long programme to measure scanning by, put together from short videos: 1920 × 1080 at 25 frames a second, x264
medium, a key frame every 50 and B-frames, as broadcasters keep theirs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import av
from av.video.frame import PictureType

_FPS, _WIDE, _HIGH = 25, 1920, 1080
_FRAME_MS = 1000 // _FPS
_X264 = {"preset": "medium", "crf": "21", "g": "50", "bf": "3"}


def compose(videos: Sequence[Path], minutes: float, folder: Path, say: Callable[[str], object]) -> Path:
    """The videos one after another, again and again, for so long; made once and then kept in the folder.

    Only one round of the videos is encoded, which takes twice its length and more; then its packets are repeated, the
    last round as far as the key frame next to the end. The truth beside the videos (NAME.truth.json) is shifted and put
    beside the programme where all have one.
    """
    contents = [(str(video.resolve()), video.stat().st_size, video.stat().st_mtime_ns) for video in videos]
    key = hashlib.sha256(repr((contents, minutes, _X264)).encode()).hexdigest()[:12]
    path = folder / f"programme-{minutes:g}min-{key}.mp4"
    if path.is_file():
        return path
    say(f"Composing a programme of {minutes:g} minutes, once: {path}")
    folder.mkdir(parents=True, exist_ok=True)
    one_round, unfinished = (path.with_suffix(f".{kind}.mp4") for kind in ("round", "unfinished"))
    starts = _encode(one_round, videos)
    frames = _repeat(one_round, unfinished, starts[-1], round(minutes * 60 * _FPS))
    one_round.unlink()
    truths = [video.with_name(f"{video.stem}.truth.json") for video in videos]
    if all(truth.is_file() for truth in truths):
        known = [json.loads(truth.read_text("utf-8")) for truth in truths]
        truth = _joined(known, starts, frames) | {"video": path.stem}
        path.with_name(f"{path.stem}.truth.json").write_text(json.dumps(truth), "utf-8")
    return unfinished.rename(path)


def _encode(path: Path, videos: Sequence[Path]) -> list[int]:
    """Each video once; the frames that they begin at, and in the end how many frames there are."""
    starts = [0]
    with av.open(str(path), "w") as programme:
        stream = programme.add_stream("libx264", rate=_FPS, options=_X264)
        stream.width, stream.height, stream.pix_fmt = _WIDE, _HIGH, "yuv420p"
        at = 0
        for video in videos:
            with av.open(str(video)) as source:
                for frame in source.decode(video=0):
                    # shown as often as it takes to keep the video's own time, or not at all
                    until = starts[-1] + round(float(frame.time or 0) * _FPS) + 1
                    picture = frame.reformat(_WIDE, _HIGH, "yuv420p") if at < until else frame
                    while at < until:
                        picture.pts, picture.time_base, at = at, Fraction(1, _FPS), at + 1
                        picture.pict_type = PictureType.NONE
                        programme.mux(stream.encode(picture))
            starts.append(at)
        programme.mux(stream.encode())
    return starts


def _repeat(one_round: Path, path: Path, frames: int, wanted: int) -> int:
    """The round again and again, up to the first key frame not before the wanted end; how many frames that is."""
    with av.open(str(path), "w") as programme:
        stream = None
        for times in count():
            with av.open(str(one_round)) as source:
                stream = stream or programme.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.pts is None or packet.dts is None:  # the end of the file
                        continue
                    assert packet.time_base is not None
                    per_frame = round(1 / (_FPS * packet.time_base))
                    at = times * frames + packet.pts // per_frame
                    if packet.is_keyframe and at >= wanted:
                        return at
                    packet.pts += times * frames * per_frame
                    packet.dts += times * frames * per_frame
                    packet.stream = stream
                    programme.mux(packet)
    raise AssertionError("there is always a next round")


def _joined(known: Sequence[dict[str, Any]], starts: Sequence[int], frames: int) -> dict[str, Any]:
    """The truths of the videos of a round, repeated up to a frame; what lies beyond a video's end is cut off."""
    people: dict[str, dict[str, Any]] = {}
    shots: list[dict[str, Any]] = []
    dissolves: list[list[int]] = []
    for first in range(0, frames, starts[-1]):
        for truth, start, end in zip(known, starts, starts[1:], strict=False):
            from_ms, to_ms = (first + start) * _FRAME_MS, min(first + end, frames) * _FRAME_MS
            for one in truth["people"]:
                person = people.setdefault(one["person"], {**one, "intervals": []})
                person["intervals"] += _shifted(one["intervals"], from_ms, to_ms)
            dissolves += _shifted(truth.get("dissolves_ms", []), from_ms, to_ms)
            for shot in truth.get("shots", []):
                for shot_from, shot_to in _shifted([(shot["start_ms"], shot["end_ms"])], from_ms, to_ms):
                    shown = [
                        one | {"track": _later(one.get("track") or [], from_ms)} for one in shot["people"]
                    ]
                    shots.append(shot | {"start_ms": shot_from, "end_ms": shot_to, "people": shown})
    return {
        "duration_ms": frames * _FRAME_MS,
        "people": list(people.values()),
        "shots": shots,
        "dissolves_ms": dissolves,
    }


def _shifted(spans: Sequence[Sequence[int]], from_ms: int, to_ms: int) -> list[list[int]]:
    later = [[min(from_ms + one, to_ms) for one in span] for span in spans]
    return [span for span in later if span[0] < span[1]]


def _later(samples: Sequence[dict[str, Any]], by_ms: int) -> list[dict[str, Any]]:
    return [sample | {"t_ms": sample["t_ms"] + by_ms} for sample in samples]
