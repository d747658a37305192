"""Originals that come from a URL: there at once, fetched by a worker, however often the line breaks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from faces.models import JobState, Scan
from mam.assets import fetches, library
from mam.assets.folders import forget_files, forget_parts, parts_of
from mam.assets.models import Asset, Fetch, original
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.api.conftest import Client, editor, viewer
from tests.commands.test_commands import manage
from tests.fetching.server import LOOPBACK, WebServer, file, redirect, web_server
from tests.library import add_file, work_off

__all__ = ["editor", "viewer"]

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def server(settings: Settings, db: None) -> Iterator[WebServer]:
    """A server of an intranet that the administrator allows."""
    settings.FACES = {**settings.FACES, "fetch_allowed": LOOPBACK}
    with web_server(file(CONTENT)) as served:
        yield served
    for asset in Asset.objects.all():
        forget_files(asset.pk)
        forget_parts(asset.pk)


def add(editor: Client, url: str, **about: Any) -> dict[str, Any]:
    response = editor.post("/api/v1/assets/", {"url": url, **about})
    assert response.status_code == 201, response.json()
    return dict(response.json())


def shown(editor: Client, asset: Any) -> dict[str, Any]:
    return dict(editor.get(f"/api/v1/assets/{asset}/").json())


def tried_again() -> bool:
    """Without the pause that another try waits for."""
    Fetch.objects.update(run_after=timezone.now())
    return fetches.fetch_next()


def test_a_video_from_a_url_becomes_ready(server: WebServer, editor: Client) -> None:
    scene = Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),))
    clip = material.composed([scene], ClipForm(audio=False)).path
    server.answer = file(clip.read_bytes(), Content_Disposition='attachment; filename="Evening news.mp4"')
    url = f"{server.url}/download?id=7&signature=secret"
    asset = add(editor, url, collection="News")
    assert (asset["status"], asset["fetching"], asset["progress"]) == ("queued", True, 0.0)
    assert asset["playback"]["state"] == "preparing"
    assert editor.get("/api/v1/assets/?status=queued").json()["results"][0]["id"] == asset["id"]
    work_off()
    ready = shown(editor, asset["id"])
    assert (ready["status"], ready["fetching"], ready["error"]) == ("ready", False, None)
    assert (ready["title"], ready["collection"]) == ("Evening news", "News")
    assert ready["original_path"] == f"{server.url}/download"
    assert "secret" not in str(ready)
    assert ready["poster"]
    assert ready["unknowns"] + ready["people"] == 1
    with original(Asset.objects.get(pk=asset["id"])) as stored:
        assert stored.read() == clip.read_bytes()
    assert not Fetch.objects.exists()
    assert not parts_of(Asset.objects.get(pk=asset["id"]).pk)


def test_a_fetch_that_is_killed_in_the_middle_goes_on_where_it_stood(
    server: WebServer, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add(editor, f"{server.url}/film.mp4")
    write = fetches._write

    class Killed(BaseException):
        pass

    def until_the_kill(descriptor: int, piece: bytes, at: int) -> None:
        if at > len(CONTENT) // 2:
            raise Killed
        write(descriptor, piece, at)

    monkeypatch.setattr(fetches, "_write", until_the_kill)
    with pytest.raises(Killed):
        fetches.fetch_next()
    monkeypatch.undo()
    job = Fetch.objects.get()
    assert job.state == JobState.RUNNING
    assert shown(editor, asset["id"])["status"] == "processing"
    Fetch.objects.update(lease_until=timezone.now())
    assert Fetch.reap() == 1
    (part,) = parts_of(job.asset_id)
    here = part.stat().st_size
    assert here > len(CONTENT) // 2
    assert fetches.fetch_next()
    assert [headers.get("Range") for _, headers in server.asked] == [None, f"bytes={here}-"]
    assert server.asked[1][1]["If-Range"] == '"one"'
    with original(Asset.objects.get()) as stored:
        assert stored.read() == CONTENT


def test_a_line_that_breaks_is_mended_as_long_as_something_comes(server: WebServer, editor: Client) -> None:
    server.answer = file(CONTENT, break_at=100_000)
    asset = add(editor, f"{server.url}/film.mp4")
    for _ in range(3):
        assert tried_again()
    waiting = shown(editor, asset["id"])
    assert (waiting["status"], waiting["error"]) == ("queued", None)
    assert "try again" in waiting["notice"]
    assert not fetches.fetch_next()  # there is a pause before the next try
    server.answer = file(CONTENT)
    assert tried_again()
    assert Asset.objects.get().size == len(CONTENT)


def test_another_file_at_the_same_url_is_fetched_from_its_beginning(
    server: WebServer, editor: Client
) -> None:
    server.answer = file(CONTENT, break_at=100_000)
    add(editor, f"{server.url}/film.mp4")
    assert tried_again()
    other = CONTENT[::-1]
    server.answer = file(other, etag='"two"')
    assert tried_again()
    with original(Asset.objects.get()) as stored:
        assert stored.read() == other


def test_what_was_whole_when_its_worker_was_killed_is_not_fetched_again(
    server: WebServer, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(editor, f"{server.url}/film.mp4")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(library, "fill", full)
    assert fetches.fetch_next()
    assert Fetch.objects.get().error_code == "storage-unavailable"
    monkeypatch.undo()
    assert tried_again()
    assert Asset.objects.get().size == len(CONTENT)
    assert len(server.asked) == 1


def test_nothing_there_is_said_and_may_be_tried_again(server: WebServer, editor: Client) -> None:
    server.answer = lambda request: request.send_error(404)
    asset = add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    failed = shown(editor, asset["id"])
    assert (failed["status"], failed["fetching"]) == ("failed", True)
    assert failed["error"]["code"] == "fetch-refused"
    assert "404 Not Found" in failed["error"]["detail"]
    assert failed["playback"]["state"] == "unavailable"
    assert editor.get("/api/v1/assets/?status=failed").json()["results"][0]["id"] == asset["id"]
    server.answer = file(CONTENT)
    response = editor.post(f"/api/v1/assets/{asset['id']}/fetch/", {})
    assert (response.status_code, response.json()["status"]) == (202, "queued")
    assert fetches.fetch_next()
    assert not shown(editor, asset["id"])["fetching"]
    response = editor.post(f"/api/v1/assets/{asset['id']}/fetch/", {})
    assert (response.status_code, response.json()["code"]) == (409, "not-failed")


def test_what_the_library_has_is_told_as_with_uploads(server: WebServer, editor: Client) -> None:
    known = add_file("known.mp4", CONTENT)
    asset = add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    error = shown(editor, asset["id"])["error"]
    assert (error["code"], error["asset"]) == ("already-here", str(known.pk))
    assert "“known”" in error["detail"]
    assert Scan.objects.filter(asset=asset["id"]).count() == 0
    editor.post(f"/api/v1/assets/{asset['id']}/fetch/", {"same_content": True})
    assert fetches.fetch_next()
    assert shown(editor, asset["id"])["fetching"] is False
    assert Scan.objects.filter(asset=asset["id"]).count() == 1
    assert len(server.asked) == 1  # it was here


def test_deleting_cancels_and_leaves_nothing(
    server: WebServer,
    editor: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    asset = add(editor, f"{server.url}/film.mp4")
    write = fetches._write

    def deleted_meanwhile(descriptor: int, piece: bytes, at: int) -> None:
        write(descriptor, piece, at)
        if Asset.objects.exists():
            with django_capture_on_commit_callbacks(execute=True):
                assert editor.delete(f"/api/v1/assets/{asset['id']}/").status_code == 204

    monkeypatch.setattr(fetches, "_write", deleted_meanwhile)
    assert fetches.fetch_next()
    assert not Fetch.objects.exists()
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{asset['id']}*"))


def test_what_is_no_address_is_refused_at_once(editor: Client, viewer: Client) -> None:
    response = editor.post("/api/v1/assets/", {"url": "file:///etc/passwd"})
    assert (response.status_code, response.json()["code"]) == (400, "url-invalid")
    both = editor.post("/api/v1/assets/", {"url": "https://example.org/a.mp4", "path": "/a.mp4"})
    assert both.status_code == 400
    assert viewer.post("/api/v1/assets/", {"url": "https://example.org/a.mp4"}).status_code == 403
    assert not Asset.objects.exists()


@pytest.mark.parametrize("to", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/", "http://10.0.0.1/"])
def test_no_url_leads_into_the_network_here(editor: Client, to: str) -> None:
    asset = add(editor, to)
    assert fetches.fetch_next()
    error = shown(editor, asset["id"])["error"]
    assert error["code"] == "address-refused"
    assert not fetches.fetch_next()


def test_nor_does_a_redirect(server: WebServer, editor: Client) -> None:
    server.answer = redirect("http://169.254.169.254/latest/meta-data/")
    asset = add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    assert shown(editor, asset["id"])["error"]["code"] == "address-refused"


def test_more_than_the_site_takes_is_refused(server: WebServer, editor: Client, settings: Settings) -> None:
    settings.LARGEST_UPLOAD = 1000
    asset = add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    assert shown(editor, asset["id"])["error"]["code"] == "too-large"
    assert not parts_of(Asset.objects.get().pk)


def test_an_empty_file_is_none(server: WebServer, editor: Client) -> None:
    server.answer = file(b"")
    asset = add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    assert shown(editor, asset["id"])["error"]["code"] == "empty-file"


def test_a_sweep_leaves_the_part_of_a_fetch_that_may_go_on(server: WebServer, editor: Client) -> None:
    server.answer = file(CONTENT, break_at=100_000)
    add(editor, f"{server.url}/film.mp4")
    assert fetches.fetch_next()
    (part,) = parts_of(Asset.objects.get().pk)
    os.utime(part, (0, 0))
    manage("assets_sweep", delete=True)
    assert part.exists()
    Fetch.objects.all().delete()
    manage("assets_sweep", delete=True)
    assert not part.exists()


def test_a_scan_that_was_asked_for_too_early_finds_the_file_in_the_end(
    server: WebServer, editor: Client
) -> None:
    asset = add(editor, f"{server.url}/film.mp4")
    assert editor.post(f"/api/v1/assets/{asset['id']}/scan/", {}).status_code == 202
    assert fetches.fetch_next()
    assert Scan.objects.filter(asset=asset["id"], state=JobState.QUEUED).count() == 1


def test_urls_among_the_paths_of_the_command(server: WebServer, tmp_path: Path) -> None:
    local = tmp_path / "local.mp4"
    local.write_bytes(b"local")
    url = f"{server.url}/a/film.mp4"
    assert manage("assets_add", url, str(local), collection="News")[0] == "added 2, skipped 0 known\n"
    fetched = Asset.objects.get(original_path=url)
    assert (fetched.title, fetched.collection) == ("film", "News")
    assert fetches.fetch_next()
    assert manage("assets_add", url)[0] == "added 0, skipped 1 known\n"
    with pytest.raises(CommandError, match="in its place"):
        manage("assets_add", url, in_place=True)
    with pytest.raises(CommandError, match="nothing was added"):
        manage("assets_add", "http://a:99999/")


def test_nobody_is_shown_a_secret_in_the_log(
    server: WebServer, editor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = lambda request: request.send_error(503)
    add(editor, f"http://ada:hunter2@127.0.0.1:{server.port}/film.mp4?token=hunter2")
    assert fetches.fetch_next()
    assert "503" in caplog.text
    assert "hunter2" not in caplog.text
    assert "hunter2" not in Fetch.objects.get().error_detail + Asset.objects.latest("created").original_path
