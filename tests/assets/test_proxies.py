"""The copies that browsers play: pictures and sound where they were."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest

from faces.vision import Video, apart, probe
from mam.assets.proxies import make_proxy
from tests.vision.forms import FORMS, TIMES, Form, number_of, write


def clicks(path: Path) -> list[int]:
    """When the clicks are heard, in ms."""
    heard: list[int] = []
    with av.open(str(path)) as container:
        for frame in cast(Any, container.decode(audio=0)):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).mean(axis=0) > 0.3)
            at_ms = round(1000 * (frame.time + loud[0] / frame.sample_rate)) if len(loud) else 0
            if len(loud) and (not heard or at_ms - heard[-1] > 100):
                heard.append(at_ms)
    return heard


@pytest.mark.parametrize(("name", "hours"), [("h264.mkv", 0), ("h264.ts", 0), ("h264.ts", 10)])
def test_a_copy_keeps_pictures_and_sound_together(name: str, hours: int, tmp_path: Path) -> None:
    """A broadcast's clock began long before it; every second begins with a click."""
    form: Form = replace(FORMS[name], sound="aac")
    muxer = {"output_ts_offset": str(3600 * hours)} if hours else {}
    original = write(tmp_path / f"news{form.suffix}", form, TIMES, muxer=muxer)
    copy = tmp_path / "copy.mp4"
    with original.open("rb") as pictures, original.open("rb") as sound:
        apart.call(make_proxy, pictures, sound, probe(original), str(copy))
    with Video(copy) as shown:
        seconds = [f.at_ms for f in shown.frames() if number_of(f.image()) % 25 == 0]
    assert len(seconds) == 4
    assert clicks(copy) == pytest.approx(seconds, abs=3)


@pytest.mark.parametrize("begins_ms", [4000, 0], ids=["and goes on", "and begins again, by its clock"])
def test_a_copy_has_the_sound_of_an_original_that_changes_its_form(begins_ms: int, tmp_path: Path) -> None:
    """Broadcasts go from stereo to surround, and recordings are joined byte by byte."""
    joined = tmp_path / "joined.ts"
    parts = [
        write(tmp_path / "stereo.ts", replace(FORMS["h264.ts"], sound="aac"), TIMES),
        write(
            tmp_path / "surround.ts",
            replace(FORMS["h264.ts"], sound="aac", layout="5.1"),
            TIMES,
            muxer={"output_ts_offset": str(begins_ms / 1000)},
        ),
    ]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    copy = tmp_path / "copy.mp4"
    with joined.open("rb") as pictures, joined.open("rb") as sound:
        apart.call(make_proxy, pictures, sound, probe(joined), str(copy))
    with Video(copy) as shown:
        seconds = [f.at_ms for f in shown.frames() if number_of(f.image()) % 25 == 0]
    heard = clicks(copy)
    assert heard[:4] == pytest.approx(seconds[:4], abs=3)
    assert len(seconds) == 8
    # at a seam that goes on a decoder has nothing to go on
    assert heard[4:] == pytest.approx(seconds[5 if begins_ms else 4 :], abs=30)
