"""`manage.py faces_benchmark scan`: every way to read a video, in a process of its own."""

import json
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from faces.benchmarks.scanning import f1
from tests import material
from tests.commands.test_commands import manage


def test_it_measures_every_way_asked_for_and_scores_names(tmp_path: Path) -> None:
    sample = material.sample_videos()[1]
    video = tmp_path / "sample.mp4"
    video.symlink_to(sample.path)
    person = next(iter(material.reference_photos()))
    people = tmp_path / "people" / person
    people.mkdir(parents=True)
    for photo in material.reference_photos()[person]:
        (people / photo.name).symlink_to(photo)
    kept = tmp_path / "figures.json"
    ways = ("fast", "decoding key frames alone")
    out, _ = manage(
        "faces_benchmark", "scan", video, "--people", people.parent, "--json", kept, "--ways", *ways
    )
    assert "1 people by their photographs" in out
    assert "| fast | " in out
    fast, floor = json.loads(kept.read_text())
    assert (fast["way"], floor["way"]) == ("fast", "decoding key frames alone")
    assert fast["media_s"] == pytest.approx(floor["media_s"])
    assert fast["cpu_s"] > floor["cpu_s"] > 0


def test_it_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone.mp4: no such file"):
        manage("faces_benchmark", "scan", tmp_path / "gone.mp4")


def test_its_score_is_the_share_of_time_that_is_rightly_named() -> None:
    assert f1({"Ada": [(0, 1000)]}, {"Ada": [(0, 1000)]}) == 1
    assert f1({"Ada": [(0, 1000)]}, {"Ada": [(0, 2000)]}) == pytest.approx(2 / 3)
    assert f1({"Ada": [(0, 1000)]}, {"Grace": [(0, 1000)]}) == 0
