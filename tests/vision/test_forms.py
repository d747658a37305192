"""Every frame of every form at the time at which a player shows it, wherever one begins to look."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from faces.vision import Video, poster, probe, read_photo
from tests.vision.forms import COUNT, FORMS, TIMES, Form, number_of, numbered, video, write


def seen(path: Path, start_ms: int = 0) -> list[tuple[int, int]]:
    """(time, number) of each frame."""
    with Video(path) as opened:
        return [(frame.at_ms, number_of(frame.image())) for frame in opened.frames(start_ms)]


@pytest.mark.parametrize("name", FORMS)
def test_each_frame_is_shown_in_its_time(name: str) -> None:
    assert seen(video(name)) == list(zip(TIMES, range(COUNT), strict=True))


@pytest.mark.parametrize("name", FORMS)
def test_who_begins_in_the_middle_sees_the_very_same(name: str) -> None:
    for start_ms in (40, 1960, 2040, 3000, 3500, 3960):
        assert seen(video(name), start_ms) == [(at, at // 40) for at in TIMES if at >= start_ms]
    with Video(video(name)) as one, Video(video(name)) as other:
        whole = {frame.at_ms: frame.image() for frame in one.frames()}
        assert all((frame.image() == whole[frame.at_ms]).all() for frame in other.frames(3000))


@pytest.mark.parametrize("name", FORMS)
def test_its_figures_are_those_of_the_file(name: str) -> None:
    form, info = FORMS[name], probe(video(name))
    assert (info.width, info.height) == form.size
    assert info.frame_rate == 25
    assert 40 * COUNT <= info.duration_ms <= 40 * COUNT + (80 if form.suffix == ".flv" else 0)
    assert info.pixel_format == form.pixels
    assert info.start_timecode == form.keeps.get("timecode")
    assert info.reel == form.keeps.get("reel_name")


@pytest.mark.parametrize("name", FORMS)
def test_its_poster_is_the_frame_shown_then(name: str) -> None:
    assert number_of(read_photo(poster(video(name), 3010))) == 75


UNEVEN = [0, 40, 47, 130, 131, 400, 1400, 1433]
SIMPLE = Form(codec="libx264", suffix="", options={"preset": "ultrafast", "x264-params": "bframes=0"})


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts"])
def test_a_rate_that_varies_is_followed(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"uneven{suffix}", SIMPLE, UNEVEN)
    assert seen(path) == list(zip(UNEVEN, range(len(UNEVEN)), strict=True))


def test_frames_that_an_avi_leaves_out_leave_a_gap(tmp_path: Path) -> None:
    times = [at for at in TIMES if not 400 <= at < 800]
    found = seen(write(tmp_path / "gap.avi", FORMS["mpeg4.avi"], times))
    assert found == list(zip(times, range(len(times)), strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_lies_before_time_zero_is_not_shown(suffix: str, tmp_path: Path) -> None:
    form, muxer = FORMS[f"h264{suffix}"], {"avoid_negative_ts": "disabled"}
    path = write(tmp_path / f"early{suffix}", form, [at - 200 for at in TIMES], muxer=muxer)
    assert seen(path) == [(at, at // 40 + 5) for at in TIMES[:-5]]


@pytest.mark.parametrize("hours", [0, 10, 26.5])
def test_a_recording_of_a_broadcast_begins_at_zero_and_is_whole(hours: float, tmp_path: Path) -> None:
    """A transport stream's clock runs on, and starts again after 26 hours and a half."""
    muxer = {"output_ts_offset": str(round(hours * 3600))}
    path = write(tmp_path / "news.ts", FORMS["h264.ts"], TIMES, muxer=muxer)
    with Video(path) as opened:
        assert [frame.at_ms for frame in opened.frames()] == TIMES
        assert opened.cut_off_ms is None
    assert probe(path).duration_ms == 4000


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_late_beginning_is_part_of_the_duration(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"late{suffix}", FORMS[f"h264{suffix}"], [at + 720 for at in TIMES])
    assert seen(path)[0] == (720, 0)
    assert probe(path).duration_ms == 4720


@pytest.mark.parametrize(
    ("name", "aspect", "shown"),
    [
        ("h264.mkv", Fraction(4, 3), (171, 96)),
        ("mpeg2.mxf", Fraction(4, 3), (171, 96)),
        ("mpeg2.ts", Fraction(4, 3), (171, 96)),
        ("prores.mov", Fraction(3, 4), (128, 128)),
    ],
)
def test_pixels_that_are_not_square_are_shown_so(
    name: str, aspect: Fraction, shown: tuple[int, int], tmp_path: Path
) -> None:
    form = FORMS[name]
    info = probe(write(tmp_path / f"wide{form.suffix}", form, TIMES[:5], sample_aspect=aspect))
    assert (info.width, info.height) == shown


def test_of_several_videos_in_a_file_the_one_that_players_choose_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        for width, height, default in ((320, 180, False), (160, 90, True)):
            stream: Any = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.disposition = Disposition.default if default else Disposition(0)
        for stream in container.streams.video:
            for number in range(3):
                frame = av.VideoFrame.from_ndarray(
                    numbered(number, stream.width, stream.height), format="bgr24"
                )
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert probe(path).width == 160


@pytest.mark.parametrize("name", ["h264.mp4", "hevc, 10 bit.mov"])
def test_ultra_high_definition_is_taken(name: str, tmp_path: Path) -> None:
    form = replace(FORMS[name], size=(3840, 2160))
    path = write(tmp_path / f"uhd{form.suffix}", form, TIMES[:3])
    assert seen(path) == [(0, 0), (40, 1), (80, 2)]
    with Video(path) as opened:
        assert next(opened.frames()).image(640).shape == (360, 640, 3)


def test_a_timeless_beginning_does_not_hold_up_what_follows(tmp_path: Path) -> None:
    """A recording that begins in the middle of a group of pictures."""
    whole = video("mpeg2.ts").read_bytes()
    begin = len(whole) // 3 // 188 * 188
    path = tmp_path / "middle.ts"
    path.write_bytes(whole[begin:])
    found = np.array([[at, number] for at, number in seen(path) if number])
    late = found[:, 0] - 40 * found[:, 1]
    assert len(found) > 50
    assert (late == late[-1]).all()


@pytest.mark.parametrize("began_ms", [36_000_000, 0], ids=["hours later", "and began at nought"])
def test_recordings_that_were_joined_follow_each_other_though_each_has_its_own_clock(
    began_ms: int, tmp_path: Path
) -> None:
    parts = [
        write(
            tmp_path / f"{number}.ts",
            FORMS["h264.ts"],
            TIMES,
            muxer={"output_ts_offset": str(offset_ms / 1000)},
        )
        for number, offset_ms in enumerate([7_200_000, began_ms])
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert seen(joined) == [(40 * at, at % COUNT) for at in range(2 * COUNT)]
