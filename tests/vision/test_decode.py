from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from faces.vision import MediaMissing, MediaUnreadable, NoFrames, NoVideoStream, Video
from mam.samples import ClipForm, Scene
from tests import material
from tests.vision.tiny import cut_short, pattern, silence, write

ODD_TIMES = [0, 40, 47, 130, 131, 400, 1400, 1433]


def times(path: Path | BytesIO, start_ms: int = 0) -> list[int]:
    with Video(path) as video:
        return [frame.at_ms for frame in video.frames(start_ms)]


def test_it_gives_each_frame_its_presentation_time(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.mp4", [(t, pattern(t)) for t in ODD_TIMES])
    assert times(path) == ODD_TIMES


def test_it_keeps_a_start_offset_as_browsers_do(tmp_path: Path) -> None:
    path = write(tmp_path / "late.mp4", [(t + 700, pattern(t)) for t in ODD_TIMES])
    assert times(path) == [t + 700 for t in ODD_TIMES]


def test_it_leaves_out_what_an_edit_list_hides() -> None:
    clip = material.composed([Scene(50, "rocket")], ClipForm(first_ms=-400))
    assert times(clip.path) == clip.truth["frame_times_ms"]


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi"])
def test_it_times_containers_that_browsers_do_not_play_from_about_zero(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"video{suffix}", [(40 * i, pattern(i // 5)) for i in range(30)])
    found = times(path)
    assert len(found) == 30
    assert found[0] <= 40
    assert set(np.diff(found)) == {40}


def test_it_times_frames_without_any_timestamps(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.h264", [(40 * i, pattern(i // 5)) for i in range(20)])
    found = times(path)
    assert len(found) == 20
    assert set(np.diff(found)) == {40}


def test_it_goes_on_in_the_middle_with_the_very_same_frames(tmp_path: Path) -> None:
    path = write(tmp_path / "long.mp4", [(40 * i, pattern(i // 7)) for i in range(250)], gop=60)
    with Video(path) as video:
        whole = {frame.at_ms: frame.image() for frame in video.frames()}
        rest = {frame.at_ms: frame.image() for frame in video.frames(6000)}
    assert list(rest) == [t for t in whole if t >= 6000]
    assert all((rest[t] == whole[t]).all() for t in rest)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_it_turns_frames_upright(rotation: int) -> None:
    upright = material.composed([Scene(5, "rocket")], ClipForm(rotation=0, audio=False))
    turned = material.composed([Scene(5, "rocket")], ClipForm(rotation=rotation, audio=False))  # type: ignore[arg-type]  # parametrize knows no Literal
    with Video(upright.path) as one, Video(turned.path) as other:
        expected, found = next(one.frames()).image(320), next(other.frames()).image(320)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 6


def test_it_widens_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = write(tmp_path / "wide.mp4", [(0, pattern(1)), (40, pattern(1))], sample_aspect=Fraction(4, 3))
    with Video(path) as video:
        frame = next(video.frames())
        assert frame.size_wh == (213, 90)
        assert frame.image().shape == (90, 213, 3)


def test_it_shrinks_to_the_longer_side_and_never_enlarges(tmp_path: Path) -> None:
    with Video(write(tmp_path / "small.mp4", [(0, pattern(1))])) as video:
        frame = next(video.frames())
        assert frame.image(80).shape == (45, 80, 3)
        assert frame.image(1000).shape == (90, 160, 3)


def test_it_gives_what_is_left_of_a_file_that_breaks_off(tmp_path: Path) -> None:
    clip = material.composed([Scene(100, "rocket")], ClipForm(index_first=True))
    with Video(cut_short(clip.path, 0.5)) as video:
        found = [frame.at_ms for frame in video.frames()]
        assert 20 < len(found) < 100
        assert set(found) <= set(clip.truth["frame_times_ms"])
        assert video.cut_off_ms == found[-1] + 40


def test_it_passes_over_damage_in_the_middle() -> None:
    clip = material.composed([Scene(100, "rocket")], ClipForm(index_first=True))
    content = bytearray(clip.path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    found = times(BytesIO(content))
    assert len(found) > 50
    assert set(found) <= set(clip.truth["frame_times_ms"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"A text that somebody has called holiday.mp4.\n" * 50,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"\x00\x00\x00\x20ftypisom" + bytes(400),
    ],
    ids=["empty", "text", "playlist", "concat", "header only"],
)
def test_it_refuses_what_is_no_video(content: bytes) -> None:
    with pytest.raises(MediaUnreadable, match=r"(left as it is|left as it was|again)"):
        times(BytesIO(content))


def test_it_refuses_a_video_whose_index_is_cut_off() -> None:
    clip = material.composed([Scene(100, "rocket")], ClipForm(index_first=False))
    with pytest.raises(MediaUnreadable, match="index"):
        times(cut_short(clip.path, 0.5))


def test_it_says_when_there_is_only_sound(tmp_path: Path) -> None:
    with pytest.raises(NoVideoStream, match="audio"):
        times(silence(tmp_path / "song.m4a"))


def test_it_says_when_there_is_not_one_frame(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "v.mp4", [(40 * i, pattern(i)) for i in range(5)]).read_bytes())
    begin = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    content[begin:end] = bytes(end - begin)
    with pytest.raises(NoFrames, match="not one picture"):
        times(BytesIO(content))


def test_it_says_when_the_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(MediaMissing, match=r"gone\.mp4"):
        times(tmp_path / "gone.mp4")


def test_it_takes_any_file_name(tmp_path: Path) -> None:
    odd = tmp_path / "a%03d:pipe,[x] 'é\n.mp4"
    assert len(times(write(tmp_path / "v.mp4", [(0, pattern(1))]).rename(odd))) == 1
