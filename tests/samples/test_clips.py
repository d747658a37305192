"""A clip of any form still has an exact truth."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mam.samples import Card, ClipForm, Pose, Scene
from tests import material

SCENES = (Scene(20, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)), Scene(20, "rocket"))


def shown_ms(clip: material.Clip) -> list[int]:
    """When a player shows each frame."""
    with av.open(str(clip.path)) as container:
        return [round((frame.time or 0) * 1000) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        (ClipForm(), ".mp4"),
        (ClipForm(rate=Fraction(30000, 1001)), ".mov"),
        (ClipForm(durations_ms=(40, 20, 80)), ".mp4"),
        (ClipForm(first_ms=-400), ".mp4"),
        (ClipForm(first_ms=520, audio=False), ".mp4"),
        (ClipForm(codec="mpeg4"), ".mp4"),
        (ClipForm(codec="libvpx-vp9"), ".webm"),
        (ClipForm(codec="ffv1"), ".mkv"),
        (ClipForm(index_first=False), ".mp4"),
    ],
    ids=["25", "29.97", "variable", "hidden-start", "late-start", "mpeg4", "vp9", "ffv1", "index-last"],
)
def test_each_frame_is_shown_when_the_truth_says(form: ClipForm, suffix: str) -> None:
    clip = material.composed(SCENES, form, suffix=suffix)
    assert shown_ms(clip) == clip.truth["frame_times_ms"]
    assert clip.truth["cuts_ms"] == [clip.truth["people"][0]["intervals"][0][1]]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_clip_stands_upright_once_it_is_turned_back(rotation: int) -> None:
    clip = material.composed(SCENES, ClipForm(rotation=rotation), suffix=".mp4")  # type: ignore[arg-type]  # parametrised
    with av.open(str(clip.path)) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation % 360 == -rotation % 360
        upright = np.rot90(frame.to_ndarray(format="bgr24"), -rotation // 90)
    assert upright.shape == (720, 1280, 3)
    assert len(material.networks().detector.detect(np.ascontiguousarray(upright))) == 1


def test_a_squeezed_clip_says_its_aspect() -> None:
    clip = material.composed(SCENES, ClipForm(sample_aspect=Fraction(4, 3)))
    with av.open(str(clip.path)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, video.sample_aspect_ratio) == (960, 720, Fraction(4, 3))


def test_a_clip_can_be_silent() -> None:
    clip = material.composed(SCENES, ClipForm(audio=False))
    with av.open(str(clip.path)) as container:
        assert not container.streams.audio


def test_a_clip_can_carry_a_time_code() -> None:
    clip = material.composed(SCENES, ClipForm(metadata={"timecode": "10:00:00:00"}), suffix=".mov")
    with av.open(str(clip.path)) as container:
        assert container.streams.video[0].metadata["timecode"] == "10:00:00:00"
