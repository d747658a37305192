"""The sample videos show what their truth says."""

from pathlib import Path

import av
import numpy as np
import pytest

from mam.samples import Portrait, Sample, compose_clip
from mam.samples.programme import PROGRAMMES
from tests import material


@pytest.fixture(params=[0, 1, 2], ids=["sample1", "sample2", "sample3"])
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = material.sample_videos()[request.param]
    return found


def test_each_frame_is_shown_when_the_truth_says(sample: Sample) -> None:
    with av.open(str(sample.path)) as container:
        times = [round((frame.time or 0) * 1000) for frame in container.decode(video=0)]
    assert times == sample.truth["frame_times_ms"]


def test_a_browser_can_play_it(sample: Sample) -> None:
    with av.open(str(sample.path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.streams.audio[0].codec_context.name == "aac"
    content = sample.path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_it_lasts_between_twelve_and_twenty_seconds(sample: Sample) -> None:
    assert 12_000 <= sample.truth["duration_ms"] <= 20_000


def test_some_shot_shows_nobody(sample: Sample) -> None:
    assert any(not shot["people"] for shot in sample.truth["shots"])


def test_a_face_is_found_wherever_the_truth_has_one(sample: Sample) -> None:
    """At the middle of every shot; and none where there is none."""
    detector = material.networks().detector
    shots = {(shot["start_ms"] + shot["end_ms"]) // 2: shot for shot in sample.truth["shots"]}
    waiting = sorted(shots)
    with av.open(str(sample.path)) as container:
        for frame in container.decode(video=0):
            now_ms = round((frame.time or 0) * 1000)
            if not waiting or now_ms < waiting[0]:
                continue
            shot = shots[waiting.pop(0)]
            found = detector.detect(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            assert len(found) == len(shot["people"]), (now_ms, shot["people"])
            middles = found.boxes[:, :2] + found.boxes[:, 2:] / 2
            for person in shot["people"]:
                box = min(person["track"], key=lambda box: abs(box["t_ms"] - now_ms))
                middle = np.array([box["x"] + box["w"] / 2, box["y"] + box["h"] / 2])
                assert np.linalg.norm(middles - middle, axis=1).min() < 0.35 * box["h"]


def test_everybody_is_seen_in_at_least_two_videos() -> None:
    seen = [{person["person"] for person in sample.truth["people"]} for sample in material.sample_videos()]
    for person in set.union(*seen):
        assert sum(person in people for people in seen) >= 2


def test_the_photographs_for_enrolment_are_never_shown() -> None:
    shown = {card.portrait for programme in PROGRAMMES for scene in programme.scenes for card in scene.cards}
    enrolled: list[Portrait] = [material.portraits().people[name] for name in material.portraits().reference]
    assert not shown & set(material.portraits().reference)
    assert {portrait.person for portrait in enrolled} <= {
        material.portraits().people[n].person for n in shown
    }


def test_composing_again_gives_the_same_bytes_and_the_same_truth(tmp_path: Path) -> None:
    first, *_ = PROGRAMMES
    sample, *_ = material.sample_videos()
    steps: list[float] = []
    truth = compose_clip(
        tmp_path / first.file, first.scenes, material.portraits(), first.form, on_progress=steps.append
    )
    assert (tmp_path / first.file).read_bytes() == sample.path.read_bytes()
    assert truth == sample.truth
    assert steps == sorted(steps)
    assert steps[-1] == 1
