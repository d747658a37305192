"""Writes composed scenes to a video file of any form, and says exactly who is to be seen when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, cycle, islice, pairwise
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np
from av.audio import AudioStream
from av.container import OutputContainer

from faces.vision.images import Image
from mam.samples.portraits import Portraits
from mam.samples.scenes import HEIGHT, WIDTH, Scene, face_at, renderer

Truth = dict[str, Any]
"""JSON: `people` with intervals [start_ms, end_ms), `cuts_ms`, `shots` with all boxes 5 times a second."""

_TRACK_EVERY_MS = 200
_AUDIO_HZ = 48_000
_TONE_HZ = 220
_TICKS = 60_000  # a second; whole for milliseconds and for 29.97 frames, and few enough for MPEG-4
_PIXELS = {"ffv1": "yuv444p"}
_QUALITY = {
    "libx264": {"preset": "superfast", "crf": "23"},
    "mpeg4": {"b": "4000000"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "34", "b": "0"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipForm:
    """What kind of file to write.

    rate: frames a second. durations_ms: instead, how long each frame is shown, repeated: a variable rate.
    codec: of the pictures; audio: with a tone in AAC (Opus in .webm).
    rotation: clockwise degrees, 0, 90, 180 or 270, by which a player has to turn the stored frames.
    first_ms: the first frame's time; what lies before 0 is hidden by an edit list.
    sample_aspect: width of a stored pixel to its height. index_first: playable while it downloads.
    metadata: of the container, such as {"timecode": "10:00:00:00"}.
    """

    rate: Fraction = Fraction(25)
    durations_ms: tuple[int, ...] = ()
    codec: Literal["libx264", "mpeg4", "libvpx-vp9", "ffv1"] = "libx264"
    audio: bool = True
    rotation: Literal[0, 90, 180, 270] = 0
    first_ms: int = 0
    sample_aspect: Fraction = Fraction(1)
    index_first: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)

    def times(self, frames: int) -> list[Fraction]:
        """When each frame is first shown, in seconds, and when the last is no longer: frames + 1 times."""
        first = Fraction(self.first_ms, 1000)
        if self.durations_ms:
            lengths = islice(cycle(Fraction(ms, 1000) for ms in self.durations_ms), frames)
            return list(accumulate(lengths, initial=first))
        return [first + i / self.rate for i in range(frames + 1)]


def compose_clip(
    path: Path,
    scenes: Sequence[Scene],
    portraits: Portraits,
    form: ClipForm | None = None,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Truth:
    """Write the scenes to `path`, whose ending names the container, and return the truth about them.

    on_progress: called with the share that is done, 0 to 1. The same libraries write the same bytes.
    """
    form = form or ClipForm()
    times = form.times(sum(scene.frames for scene in scenes))
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    options = {"movflags": "faststart"} if form.index_first and path.suffix in (".mp4", ".mov") else {}
    with av.open(str(part), "w", options=options) as container:
        container.metadata.update(form.metadata)
        video = container.add_stream(form.codec, rate=form.rate, options=_encoder_options(form))
        video.width, video.height = _stored_size(form)
        video.pix_fmt = _PIXELS.get(form.codec, "yuv420p")
        video.codec_context.time_base = Fraction(1, _TICKS)
        video.codec_context.sample_aspect_ratio = form.sample_aspect
        video.codec_context.thread_count = 2  # fixed, since x264's output depends on it
        sound = _sound(container, path) if form.audio else None
        tone, lengths = _tone(times[-1]), _lengths(times)
        for number, pixels in enumerate(_pictures(scenes, portraits)):
            frame = av.VideoFrame.from_ndarray(_stored(pixels, form), format="bgr24")
            frame.pts, frame.time_base = round(times[number] * _TICKS), Fraction(1, _TICKS)
            _mux(container, video.encode(frame), lengths)
            if sound is not None:
                while (next_sound := next(tone, None)) is not None:
                    container.mux(sound.encode(next_sound))
                    if next_sound.time is not None and next_sound.time > times[number]:
                        break
            if on_progress is not None:
                on_progress((number + 1) / (len(times) - 1))
        _mux(container, video.encode(None), lengths)
        if sound is not None:
            container.mux(sound.encode(None))
    if form.rotation:
        _turn(part, form.rotation)
    part.replace(path)
    return _truth(path, scenes, portraits, form, times)


def compose_sound(path: Path, seconds: int = 2) -> None:
    """Write a file with a tone and no picture."""
    with av.open(str(path), "w") as container:
        sound = _sound(container, path)
        for frame in _tone(Fraction(seconds)):
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))


def _encoder_options(form: ClipForm) -> dict[str, str]:
    options = _QUALITY.get(form.codec, {})
    # with reordered frames of uneven lengths the muxer loses the last one's length
    return options | {"bf": "0"} if form.durations_ms and form.codec == "libx264" else options


def _lengths(times: Sequence[Fraction]) -> dict[int, int]:
    """How long the frame of each presentation time is shown, in ticks."""
    ticks = [round(time * _TICKS) for time in times]
    return {start: end - start for start, end in pairwise(ticks)}


def _mux(container: OutputContainer, packets: "Sequence[av.Packet[Any]]", lengths: Mapping[int, int]) -> None:
    for packet in packets:
        if (
            packet.pts is not None
        ):  # or a player would take the last frame's length for that of the one before
            packet.duration = lengths[packet.pts]
        container.mux(packet)


def _sound(container: OutputContainer, path: Path) -> AudioStream:
    stream = container.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=_AUDIO_HZ)
    stream.layout = "mono"
    return stream


def _pictures(scenes: Sequence[Scene], portraits: Portraits) -> Iterator[Image]:
    for scene in scenes:
        paint = renderer(scene, portraits)
        for number in range(scene.frames):
            yield paint(number / scene.frames)


def _stored_size(form: ClipForm) -> tuple[int, int]:
    width, height = (WIDTH, HEIGHT) if form.rotation in (0, 180) else (HEIGHT, WIDTH)
    return round(width / form.sample_aspect / 2) * 2, height


def _stored(pixels: Image, form: ClipForm) -> Image:
    """The upright frame as the file has it: turned the other way, and squeezed."""
    stored = np.rot90(pixels, form.rotation // 90)
    if form.sample_aspect != 1:
        stored = np.asarray(cv2.resize(stored, _stored_size(form), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(stored)


def _tone(until_s: Fraction) -> Iterator[av.AudioFrame]:
    samples, chunk = int(until_s * _AUDIO_HZ), 1024
    for start in range(0, samples, chunk):
        when = np.arange(start, min(start + chunk, samples)) / _AUDIO_HZ
        wave = (0.05 * np.sin(2 * np.pi * _TONE_HZ * when)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _AUDIO_HZ, start, Fraction(1, _AUDIO_HZ)
        yield frame


def _turn(path: Path, clockwise: int) -> None:
    """Write a rotation into an MP4's first track header, which the muxer leaves upright."""
    content = bytearray(path.read_bytes())
    matrix_at = (
        content.index(b"tkhd") + 44
    )  # ISO/IEC 14496-12, 8.3.2: nine big-endian numbers, 16.16 fixed point
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise]
    for place, value in ((0, cos), (1, sin), (3, -sin), (4, cos)):
        content[matrix_at + 4 * place : matrix_at + 4 * place + 4] = (value << 16).to_bytes(
            4, "big", signed=True
        )
    path.write_bytes(content)


def _truth(
    path: Path, scenes: Sequence[Scene], portraits: Portraits, form: ClipForm, times: Sequence[Fraction]
) -> Truth:
    times_ms = [round(time * 1000) for time in times]
    borders = list(accumulate((scene.frames for scene in scenes), initial=0))
    enrolled = {portraits.people[name].person for name in portraits.reference}
    shots = [
        _shot(number, scene, times_ms[first : last + 1], portraits, enrolled)
        for number, (scene, (first, last)) in enumerate(zip(scenes, pairwise(borders), strict=True))
        if times_ms[last] > 0
    ]
    shown_ms = [time_ms for time_ms in times_ms[:-1] if time_ms >= 0]
    intervals: dict[str, list[list[int]]] = {}
    for shot in shots:
        for seen in shot["people"]:
            theirs = intervals.setdefault(seen["person"], [])
            if theirs and theirs[-1][1] == shot["start_ms"]:
                theirs[-1][1] = shot["end_ms"]
            else:
                theirs.append([shot["start_ms"], shot["end_ms"]])
    return {
        "video": path.name,
        "width": WIDTH,
        "height": HEIGHT,
        "frame_count": len(shown_ms),
        "frame_times_ms": shown_ms,
        "duration_ms": times_ms[-1],
        "cuts_ms": [shot["start_ms"] for shot in shots[1:]],
        "dissolves_ms": [],
        "people": [
            {
                "person": person,
                "enrolled": person in enrolled,
                "intervals": theirs,
                "total_ms": sum(end - start for start, end in theirs),
            }
            for person, theirs in sorted(intervals.items())
        ],
        "shots": shots,
    }


def _shot(
    number: int, scene: Scene, times_ms: Sequence[int], portraits: Portraits, enrolled: set[str]
) -> dict[str, Any]:
    people = []
    for card in scene.cards:
        portrait, track, due_ms = portraits.people[card.portrait], [], max(0, times_ms[0])
        for at, t_ms in enumerate(times_ms[:-1]):
            if t_ms < due_ms:
                continue
            seen = face_at(card, portrait, at / scene.frames)
            x, y, w, h = (round(value, 1) for value in seen.box)
            track.append({"t_ms": t_ms, "x": x, "y": y, "w": w, "h": h, "visible": round(seen.visible, 3)})
            due_ms = t_ms + _TRACK_EVERY_MS
        people.append(
            {
                "person": portrait.person,
                "enrolled": portrait.person in enrolled,
                "start_ms": max(0, times_ms[0]),
                "end_ms": times_ms[-1],
                "track": track,
            }
        )
    return {
        "index": number,
        "kind": "no_face" if not people else "medium",
        "start_ms": max(0, times_ms[0]),
        "end_ms": times_ms[-1],
        "people": people,
    }
