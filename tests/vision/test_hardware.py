"""A graphics card changes neither which frames there are nor when: where there is none, and with a pretended one."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av.error
import numpy as np
import pytest
from av.codec.hwaccel import HWAccel

from faces.vision import MediaUnreadable, NoFrames, Video, decode, hardware, opening, scan
from faces.vision.hardware import HardwareFailed, graphics_card
from tests import material
from tests.vision import driver, tiny
from tests.vision.forms import COUNT, FORMS, TIMES, number_of, video, write


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
    content = bytearray(
        tiny.write(tmp_path / "v.mp4", [(40 * i, tiny.pattern(i)) for i in range(5)]).read_bytes()
    )
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


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return driver.build(tmp_path_factory.mktemp("driver"))


@driver.NEEDS_C
def test_frames_that_a_card_decodes_are_those_of_software_in_all_but_pixels(card: Path) -> None:
    found, complaints = driver.with_driver(card, "seen", *(video(name) for name in FORMS))
    assert complaints == ""
    for name, (in_hardware, *frames) in zip(FORMS, found, strict=True):
        assert [False, *frames] == driver.seen(video(name), hardware=False), name
        able = FORMS[name].codec in ("libx264", "libx265", "libvpx-vp9") and name != "h264, 10 bit.mp4"
        assert in_hardware is able, name


@driver.NEEDS_C
@pytest.mark.parametrize("name", ["h264, interlaced.ts", "hevc, 10 bit.mov"])
def test_the_chunk_in_which_a_card_is_lost_and_all_after_it_are_decoded_by_software(
    name: str, card: Path
) -> None:
    (chunks,), complaints = driver.with_driver(card, "scanned", video(name), PRETENDED_PICTURES="90")
    assert chunks == driver.scanned(video(name), hardware=False)
    assert re.search(r"^decoding in software from [123]000 ms on", complaints)


@driver.NEEDS_C
def test_a_margin_that_only_software_cuts_off_is_left_to_software(card: Path, tmp_path: Path) -> None:
    cropped = FORMS["h264.mp4"].options["x264-params"] + ":crop-rect=16,0,0,0"
    form = replace(FORMS["h264.mp4"], options={"preset": "ultrafast", "x264-params": cropped})
    path = write(tmp_path / "v.mp4", form, TIMES)
    (chunks,), complaints = driver.with_driver(card, "scanned", path)
    assert chunks == driver.scanned(path, hardware=False)
    assert "in software from 0 ms on (v.mp4: a margin on the left" in complaints
