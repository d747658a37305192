"""Scanning real videos into real rows: claimed, resumed, repeated, cancelled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from faces import crops, networks, scanning
from faces.export import export
from faces.identity import decisions, following, saying
from faces.identity.model import current_model
from faces.models import Faceprint, FrameTimes, JobState, LeaseLost, Resolution, Scan, Track, Unknown
from faces.vision import DecoderLost, VisionError, apart
from faces.vision.networks.quantised import adds_bytes_exactly
from mam.assets import library
from mam.assets.models import Asset
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material, poison
from tests.library import ScannedLibrary, add_file
from tests.vision.networks.faces_at_hand import chips
from tests.vision.tiny import pattern, write

FIVE_A_SECOND = ClipForm(rate=Fraction(5), audio=False)


def shown(portrait: str, frames: int, x: float) -> Scene:
    return Scene(frames, None, (Card(portrait, Pose(x, 330, 260), Pose(x + 120, 350, 280)),))


def long_video() -> Path:
    """A minute in three chunks: cuts at 24, 48 and 60 s."""
    scenes = [
        shown("obama2", 120, 400),
        shown("astronaut", 120, 700),
        shown("obama3", 60, 500),
        shown("grace_hopper", 40, 600),
    ]
    return material.composed(scenes, FIVE_A_SECOND).path


def add(path: Path) -> Asset:
    with path.open("rb") as content:
        return library.add(File(content), path.name, same_content=True)


def findings(asset: Asset) -> list[tuple[Any, ...]]:
    """Everything that a scan finds, without the ids that the database gives."""
    return [
        (t.shot, t.start_ms, t.end_ms, bytes(t.boxes), t.quality, p.vector, r.band)
        for t, p, r in (
            (track, Faceprint.objects.get(track=track), Resolution.objects.get(track=track))
            for track in Track.objects.filter(asset=asset).order_by("start_ms", "quality")
        )
    ]


def test_it_keeps_the_time_of_every_frame(scanned_library: ScannedLibrary) -> None:
    for video in scanned_library.videos:
        times = scanning.frame_times(video.asset)
        assert len(times) == video.truth["frame_count"]
        assert (times[1:] > times[:-1]).all()


def test_a_scan_gives_what_it_gave_before(scanned_library: ScannedLibrary) -> None:
    first = scanned_library.videos[0]
    again = add(first.sample.path)
    assert scanning.scan_next(material.networks_for_scans)
    assert findings(again) == findings(first.asset)


def test_a_rescan_keeps_names_rejections_and_unknowns(scanned_library: ScannedLibrary) -> None:
    asset, model = scanned_library.videos[0].asset, current_model()
    named, *_ = Unknown.objects.filter(members__track__asset=asset).order_by("-screen_time_ms", "pk")
    decisions.decide(saying.Said(verdict="is", unknown=named.key, name="Ada"), by=None, model=model)
    track = Resolution.objects.filter(track__asset=asset, band="confirmed").latest("track_id").track_id
    ada = Resolution.objects.get(track=track).person_id
    decisions.decide(saying.Said(verdict="is_not", tracks=[track], person=ada), by=None, model=model)
    before = export(asset, "videobox")[0]

    scanning.request_scan(asset)
    assert scanning.scan_next(material.networks_for_scans)

    assert Scan.objects.filter(asset=asset).count() == 2
    assert not Track.objects.filter(asset=asset, scan__version=1).exists()
    assert not FrameTimes.objects.filter(scan__asset=asset, scan__version=1).exists()
    assert export(asset, "videobox")[0] == before
    assert list(following.resolve_all(model, write=False)) == []


def test_a_rescan_clears_away_what_a_cancelled_one_left(scanned_library: ScannedLibrary) -> None:
    asset = scanned_library.videos[0].asset
    cancelled = scanning.request_scan(asset)
    left = Track.objects.filter(asset=asset)[0]
    left.pk, left.scan = None, cancelled
    left.save()
    assert scanning.cancel(cancelled)

    scanning.request_scan(asset)
    assert scanning.scan_next(material.networks_for_scans)

    assert set(Track.objects.filter(asset=asset).values_list("scan__version", flat=True)) == {3}


@pytest.mark.django_db(transaction=True)
def test_a_rescan_leaves_no_crops_of_the_scan_that_it_replaces() -> None:
    asset = add(material.sample_videos()[0].path)
    assert scanning.scan_next(material.networks_for_scans)
    left = crops.storage().save(f"{crops.asset_folder(asset.pk)}/old.faces", ContentFile(b"old"))
    scanning.request_scan(asset)
    assert scanning.scan_next(material.networks_for_scans)
    assert not crops.storage().exists(left)
    for track in Track.objects.filter(asset=asset):
        assert crops.picture(track.pack, track.crops, "portrait")


def test_an_asset_is_scanned_once_at_a_time(scanned_library: ScannedLibrary) -> None:
    asset = scanned_library.videos[0].asset
    scan = scanning.request_scan(asset)
    with pytest.raises(scanning.ScanRefused) as refused:
        scanning.request_scan(asset)
    assert refused.value.scan == scan


def test_a_cancelled_scan_stops_its_worker_and_keeps_the_old_tracks(scanned_library: ScannedLibrary) -> None:
    asset = scanned_library.videos[0].asset
    before = export(asset, "json")[0]
    scan = scanning.request_scan(asset)
    claimed = Scan.claim()
    assert claimed == scan
    assert scanning.cancel(scan)
    with pytest.raises(LeaseLost):
        claimed.renew()
    assert export(asset, "json")[0] == before


@pytest.mark.django_db
def test_where_a_scan_was_stopped_before_its_first_chunk_the_next_shows_its_finds_as_they_come() -> None:
    asset = add_file("news.mp4", b"not looked at here")
    claimed = Scan.claim()
    assert claimed is not None
    scanning._make_live_if_first(claimed)
    claimed.renew(progress=0.3)
    assert scanning.cancel(claimed)
    claimed.refresh_from_db()
    assert (claimed.live, claimed.progress) == (False, 0.0)
    again = scanning.request_scan(asset)
    claimed = Scan.claim()
    assert claimed == again
    scanning._make_live_if_first(claimed)
    assert claimed.live


@pytest.mark.django_db
def test_a_file_that_is_no_video_fails_for_good_and_says_why() -> None:
    asset = add_file("notes.mp4", b"these are notes, not a video\n" * 50)
    assert scanning.scan_next(material.networks_for_scans)
    scan = Scan.objects.get(asset=asset)
    assert (scan.state, scan.error_code, scan.attempt) == (JobState.FAILED, "media-unreadable", 1)
    assert "not a video" in scan.error_detail


@pytest.mark.django_db
def test_absent_weights_are_waited_for() -> None:
    add(material.sample_videos()[0].path)
    assert scanning.scan_next(poison.absent)
    scan = Scan.objects.get()
    assert (scan.state, scan.error_code) == (JobState.QUEUED, "weights-missing")
    assert scan.run_after > timezone.now()


@pytest.mark.django_db
def test_a_fault_of_ours_is_tried_again_and_then_set_aside() -> None:
    add(material.sample_videos()[0].path)
    for _ in range(Scan.max_attempts):
        Scan.objects.update(run_after=timezone.now())
        assert scanning.scan_next(poison.stumble)
    scan = Scan.objects.get()
    assert (scan.state, scan.error_code) == (JobState.FAILED, "internal-error")
    assert not isinstance(ZeroDivisionError(), VisionError)


@pytest.mark.django_db
@pytest.mark.parametrize("how", poison.POISONS)
def test_a_file_that_takes_the_decoder_down_is_tried_again_then_set_aside_and_the_rest_goes_on(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 2.0 if how == "hang" else 60.0)
    monkeypatch.setattr(apart, "MOST_BYTES", 2**29)
    poisoned = add(poison.poisoned(tmp_path / "poison.mp4", how))
    sound = add(write(tmp_path / "sound.mp4", [(200 * i, pattern(i)) for i in range(8)]))

    while scanning.scan_next(poison.touchy):
        pass
    scan = Scan.objects.get(asset=poisoned)
    assert (scan.state, scan.attempt, scan.error_code) == (JobState.QUEUED, 1, "decoder-lost")
    assert scan.run_after > timezone.now()
    assert Scan.objects.get(asset=sound).state == JobState.DONE

    Scan.objects.filter(pk=scan.pk).update(run_after=timezone.now(), attempt=Scan.max_attempts - 1)
    assert scanning.scan_next(poison.touchy)
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == (JobState.FAILED, "decoder-lost")
    assert re.match(r"poison\.mp4 (made|held) the decoder .* left as it is", scan.error_detail)


@pytest.mark.django_db
def test_a_card_that_may_have_taken_the_decoder_down_is_left_out_of_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def lost(*_: Any, hardware: bool, **__: Any) -> Iterator[Any]:
        asked.append(hardware)
        raise DecoderLost("poison.mp4 made the decoder crash (SIGSEGV).")

    add(write(tmp_path / "sound.mp4", [(200 * i, pattern(i)) for i in range(8)]))
    monkeypatch.setattr(apart, "each", lost)
    for _ in range(2):
        assert scanning.scan_next(material.networks_for_scans)
        Scan.objects.update(run_after=timezone.now())
    assert asked == [True, False]

    Scan.objects.update(attempt=0)
    with override_settings(FACES=settings.FACES | {"hardware_decoding": False}):
        assert scanning.scan_next(material.networks_for_scans)
    assert asked == [True, False, False]


@pytest.mark.django_db
def test_a_part_that_can_never_be_committed_is_set_aside_in_the_end() -> None:
    """The checkpoint that was rolled back with it does not make every attempt the first."""
    add_file("news.mp4", b"news")
    for _ in range(Scan.max_attempts):
        Scan.objects.update(run_after=timezone.now())
        claimed = Scan.claim()
        assert claimed is not None
        with transaction.atomic():
            claimed.checkpoint(position_ms=1000)
            transaction.set_rollback(True)
        claimed.retry_later("internal-error", "The scan broke off.")
    scan = Scan.objects.get()
    assert (scan.state, scan.position_ms) == (JobState.FAILED, 0)


@pytest.mark.django_db(transaction=True)
def test_a_scan_that_is_killed_goes_on_where_it_was() -> None:
    video = long_video()
    undisturbed = add(video)
    assert scanning.scan_next(material.networks_for_scans)

    killed = add(video)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "faces_scan", "--here"],
        cwd=material.CHECKOUT,
        env=os.environ
        | {"DATABASE_URL": _database_url(), "DRAMATIS_HOME": str(settings.HOME)}
        | ({"DRAMATIS_WEIGHTS": str(folder)} if (folder := material.weights_folder()) else {}),
        stdout=subprocess.DEVNULL,
    )
    try:
        scan = _wait_for_a_checkpoint(killed)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert 0 < scan.position_ms < 60_000

    assert Scan.claim() is None
    Scan.objects.filter(pk=scan.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert Scan.reap() == 1
    assert scanning.scan_next(material.networks_for_scans)

    scan.refresh_from_db()
    assert scan.state == JobState.DONE
    assert findings(killed) == findings(undisturbed)
    assert list(scanning.frame_times(killed)) == list(scanning.frame_times(undisturbed))


def _wait_for_a_checkpoint(asset: Asset) -> Scan:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        scan = Scan.objects.get(asset=asset)
        if scan.position_ms:
            return scan
        time.sleep(0.02)
    raise AssertionError("no chunk was committed")


def _database_url() -> str:
    given = connection.settings_dict
    return make_conninfo(
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        host=given["HOST"],
        port=given["PORT"] or None,
    )


@pytest.mark.django_db
def test_a_scan_embeds_in_eight_bits_what_a_photograph_has_exactly() -> None:
    quick, exact = networks.loader()().embedder, networks.loaded().embedder
    off = np.linalg.norm(quick.embed(chips()) - exact.embed(chips()), axis=1)
    assert bool(off.any()) is adds_bytes_exactly()
    assert off.max() < 0.1
