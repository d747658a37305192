from collections.abc import Callable
from pathlib import Path

import numpy as np

from faces.vision import Image, Video
from faces.vision.shots import mark_cuts
from tests import material
from tests.vision.tiny import pattern, write


def cuts(path: Path) -> list[int]:
    with Video(path) as video:
        return [frame.at_ms for frame, cut in mark_cuts(video.frames()) if cut]


def cuts_in(tmp_path: Path, picture: Callable[[int], Image], frames: int = 40) -> list[int]:
    return cuts(write(tmp_path / "v.mp4", [(40 * i, picture(i)) for i in range(frames)]))


def test_it_finds_every_cut_of_the_sample_videos_and_no_other() -> None:
    for sample in material.sample_videos():
        assert cuts(sample.path) == [0, *sample.truth["cuts_ms"]]


def test_it_gives_every_frame_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(40 * i, pattern(i)) for i in range(3)])
    with Video(path) as video:
        assert [frame.at_ms for frame, _ in mark_cuts(video.frames())] == [0, 40, 80]


def test_it_cuts_where_another_picture_begins(tmp_path: Path) -> None:
    assert cuts_in(tmp_path, lambda i: pattern(i // 16)) == [0, 640, 1280]


def test_it_takes_a_flash_for_no_cut(tmp_path: Path) -> None:
    white = np.full_like(pattern(0), 255)
    assert cuts_in(tmp_path, lambda i: white if i in (20, 21) else pattern(7)) == [0]


def test_it_takes_a_fast_pan_for_no_cut(tmp_path: Path) -> None:
    wide = np.hstack([pattern(seed) for seed in range(8)])
    assert cuts_in(tmp_path, lambda i: wide[:, 20 * i : 20 * i + 160]) == [0]


def test_it_takes_a_cross_fade_for_no_cut(tmp_path: Path) -> None:
    def fading(i: int) -> Image:
        share = np.clip((i - 10) / 20, 0, 1)
        return np.asarray(pattern(1) * (1 - share) + pattern(2) * share, np.uint8)

    assert cuts_in(tmp_path, fading) == [0]
