"""Damaged files of every form: a few of each, always the same; `make fuzz` tries new ones for as long as one likes."""

import pytest

from faces.vision import apart
from tests.vision.forms import FORMS
from tests.vision.fuzz import outcome


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_is_read_or_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 20.0)
    monkeypatch.setattr(apart, "MOST_BYTES", 2**30)
    for seed in range(3):
        assert outcome(name, seed) in (
            "read",
            "media-unreadable",
            "no-frames",
            "no-video-stream",
            "media-too-large",
        )


@pytest.mark.parametrize(("name", "seed"), [("prores.mov", 14), ("av1.mp4", 14)])
def test_what_was_found_by_long_runs_stays_mended(name: str, seed: int) -> None:
    assert outcome(name, seed) == "media-unreadable"
