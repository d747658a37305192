from fractions import Fraction
from pathlib import Path

import pytest

from faces.vision import MediaUnreadable, poster, probe, read_photo
from mam.samples import ClipForm, Scene
from tests import material
from tests.vision.tiny import pattern, write

ROCKET = (Scene(50, "rocket"),)


def test_it_reads_the_properties_of_a_video() -> None:
    info = probe(material.composed(ROCKET, ClipForm(rate=Fraction(30_000, 1001))).path)
    assert (info.width, info.height, info.frame_rate) == (1280, 720, Fraction(30_000, 1001))
    assert (info.video_codec, info.pixel_format, info.audio_codec) == ("h264", "yuv420p", "aac")
    assert info.container == "mp4"
    assert abs(info.duration_ms - 1668) < 50
    assert info.browser_playable
    assert not info.still


def test_it_gives_the_upright_size() -> None:
    info = probe(material.composed(ROCKET, ClipForm(rotation=90)).path)
    assert (info.width, info.height) == (1280, 720)


def test_it_reads_the_time_code() -> None:
    info = probe(material.composed(ROCKET, ClipForm(metadata={"timecode": "10:00:00:00"})).path)
    assert info.start_timecode == "10:00:00:00"


@pytest.mark.parametrize(
    ("suffix", "codec", "playable"),
    [
        (".mp4", "libx264", True),
        (".webm", "libvpx-vp9", True),
        (".mkv", "libx264", False),
        (".avi", "mpeg4", False),
    ],
)
def test_it_knows_what_browsers_play(suffix: str, codec: str, playable: bool) -> None:
    form = ClipForm(codec=codec, audio=suffix != ".avi")  # type: ignore[arg-type]  # parametrize knows no Literal
    assert probe(material.composed(ROCKET, form, suffix=suffix).path).browser_playable == playable


def test_it_measures_a_video_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.h264", [(40 * i, pattern(1)) for i in range(25)])
    assert probe(path).duration_ms == 1000


def test_it_takes_a_picture_for_a_still(tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    path.write_bytes(poster(material.composed(ROCKET).path))
    assert probe(path).still


def test_it_refuses_what_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video at all")
    with pytest.raises(MediaUnreadable, match=r"text\.mp4"):
        probe(path)


def test_it_makes_a_poster_of_the_frame_shown_then(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(0, pattern(1)), (5000, pattern(2)), (9000, pattern(3))])
    for at_ms, seed in ((0, 1), (4999, 1), (5000, 2), (99_000, 3)):
        shown = read_photo(poster(path, at_ms)).astype(int)
        assert min(range(1, 4), key=lambda s: float(abs(shown - pattern(s)).mean())) == seed


def test_it_makes_posters_no_wider_than_wished() -> None:
    assert read_photo(poster(material.composed(ROCKET).path, width=320)).shape == (180, 320, 3)
