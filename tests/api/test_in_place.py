"""Originals that stay where they are: indexed, away, back again, moved, deleted."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from faces import scanning
from faces.models import Scan
from mam.assets import library, preparing
from mam.assets.models import Asset, Preparation, original
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.api.answers import refused, results
from tests.api.conftest import Client
from tests.commands.test_commands import manage
from tests.library import add_file, work_off

ASSETS = "/api/v1/assets/"
CLIP = (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),)


@pytest.fixture
def archive(tmp_path: Path, settings: Settings) -> Path:
    """A folder with one video, from which the site takes files in place."""
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.copy(material.composed(CLIP).path, folder / "evening.mp4")
    settings.IN_PLACE_ROOTS = [folder]
    return folder


def stored() -> set[Path]:
    return {path for path in Path(site.HOME).glob("*/*/*/*") if path.is_file()}


def asset_of(client: Client, key: object) -> Any:
    return client.get(f"{ASSETS}{key}/").json()


def test_an_original_in_place_is_scanned_and_played_and_never_copied(
    editor: Client, archive: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = stored()
    file = archive / "evening.mp4"
    content, kept = file.read_bytes(), file.stat()
    answer = editor.post(ASSETS, {"path": str(file), "collection": "News"})
    assert answer.status_code == 201, answer.content
    asset = answer.json()
    assert (asset["title"], asset["original_path"], asset["collection"]) == ("evening", str(file), "News")
    assert (asset["in_place"], asset["offline"]) == (True, False)
    work_off()
    asset = asset_of(editor, asset["id"])
    assert (asset["status"], asset["unknowns"], asset["duration_ms"]) == ("ready", 1, 1200)
    response = editor.get(asset["playback"]["url"], HTTP_RANGE="bytes=4-7")
    assert (response.status_code, b"".join(response), response["Content-Type"]) == (206, b"ftyp", "video/mp4")
    made = stored() - before
    assert made
    assert not any("originals" in path.parts for path in made)
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.delete(f"{ASSETS}{asset['id']}/").status_code == 204
    assert stored() == before
    assert file.read_bytes() == content
    assert (file.stat().st_mtime_ns, file.stat().st_mode) == (kept.st_mtime_ns, kept.st_mode)


def test_an_original_that_is_gone_is_offline_and_the_rest_goes_on(editor: Client, archive: Path) -> None:
    manage("assets_add", archive, in_place=True)
    work_off()
    key = Asset.objects.get().pk
    away = archive.rename(archive.with_name("unplugged"))
    asset = asset_of(editor, key)
    assert (asset["status"], asset["offline"], asset["playback"]["state"]) == ("ready", True, "offline")
    assert asset["playback"]["url"] is None
    problem = refused(editor.get(f"{ASSETS}{key}/media"), 404, "original-offline")
    assert "assets_add --in-place" in problem["detail"]
    assert len(results(editor.get(f"{ASSETS}{key}/tracks/"))) == 1
    assert editor.get(asset["poster"]).status_code == 200
    assert editor.post(f"{ASSETS}{key}/scan/").status_code == 202
    work_off()
    scan = Scan.objects.filter(asset=key).latest("version")
    assert (scan.state, scan.error_code) == ("queued", "storage-unavailable")
    assert "it is offline" in scan.error_detail
    away.rename(archive)
    asset = asset_of(editor, key)
    assert (asset["offline"], asset["playback"]["state"]) == (False, "ready")
    library.remove(Asset.objects.get())


def test_an_original_that_was_moved_is_found_again_and_not_scanned_again(
    editor: Client, archive: Path
) -> None:
    manage("assets_add", archive, in_place=True)
    work_off()
    asset = Asset.objects.get()
    moved = archive.with_name("deep archive") / "2026" / "renamed.mp4"
    moved.parent.mkdir(parents=True)
    (archive / "evening.mp4").rename(moved)
    out, _ = manage("assets_add", moved.parent.parent, in_place=True)
    assert f"{moved}: found again as “evening”" in out
    assert "added 0, skipped 0 known, found 1 again" in out
    shown = asset_of(editor, asset.pk)
    assert (shown["offline"], shown["original_path"], shown["title"]) == (False, str(moved), "evening")
    assert Asset.objects.count() == 1
    assert scanning.scan_next(material.networks_for_scans) is False
    assert preparing.prepare_next() is False
    with original(Asset.objects.get()) as opened:
        assert opened.read() == moved.read_bytes()
    assert "skipped 1 known" in manage("assets_add", moved, in_place=True)[0]
    library.remove(asset)
    assert moved.exists()


def test_what_waited_for_an_original_goes_on_when_it_is_found_again(editor: Client, archive: Path) -> None:
    manage("assets_add", archive, in_place=True)
    moved = (archive / "evening.mp4").rename(archive / "moved.mp4")
    work_off()
    Preparation.objects.update(state="failed")  # as after the last attempt
    Scan.objects.update(state="failed")
    assert {
        Preparation.objects.get().error_code,
        Scan.objects.get().error_code,
    } == {"storage-unavailable"}
    manage("assets_add", moved, in_place=True)
    work_off()
    asset = asset_of(editor, Asset.objects.get().pk)
    assert (asset["status"], asset["unknowns"], asset["duration_ms"]) == ("ready", 1, 1200)
    library.remove(Asset.objects.get())


def test_another_file_in_its_place_is_not_taken_for_it(editor: Client, archive: Path) -> None:
    manage("assets_add", archive, in_place=True)
    file = archive / "evening.mp4"
    content = file.read_bytes()
    file.write_bytes(content + b"\0\0\0\x08free")
    old = Asset.objects.get()
    assert asset_of(editor, old.pk)["offline"] is True
    refused(editor.get(f"{ASSETS}{old.pk}/media"), 404, "original-offline")
    assert "added 1" in manage("assets_add", archive, in_place=True)[0]
    assert Asset.objects.count() == 2
    assert asset_of(editor, old.pk)["offline"] is True
    for asset in Asset.objects.all():
        library.remove(asset)


def test_a_file_that_was_only_touched_is_known_again_by_its_content(editor: Client, archive: Path) -> None:
    manage("assets_add", archive, in_place=True)
    os.utime(archive / "evening.mp4", (0, 0))
    assert asset_of(editor, Asset.objects.get().pk)["offline"] is True
    assert "found 1 again" in manage("assets_add", archive, in_place=True)[0]
    assert asset_of(editor, Asset.objects.get().pk)["offline"] is False
    library.remove(Asset.objects.get())


def test_the_same_content_elsewhere_is_a_duplicate(editor: Client, archive: Path) -> None:
    manage("assets_add", archive, in_place=True)
    copy = Path(shutil.copy(archive / "evening.mp4", archive / "copy.mp4"))
    assert "copy.mp4: already here as “evening”" in manage("assets_add", copy, in_place=True)[0]
    problem = refused(editor.post(ASSETS, {"path": str(copy)}), 409, "already-here")
    assert problem["asset"] == str(Asset.objects.get().pk)
    assert editor.post(ASSETS, {"path": str(copy), "same_content": True}).status_code == 201
    for asset in Asset.objects.all():
        library.remove(asset)


def test_file_names_in_any_bytes_stay_what_they_are(db: None, archive: Path) -> None:
    strange = Path(os.fsdecode(os.fsencode(archive) + b"/caf\xe9 100%25 #1?.mp4"))
    (archive / "evening.mp4").rename(strange)
    assert "added 1" in manage("assets_add", archive, in_place=True)[0]
    assert "skipped 1 known" in manage("assets_add", archive, in_place=True)[0]
    with original(Asset.objects.get()) as opened:
        assert opened.read() == strange.read_bytes()
    library.remove(Asset.objects.get())
    assert strange.exists()


def test_only_files_below_the_allowed_folders_are_taken_by_the_api(
    editor: Client, archive: Path, tmp_path: Path, settings: Settings
) -> None:
    outside = tmp_path / "secret.mp4"
    outside.write_bytes(b"secret")
    (archive / "link.mp4").symlink_to(outside)
    (archive / "loop.mp4").symlink_to(archive / "loop.mp4")
    os.mkfifo(archive / "pipe.mp4")
    beside = tmp_path / "archive2"
    beside.mkdir()
    shutil.copy(outside, beside / "evening.mp4")
    said = set()
    for path in (
        *(
            str(outside),
            "/etc/passwd",
            f"{archive}/../secret.mp4",
            f"{archive}/link.mp4",
            f"{archive}/loop.mp4",
        ),
        *(f"{archive}/pipe.mp4", str(archive), f"{archive}/gone.mp4", f"{beside}/evening.mp4", "evening.mp4"),
        *("\u20ac" * 1000, "~/evening.mp4"),
    ):
        said.add(refused(editor.post(ASSETS, {"path": path}), 403, "not-allowed")["detail"])
    assert len(said) == 1  # nobody learns from it what there is outside
    refused(editor.post(ASSETS, {"path": "a\0b"}), 400, "invalid")
    refused(editor.post(ASSETS, {}), 400, "invalid")
    settings.IN_PLACE_ROOTS = []
    problem = refused(editor.post(ASSETS, {"path": str(archive / "evening.mp4")}), 403, "not-allowed")
    assert "DRAMATIS_IN_PLACE_ROOTS" in problem["detail"]
    assert not Asset.objects.exists()


def test_who_only_looks_takes_nothing_in(viewer: Client, archive: Path) -> None:
    refused(viewer.post(ASSETS, {"path": str(archive / "evening.mp4")}), 403, "not-allowed")


def test_an_original_with_a_copy_for_browsers_plays_on_while_it_is_offline(
    editor: Client, archive: Path
) -> None:
    (archive / "evening.mp4").unlink()
    old = archive / "old.avi"
    shutil.copy(material.composed(CLIP, ClipForm(codec="mpeg4"), suffix=".avi").path, old)
    manage("assets_add", archive, in_place=True)
    work_off()
    old.unlink()
    asset = asset_of(editor, Asset.objects.get().pk)
    assert (asset["offline"], asset["playback"]["state"]) == (True, "ready")
    assert editor.get(asset["playback"]["url"]).status_code == 200
    library.remove(Asset.objects.get())


def test_a_file_that_cannot_be_read_is_said_and_the_others_go_on(
    db: None, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(archive / "evening.mp4", archive / "broken disk.mp4")
    opened = Path.open

    def open_but(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "broken disk.mp4":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(path, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_but)
        with pytest.raises(Exception, match="1 could not be added"):
            manage("assets_add", archive, in_place=True)
    assert Asset.objects.get().title == "evening"
    library.remove(Asset.objects.get())


def test_stored_originals_are_never_offline(editor: Client) -> None:
    asset = add_file("evening.mp4", b"no video")
    shown = asset_of(editor, asset.pk)
    assert (shown["in_place"], shown["offline"]) == (False, False)
    library.remove(asset)
