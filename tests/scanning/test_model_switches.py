"""Scans that are under way when another embedding model is put in force."""

from __future__ import annotations

import numpy as np
import pytest

from faces import reembedding, scanning
from faces.models import Band, Faceprint, JobState, Part, Resolution, Scan
from faces.vision import Chunk, ScanSettings
from mam.assets.models import Asset
from tests import material, second_network
from tests.scanning.test_parts import IN_PARTS, interview
from tests.scanning.test_reembedding import FIRST, SECOND, is_sound, say, switch
from tests.scanning.test_scanning import FIVE_A_SECOND, add, shown


@pytest.fixture
def short(db: None, known: None, monkeypatch: pytest.MonkeyPatch) -> Asset:
    """A video of six seconds that scans read in two chunks; not scanned yet."""
    monkeypatch.setattr(scanning, "MODES", {"default": ScanSettings(chunk_ms=2000)})
    scenes = [shown("obama2", 15, 400), shown("astronaut", 15, 700)]
    return add(material.composed(scenes, FIVE_A_SECOND).path)


def test_a_scan_that_the_switch_meets_reads_its_chunk_again(
    short: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = scanning._commit
    begun: list[int] = []

    def met(job: Scan, stretch: Scan | Part, chunk: Chunk, *, progress: float) -> None:
        begun.append(chunk.start_ms)
        if begun == [0, 3000]:
            switch(SECOND)
        commit(job, stretch, chunk, progress=progress)

    monkeypatch.setattr(scanning, "_commit", met)
    assert scanning.scan_next(material.networks_for_scans)
    scan = Scan.objects.get(asset=short)
    assert (scan.state, scan.attempt, scan.position_ms) == (JobState.QUEUED, 0, 3000)
    assert scanning.scan_next(second_network.networks)
    assert begun == [0, 3000, 3000]
    assert Scan.objects.get(asset=short).state == JobState.DONE
    models = Faceprint.objects.order_by("track__start_ms", "pk").values_list("track__start_ms", "model")
    assert list(models) == [(0, FIRST), (0, SECOND), (3000, SECOND)]
    is_sound()


def test_a_rescan_that_the_switch_meets_at_its_end_is_judged_by_the_new_model(
    short: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scanning.scan_next(material.networks_for_scans)
    tracks = Resolution.objects.filter(track__asset=short).order_by("track__start_ms")
    say(verdict="is", tracks=[tracks[0].track_id], name="Ada")
    keys_before = list(tracks.values_list("unknown__key", flat=True))
    finish = scanning._finish

    def met(job: Scan) -> None:
        switch(SECOND)
        finish(job)

    monkeypatch.setattr(scanning, "_finish", met)
    scanning.request_scan(short)
    assert scanning.scan_next(material.networks_for_scans)
    assert list(tracks.values_list("unknown__key", flat=True)) == keys_before
    assert (tracks[0].band, tracks[0].model, tracks[0].track.scan.version) == (Band.CONFIRMED, SECOND, 2)
    is_sound()


def test_workers_who_read_parts_with_the_old_model_give_them_back(
    db: None, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MODES", {"default": IN_PARTS})
    asset, commit = add(interview()), scanning._commit
    begun: list[int] = []

    def met(job: Scan, stretch: Scan | Part, chunk: Chunk, *, progress: float) -> None:
        begun.append(chunk.start_ms)
        if len(begun) == 3:
            switch(SECOND)
        commit(job, stretch, chunk, progress=progress)

    monkeypatch.setattr(scanning, "_commit", met)
    for _ in ("the one that the switch met", "one that has the old networks in its memory"):
        assert scanning.scan_next(material.networks_for_scans)
        assert Scan.objects.get(asset=asset).state == JobState.QUEUED
        assert Part.objects.filter(state=JobState.RUNNING).count() == 0
    assert begun[2] == begun[3]
    while scanning.scan_next(second_network.networks):
        pass
    assert Scan.objects.get(asset=asset).state == JobState.DONE
    assert not reembedding.faceless(SECOND)
    made = Faceprint.objects.filter(model=SECOND).values_list("vector", flat=True)
    assert {len(np.asarray(vector)) for vector in made} == {second_network.DIM}
    is_sound()
