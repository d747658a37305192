"""Scans as editors see and steer them: chosen, held back, stopped."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from faces import scanning
from faces.models import Scan
from mam.assets import preparing
from mam.samples import ClipForm
from tests import material
from tests.api.answers import refused
from tests.api.conftest import Client
from tests.library import ScannedLibrary, add_file
from tests.scanning.test_queue import read_one_chunk_then_pause
from tests.scanning.test_scanning import add
from tests.scanning.test_scanning import shown as shown_alone


def shown(client: Client, key: Any) -> dict[str, Any]:
    asset: dict[str, Any] = client.get(f"/api/v1/assets/{key}/").json()
    return asset


def stop(editor: Client, asset: dict[str, Any]) -> None:
    assert editor.post(f"/api/v1/scans/{asset['scan']['id']}/cancel/").status_code == 202


def test_a_scan_is_asked_for_in_one_of_the_ways_that_there_are(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    address = f"/api/v1/assets/{scanned_library.videos[0].pk}/scan/"
    for mode in ("closely", "", None, 3):
        refused(editor.post(address, {"mode": mode}), 400, "invalid")
    assert not Scan.objects.filter(version=2).exists()
    for given, taken in (({}, "default"), ({"mode": "fast"}, "fast"), ({"mode": "thorough"}, "thorough")):
        answer = editor.post(address, given)
        assert (answer.status_code, answer.json()["mode"]) == (202, taken)
        editor.post(f"/api/v1/scans/{answer.json()['id']}/cancel/")


@pytest.mark.django_db
def test_while_scanning_is_paused_every_asset_that_waits_says_so(editor: Client, viewer: Client) -> None:
    waiting = add_file("waiting.mp4", b"no video")
    assert shown(viewer, waiting.pk)["scan"]["paused"] is False
    scanning.pause()
    for asset in (shown(viewer, waiting.pk), viewer.get("/api/v1/assets/").json()["results"][0]):
        assert (asset["status"], asset["scan"]["paused"]) == ("queued", True)
    scanning.resume()
    assert shown(viewer, waiting.pk)["scan"]["paused"] is False


@pytest.mark.django_db(transaction=True)
def test_a_first_scan_that_is_stopped_says_how_much_it_has_left_and_another_takes_its_place(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_chunks = [shown_alone("obama2", 60, 400), shown_alone("astronaut", 10, 700)]
    key = add(material.composed(two_chunks, ClipForm(rate=Fraction(5, 2), audio=False)).path).pk
    while preparing.prepare_next():
        pass
    read_one_chunk_then_pause(monkeypatch)  # 24 s of 28
    Scan.objects.update(progress=0.9)  # as of a worker that had got on with the next one
    stop(editor, shown(editor, key))
    asset, tracks = shown(editor, key), editor.get(f"/api/v1/assets/{key}/tracks/").json()["results"]
    assert (asset["status"], asset["error"]["code"]) == ("failed", "cancelled")
    assert "86% was read, and what was found is kept" in asset["error"]["detail"]
    assert (asset["scan"], asset["scanned"]) == (None, pytest.approx(24 / 28, abs=1e-3))
    assert tracks

    scanning.resume()
    editor.post(f"/api/v1/assets/{key}/scan/")
    again = shown(editor, key)
    assert (again["status"], again["progress"], again["scanned"]) == ("queued", 0.0, asset["scanned"])
    stop(editor, again)
    assert shown(editor, key)["error"] == asset["error"]
    editor.post(f"/api/v1/assets/{key}/scan/")
    assert scanning.scan_next(material.networks_for_scans)
    whole = shown(editor, key)
    assert (whole["status"], whole["scanned"], whole["error"]) == ("ready", 1.0, None)
    assert len(editor.get(f"/api/v1/assets/{key}/tracks/").json()["results"]) > len(tracks)


@pytest.mark.django_db
def test_a_scan_that_is_stopped_while_it_waits_has_left_nothing(editor: Client) -> None:
    key = add_file("waiting.mp4", b"no video").pk
    stop(editor, shown(editor, key))
    asset = shown(editor, key)
    assert (asset["error"]["code"], asset["scan"], asset["scanned"]) == ("cancelled", None, 0.0)
    assert "before anything was kept" in asset["error"]["detail"]


def test_a_rescan_that_is_stopped_leaves_everything_as_it_was(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    key = scanned_library.videos[0].pk
    before = shown(editor, key)
    editor.post(f"/api/v1/assets/{key}/scan/", {"mode": "thorough"})
    assert shown(editor, key)["scanned"] == 1.0
    stop(editor, shown(editor, key))
    assert shown(editor, key) == before | {"progress": 0.0}
