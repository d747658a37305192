import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from faces.vision import Image, Video
from faces.vision.shots import mark_shots
from tests import material
from tests.vision.tiny import pattern, write


def cuts(path: Path) -> list[int]:
    with Video(path) as video:
        return [marked.frame.at_ms for marked in mark_shots(video.frames()) if marked.cut]


def cuts_in(tmp_path: Path, picture: Callable[[int], Image], frames: int = 40) -> list[int]:
    return cuts(write(tmp_path / "v.mp4", [(40 * i, picture(i)) for i in range(frames)]))


def test_it_finds_every_cut_of_the_sample_videos_and_no_other() -> None:
    for sample in material.sample_videos():
        assert cuts(sample.path) == [0, *sample.truth["cuts_ms"]]


def test_it_gives_every_frame_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(40 * i, pattern(i)) for i in range(3)])
    with Video(path) as video:
        assert [marked.frame.at_ms for marked in mark_shots(video.frames())] == [0, 40, 80]


def test_it_cuts_where_another_picture_begins(tmp_path: Path) -> None:
    assert cuts_in(tmp_path, lambda i: pattern(i // 16)) == [0, 640, 1280]


def test_it_takes_a_flash_for_no_cut(tmp_path: Path) -> None:
    white = np.full_like(pattern(0), 255)
    assert cuts_in(tmp_path, lambda i: white if i in (20, 21) else pattern(7)) == [0]


def test_it_takes_a_fast_pan_for_no_cut(tmp_path: Path) -> None:
    wide = np.hstack([pattern(seed) for seed in range(8)])
    assert cuts_in(tmp_path, lambda i: wide[:, 20 * i : 20 * i + 160]) == [0]


def melting(i: int) -> Image:
    """One picture until frame 15, another from frame 30 on."""
    share = np.clip((i - 15) / 15, 0, 1)
    return np.asarray(pattern(1) * (1 - share) + pattern(2) * share, np.uint8)


def dissolves_in(tmp_path: Path, picture: Callable[[int], Image]) -> list[int]:
    with Video(write(tmp_path / "v.mp4", [(40 * i, picture(i)) for i in range(60)])) as video:
        return [marked.dissolve.at_ms for marked in mark_shots(video.frames()) if marked.dissolve]


def test_it_finds_the_middle_of_a_dissolve_and_no_cut_there(tmp_path: Path) -> None:
    assert cuts_in(tmp_path, melting) == [0]
    (middle,) = dissolves_in(tmp_path, melting)
    assert abs(middle - 900) <= 40


def test_it_finds_a_fade_to_black_and_back(tmp_path: Path) -> None:
    def fading(i: int) -> Image:
        light = np.clip(abs(i - 30) / 12 - 0.25, 0, 1)
        return np.asarray(pattern(1) * light if i < 30 else pattern(2) * light, np.uint8)

    assert len(dissolves_in(tmp_path, fading)) == 2


def test_it_takes_neither_a_pan_nor_a_lamp_for_a_dissolve(tmp_path: Path) -> None:
    wide = np.hstack([pattern(seed) for seed in range(8)])
    assert dissolves_in(tmp_path, lambda i: wide[:, 10 * i : 10 * i + 160]) == []
    assert dissolves_in(tmp_path, lambda i: wide[:, 2 * i : 2 * i + 160]) == []
    assert dissolves_in(tmp_path, lambda i: np.asarray(pattern(1) * (0.4 + 0.01 * i), np.uint8)) == []


def test_it_tells_of_a_dissolve_wherever_it_begins_to_look(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(40 * i, melting(i)) for i in range(60)])
    with Video(path) as video:
        whole = [marked.dissolve for marked in mark_shots(video.frames()) if marked.dissolve]
        late = [marked.dissolve for marked in mark_shots(video.frames(240)) if marked.dissolve]
    assert late == whole


def test_it_finds_every_dissolve_of_real_programmes_and_no_other() -> None:
    if (data := material.shared_data()) is None:
        pytest.skip("the shared test data is not here: set DRAMATIS_SHARED")
    for path in sorted((data / "videos").glob("*.truth.json")):
        expected = json.loads(path.read_text())["dissolves_ms"]
        with Video(path.with_name(path.name.replace(".truth.json", ".mp4"))) as video:
            found = [marked.dissolve.at_ms for marked in mark_shots(video.frames()) if marked.dissolve]
        assert found == pytest.approx([(begin + end) / 2 for begin, end in expected], abs=45), path.name
