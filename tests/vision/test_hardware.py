"""A graphics card changes neither which frames there are nor when. What these tests see is a machine that has none, or
whatever card the machine has."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import av.error
import numpy as np
import pytest
from av.codec.hwaccel import HWAccel

from faces.vision import MediaUnreadable, NoFrames, Video, decode, hardware, opening, scan
from faces.vision.hardware import HardwareFailed, graphics_card
from tests import material
from tests.vision.forms import COUNT, TIMES, number_of, video
from tests.vision.tiny import pattern, write


@pytest.fixture
def in_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Software in the place of a card: what it cannot decode counts as the card's failure."""
    monkeypatch.setattr(Video, "in_hardware", property(lambda self: self._hardware))


@pytest.mark.parametrize(
    "name",
    [
        "h264.mp4",
        "h264, interlaced.ts",
        "h264, 10 bit.mp4",
        "hevc, 10 bit.mov",
        "vp9.webm",
        "av1.mp4",
        "prores.mov",
    ],
)
def test_a_card_that_is_listed_but_cannot_be_had_changes_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "graphics_card", lambda: HWAccel("cuda", allow_software_fallback=True))
    with Video(video(name), hardware=True) as opened:
        seen = [(frame.at_ms, number_of(frame.image())) for frame in opened.frames()]
        again = [(frame.at_ms, number_of(frame.image())) for frame in opened.frames(3000)]
    assert seen == list(zip(TIMES, range(COUNT), strict=True))
    assert again == [(at, at // 40) for at in TIMES if at >= 3000]


def test_no_card_is_found_where_there_is_no_driver_or_none_is_shown_to_us() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from faces.vision.hardware import graphics_card; print(graphics_card())"],
        cwd=material.CHECKOUT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (found.stdout, found.stderr) == ("None\n", "")


def test_a_build_of_ffmpeg_without_cuda_has_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "hwdevices_available", lambda: ["qsv", "drm"])
    assert graphics_card.__wrapped__() is None


def test_nobody_asks_for_a_card_who_was_not_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "graphics_card", lambda: pytest.fail("asked"))
    with Video(video("h264.mp4")) as opened:
        assert not opened.in_hardware
    with Video(video("mpeg2.mxf"), hardware=True) as opened:  # whose pixels no standard prescribes to the bit
        assert not opened.in_hardware


def test_a_file_that_opens_with_no_card_is_said_to_be_no_video_as_ever() -> None:
    container = opening.open_container(BytesIO(b"text" * 99), "a.mp4", HWAccel("cuda"))
    with pytest.raises(MediaUnreadable, match="not a video that can be read"), container:
        pass


@pytest.mark.usefixtures("in_name_only")
def test_what_cannot_be_decoded_is_put_down_to_the_card_until_software_has_tried(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "v.mp4", [(40 * i, pattern(i)) for i in range(5)]).read_bytes())
    begin, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content[begin:end] = bytes(end - begin)
    with Video(BytesIO(content), hardware=True) as opened, pytest.raises(HardwareFailed) as failed:
        list(opened.frames())
    assert isinstance(failed.value.__cause__, av.error.FFmpegError)
    with pytest.raises(NoFrames, match="not one picture"):
        list(scan(BytesIO(content), material.networks, hardware=True))


@pytest.mark.parametrize(
    ("name", "of_cards"),
    [("h264.mp4", "nv12"), ("h264, interlaced.mp4", "nv12"), ("hevc, 10 bit.mov", "p010le")],
)
def test_pictures_laid_out_as_cards_do_are_the_same(name: str, of_cards: str) -> None:
    with Video(video(name)) as opened:
        for frame, _ in zip(opened.frames(), range(3), strict=False):
            coded = frame.coded.reformat(format=of_cards)
            assert coded.interlaced_frame == ("interlaced" in name)
            assert np.array_equal(opened.picture(coded, 100), frame.image(100))
            assert np.array_equal(opened.picture(coded), frame.image())
            small = opened.thumbnail(coded, 32, 18)
            assert np.array_equal(small, opened.thumbnail(frame.coded, 32, 18))
