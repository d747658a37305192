import pickle
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faces.vision import (
    MODES,
    BoxTrack,
    Chunk,
    FoundTrack,
    NoVideoStream,
    ScanSettings,
    Video,
    scan,
)
from faces.vision.hardware import HardwareFailed
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.vision.tiny import cut_short, pattern, silence, write

OFTEN = ScanSettings(chunk_ms=4000, longest_chunk_ms=6000)
"""Chunks short enough for a short video to have several, some at cuts and some at hard borders."""


@cache
def scanned(number: int) -> tuple[Chunk, ...]:
    return tuple(scan(material.sample_videos()[number].path, material.networks_for_scans()))


@cache
def chunked() -> tuple[Chunk, ...]:
    return tuple(scan(long_clip(), material.networks_for_scans(), OFTEN))


def long_clip() -> Path:
    """17 s in three shots, of which the middle one is longer than the longest chunk."""
    drifting = Card("obama", Pose(300, 300, 180), Pose(900, 330, 260))
    alone = Card("grace_hopper", Pose(640, 300, 220), Pose(600, 320, 260))
    left = Card("obama", Pose(300, 300, 200), Pose(340, 310, 220))
    right = Card("grace_hopper", Pose(960, 300, 200), Pose(920, 310, 220))
    scenes = [Scene(110, None, (drifting,)), Scene(220, "rocket", (alone,)), Scene(95, None, (left, right))]
    return material.composed(scenes).path


def tracks(chunks: tuple[Chunk, ...]) -> list[FoundTrack]:
    return [track for chunk in chunks for track in chunk.tracks]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_it_finds_everybody_when_they_appear_to_the_frame(number: int) -> None:
    truth = material.sample_videos()[number].truth
    expected = sorted(
        (shot["start_ms"], shot["end_ms"])
        for shot in truth["shots"]
        for person in shot["people"]
        if person["track"]
    )
    assert sorted((t.start_ms, t.end_ms) for t in tracks(scanned(number))) == expected


@pytest.mark.parametrize("number", [0, 1, 2])
def test_it_says_when_every_frame_is_shown(number: int) -> None:
    shown = [int(t) for chunk in scanned(number) for t in chunk.frame_times_ms]
    assert shown == material.sample_videos()[number].truth["frame_times_ms"]


def test_it_boxes_the_faces_where_they_are() -> None:
    truth = material.sample_videos()[0].truth
    person = truth["shots"][0]["people"][0]
    (track,) = (t for t in tracks(scanned(0)) if t.start_ms == 0)
    for sample in person["track"]:
        box = track.boxes.boxes[int(np.abs(track.boxes.times_ms - sample["t_ms"]).argmin())]
        middle = np.array([sample["x"] + sample["w"] / 2, sample["y"] + sample["h"] / 2])
        assert np.abs(box[:2] + box[2:] / 2 - middle).max() < 0.15 * sample["h"]


def test_it_gives_the_same_person_like_faceprints_in_other_shots() -> None:
    first, *_, left, right = tracks(chunked())
    apart = sorted(float(np.linalg.norm(first.faceprint - t.faceprint)) for t in (left, right))
    assert apart[0] < 0.4 < 0.6 < apart[1]


def test_it_keeps_a_few_good_crops_of_each_track() -> None:
    for track in tracks(scanned(0)):
        assert 1 <= len(track.crops) <= 5
        assert all(crop.chip.shape == (150, 150, 3) for crop in track.crops)
        assert all(crop.portrait.shape == (192, 192, 3) for crop in track.crops)
        assert all(track.start_ms <= crop.at_ms < track.end_ms for crop in track.crops)
        assert 0 < track.quality <= 1


def test_it_ends_chunks_at_cuts_and_at_the_latest_at_a_hard_border() -> None:
    borders = [(chunk.start_ms, chunk.end_ms, chunk.last) for chunk in chunked()]
    # there are cuts at 4400 and 13200, the latter too early in its chunk
    assert borders == [
        (0, 4400, False),
        (4400, 10_400, False),
        (10_400, 16_400, False),
        (16_400, 17_000, True),
    ]


@pytest.mark.parametrize("after", [0, 1])
def test_it_goes_on_after_any_chunk_exactly_as_if_it_had_never_stopped(after: int) -> None:
    resumed = tuple(scan(long_clip(), material.networks_for_scans(), OFTEN, start_ms=chunked()[after].end_ms))
    assert pickle.dumps(plain(resumed)) == pickle.dumps(plain(chunked()[after + 1 :]))


def test_where_a_graphics_card_fails_software_goes_on_as_if_it_had_decoded_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decoded = Video._decoded

    def until_16_8_s(self: Video, packet: Any) -> Any:
        if self._hardware and packet.pts is not None and packet.pts * packet.time_base > 16.8:
            raise HardwareFailed("the card is gone")
        return decoded(self, packet)

    monkeypatch.setattr(Video, "_decoded", until_16_8_s)
    begin = chunked()[1].end_ms
    found = tuple(scan(long_clip(), material.networks_for_scans(), OFTEN, start_ms=begin, hardware=True))
    assert pickle.dumps(plain(found)) == pickle.dumps(plain(chunked()[2:]))
    assert "in software from 16400 ms on (the card is gone)" in caplog.text


def plain(chunks: tuple[Chunk, ...]) -> list[object]:
    """Everything in some chunks, down to the bytes of pictures and vectors."""
    return [
        (
            (chunk.start_ms, chunk.end_ms, chunk.last, chunk.notice, chunk.frame_times_ms.tobytes()),
            [
                (t.shot, t.start_ms, t.end_ms, t.quality, t.faceprint.tobytes(), t.boxes.to_bytes())
                for t in chunk.tracks
            ],
            [
                (
                    c.at_ms,
                    c.quality,
                    c.box.tobytes(),
                    c.landmarks.tobytes(),
                    c.chip.tobytes(),
                    c.portrait.tobytes(),
                )
                for t in chunk.tracks
                for c in t.crops
            ],
        )
        for chunk in chunks
    ]


def test_it_has_nothing_to_add_when_it_goes_on_at_the_end() -> None:
    (rest,) = scan(long_clip(), material.networks_for_scans(), OFTEN, start_ms=17_000)
    assert (rest.start_ms, rest.end_ms, len(rest.frame_times_ms), rest.tracks, rest.last) == (
        17_000,
        17_000,
        0,
        (),
        True,
    )


def test_it_reports_progress_and_can_be_stopped_by_it() -> None:
    positions: list[int] = []

    def stop_at_two_seconds(position_ms: int) -> None:
        positions.append(position_ms)
        if position_ms >= 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(scan(long_clip(), material.networks_for_scans(), on_progress=stop_at_two_seconds))
    assert max(np.diff(positions)) <= 1000


def test_it_finds_nobody_in_a_video_without_faces(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(40 * i, pattern(i // 20, 640, 360)) for i in range(50)])
    (chunk,) = scan(path, material.networks_for_scans())
    assert chunk.tracks == ()
    assert chunk.end_ms == 2000


def test_it_scans_what_is_left_of_a_file_that_breaks_off_and_says_so() -> None:
    clip = material.composed(
        [Scene(150, None, (Card("obama", Pose(600, 300, 250), Pose(640, 300, 250)),))], ClipForm()
    )
    *_, last = scan(cut_short(clip.path, 0.6), material.networks_for_scans())
    assert [track.start_ms for track in last.tracks] == [0]
    assert last.notice is not None
    assert "breaks off after" in last.notice


def test_it_passes_on_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream):
        next(scan(silence(tmp_path / "song.m4a"), material.networks_for_scans()))


def test_it_scans_an_open_file_too() -> None:
    file = BytesIO(material.sample_videos()[0].path.read_bytes())
    assert next(scan(file, material.networks_for_scans())).tracks


def test_it_finds_the_boundaries_of_a_face_that_enters_and_leaves_in_mid_shot() -> None:
    crossing = Card("obama", Pose(-300, 300, 250), Pose(1580, 300, 250))
    clip = material.composed([Scene(100, "rocket", (crossing,))])
    (track,) = tracks(tuple(scan(clip.path, material.networks_for_scans())))
    half_visible = [800, 3160]  # the face's middle crosses the picture's edges at 639 and 3361
    assert abs(track.start_ms - half_visible[0]) <= 320
    assert abs(track.end_ms - half_visible[1]) <= 320


def test_its_fast_mode_sees_everybody_in_key_frames_and_still_tells_when_every_frame_is_shown() -> None:
    found = tuple(scan(long_clip(), material.networks_for_scans(), MODES["fast"]))
    assert [t for c in found for t in c.frame_times_ms] == [t for c in chunked() for t in c.frame_times_ms]
    assert found[-1].end_ms == chunked()[-1].end_ms
    for track in tracks(chunked()):
        like = [t for t in tracks(found) if np.linalg.norm(t.faceprint - track.faceprint) < 0.45]
        assert any(t.start_ms < track.end_ms and t.end_ms > track.start_ms for t in like)


def test_its_fast_mode_goes_on_where_it_stopped() -> None:
    often = replace(MODES["fast"], chunk_ms=4000, longest_chunk_ms=6000)
    whole = tuple(scan(long_clip(), material.networks_for_scans(), often))
    assert len(whole) > 1
    rest = tuple(scan(long_clip(), material.networks_for_scans(), often, start_ms=whole[0].end_ms))
    assert pickle.dumps(plain(rest)) == pickle.dumps(plain(whole[1:]))


def test_its_thorough_mode_finds_smaller_faces() -> None:
    small = [Card("obama", Pose(x, 400, 34), Pose(x + 20, 400, 34)) for x in (200, 500, 800, 1100)]
    clip = material.composed([Scene(30, "rocket", tuple(small))])
    found = {
        mode: len(tracks(tuple(scan(clip.path, material.networks_for_scans(), MODES[mode]))))
        for mode in MODES
    }
    assert found["thorough"] == 4 >= found["default"]


def test_it_packs_a_track_of_boxes_into_twelve_bytes_a_sample() -> None:
    boxes = np.array([[-3.4, 5.6, 100.2, 120.9], [0, 0, 1, 1]], np.float32)
    column = BoxTrack(np.array([40, 3_600_000], np.int32), boxes).to_bytes()
    again = BoxTrack.from_bytes(column)
    assert len(column) == 24
    assert again.times_ms.tolist() == [40, 3_600_000]
    assert again.boxes[0].tolist() == [-3, 6, 100, 121]
