from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from faces.vision import Image, Video
from faces.vision.interlace import without_combing
from tests.vision.forms import FORMS, write
from tests.vision.tiny import pattern


def moved(by: int) -> Image:
    """A grey picture of which the middle has moved to the right."""
    picture = pattern(1, 160, 96)
    picture[24:72, 40 + by : 80 + by] = pattern(2, 40, 48)
    return picture[:, :, [0, 0, 0]]


def woven(first: Image, second: Image) -> Image:
    """Two moments in one frame."""
    frame = first.copy()
    frame[1::2] = second[1::2]
    return frame


def error(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_what_has_moved_between_two_half_pictures_is_shown_as_the_first_has_it() -> None:
    frame = woven(moved(0), moved(12))
    assert error(without_combing(frame), moved(0)) < error(frame, moved(0)) / 6


def test_what_stands_still_stays_as_it_is() -> None:
    assert error(without_combing(moved(0)), moved(0)) < 0.5


@pytest.mark.parametrize("height", [1, 2, 3, 4, 5])
def test_any_number_of_lines_will_do(height: int) -> None:
    picture = pattern(3, 20, height)
    assert without_combing(picture).shape == picture.shape


def test_an_interlaced_video_gives_whole_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.vision.forms.numbered", lambda *_: woven(moved(0), moved(12)))
    path = write(tmp_path / "fields.mp4", replace(FORMS["h264, interlaced.mp4"], size=(160, 96)), [0, 40])
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    with Video(path) as video:
        frame = next(video.frames())
        shown = frame.image()
        assert error(shown, moved(0)) < error(shown, moved(12)) / 3
        assert frame.image(80).shape == (48, 80, 3)
