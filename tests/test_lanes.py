"""Posters come at once, whatever all the processes of all workers are doing."""

import threading
import time
from collections.abc import Iterator

import pytest

from faces.models import JobState, Scan
from mam import lanes
from mam.assets import library, preparing
from mam.assets.models import Asset, Preparation
from mam.samples import ClipForm, Scene
from tests import material
from tests.library import add_file
from tests.site import eventually

CLIP = [Scene(30, "coffee")]


@pytest.fixture
def driving(transactional_db: None) -> Iterator[None]:
    """The lanes of a worker, which has no process that is free."""
    stop = threading.Event()
    lanes.open_lanes(stop)
    lanes.open_lanes(stop)  # as when a worker has found its broker again
    yield
    stop.set()
    for thread in _lanes():
        thread.join()


def _lanes() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("lane-")]


def test_a_poster_and_a_proxy_come_while_every_process_scans(driving: None) -> None:
    assert len(_lanes()) == len(lanes.LANES)
    clip = material.composed(CLIP, ClipForm(codec="mpeg4", audio=False), suffix=".avi")
    asset = add_file("coffee.avi", clip.path.read_bytes())
    eventually(lambda: Preparation.objects.get().state == JobState.DONE)
    asset.refresh_from_db()
    assert asset.poster
    assert asset.proxy
    assert asset.filmstrip
    assert Scan.objects.get().state == JobState.QUEUED  # which no lane touches
    library.remove(asset)


def test_a_poster_waits_for_no_proxy(driving: None, monkeypatch: pytest.MonkeyPatch) -> None:
    busy, over = threading.Event(), threading.Event()

    def takes_for_ever(job: Preparation) -> None:
        busy.set()
        over.wait(60)
        job.succeed()

    monkeypatch.setattr(preparing, "_go_through", takes_for_ever)
    clip = material.composed(CLIP, ClipForm(audio=False)).path.read_bytes()
    assets = [add_file("first.mp4", clip)]
    assert busy.wait(60)
    assets += [add_file(f"{number}.mp4", clip) for number in range(2)]
    eventually(lambda: Asset.objects.exclude(poster="").count() == 3)
    assert not over.is_set()
    over.set()
    eventually(lambda: not Preparation.objects.exclude(state=JobState.DONE).exists())
    for asset in assets:
        library.remove(asset)


def test_a_lane_outlives_what_breaks_in_it(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    looked: list[float] = []
    stop = threading.Event()

    def breaks() -> bool:
        looked.append(time.monotonic())
        if len(looked) == 3:
            stop.set()
        raise RuntimeError("on purpose")

    monkeypatch.setattr(lanes, "LANES", {"breaking": breaks})
    monkeypatch.setattr(lanes, "EVERY_S", 0.01)
    lanes.open_lanes(stop)
    eventually(lambda: not _lanes())
    assert len(looked) == 3
