"""Resumable uploads: tus 1.0, over connections that break and servers that die."""

import base64
import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from rest_framework.authtoken.models import Token

from mam.assets import library, uploads
from mam.assets.models import Asset, Upload, original
from mam.patrol import patrol
from tests.api.answers import refused
from tests.api.conftest import Client, client_of, editor_named
from tests.library import add_file

UPLOADS = "/uploads/"
CONTENT = bytes(range(256)) * 40
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    yield
    for part in parts():
        part.unlink()


def parts() -> list[Path]:
    return sorted(Path(site.FILE_UPLOAD_TEMP_DIR).glob("*.*"))


def metadata(**told: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def begun(client: Client, length: int = len(CONTENT), **told: str) -> str:
    """Where the new upload is."""
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata(**told)}
    answer = client.post(UPLOADS, headers=headers)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def send(client: Client, where: str, at: int, part: bytes, **headers: str) -> Any:
    generic: Any = client.generic  # its stub knows only text
    return generic(
        "PATCH",
        where,
        part,
        content_type="application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": str(at)} | headers,
    )


def offset(client: Client, where: str) -> int:
    answer = client.head(where, headers=TUS)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return int(answer["Upload-Offset"])


def test_it_says_what_it_speaks(editor: Client) -> None:
    answer = editor.options(UPLOADS)
    assert answer.status_code == 204
    assert (answer["Tus-Version"], answer["Tus-Resumable"]) == ("1.0.0", "1.0.0")
    assert answer["Tus-Extension"] == "creation,termination,expiration"
    assert int(answer["Tus-Max-Size"]) == site.LARGEST_UPLOAD


def test_a_file_sent_in_parts_becomes_an_asset(
    editor: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    where = begun(editor, filename="../evening.mp4", title="Evening news", broadcast_date="2026-03-14")
    assert offset(editor, where) == 0
    first = send(editor, where, 0, CONTENT[:5000])
    assert (first.status_code, first["Upload-Offset"]) == (204, "5000")
    assert "Dramatis-Asset" not in first
    assert first["Upload-Expires"].endswith("GMT")
    assert offset(editor, where) == 5000
    with django_capture_on_commit_callbacks(execute=True):
        last = send(editor, where, 5000, CONTENT[5000:])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(CONTENT)))
    asset = Asset.objects.get()
    assert last["Dramatis-Asset"] == str(asset.pk)
    assert (asset.title, str(asset.broadcast_date)) == ("Evening news", "2026-03-14")
    assert (asset.original_path, asset.size) == ("evening.mp4", len(CONTENT))
    assert asset.added_by is not None
    with original(asset) as stored:
        assert stored.read() == CONTENT
    assert parts() == []
    head = editor.head(where, headers=TUS)  # whoever lost the last answer
    assert (head["Upload-Offset"], head["Dramatis-Asset"]) == (str(len(CONTENT)), str(asset.pk))
    assert editor.delete(where, headers=TUS).status_code == 204
    assert Asset.objects.count() == 1
    library.remove(asset)


def test_a_part_that_does_not_go_on_where_the_file_ends_is_refused(editor: Client) -> None:
    where = begun(editor)
    send(editor, where, 0, CONTENT[:1000])
    for at in (0, 999, 1001, len(CONTENT)):
        refused(send(editor, where, at, CONTENT[:10]), 409, "offset")
    refused(send(editor, where, 1000, CONTENT), 413, "too-large")
    assert offset(editor, where) == 1000


def test_of_two_connections_with_the_same_part_one_is_told_to_look_again(editor: Client) -> None:
    where = begun(editor)
    upload = Upload.objects.get()

    def pieces() -> Iterator[bytes]:
        yield CONTENT[:1000]
        assert send(editor, where, 1000, CONTENT[1000:1500]).status_code == 204  # the successor, meanwhile
        yield CONTENT[1000:2000]

    with pytest.raises(uploads.Moved):
        uploads.receive(upload, 0, pieces())
    assert offset(editor, where) == 1500
    send(editor, where, 1500, CONTENT[1500:])
    with original(Asset.objects.get()) as stored:
        assert stored.read() == CONTENT
    library.remove(Asset.objects.get())


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 3000), max_size=12))
def test_however_it_is_cut_the_file_comes_out_the_same(editor: Client, lengths: list[int]) -> None:
    where = begun(editor, same_content="true")
    at = 0
    for length in [*lengths, len(CONTENT)]:
        part = CONTENT[at : at + length]
        answer = send(editor, where, at, part)
        at += len(part)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(at))
    asset = Asset.objects.get(pk=answer["Dramatis-Asset"])
    with original(asset) as stored:
        assert stored.read() == CONTENT
    library.remove(asset)


def test_what_the_library_has_is_answered_with_the_asset_that_exists(
    editor: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    known = add_file("evening.mp4", CONTENT)
    where = begun(editor, filename="copy.mp4")
    with django_capture_on_commit_callbacks(execute=True):
        last = send(editor, where, 0, CONTENT)
    assert last.status_code == 204
    assert (last["Dramatis-Asset"], last["Dramatis-Already-Here"]) == (str(known.pk), "true")
    assert Asset.objects.count() == 1
    assert parts() == []
    twice = send(editor, begun(editor, same_content="true"), 0, CONTENT)
    assert twice["Dramatis-Asset"] != str(known.pk)
    for asset in Asset.objects.all():
        library.remove(asset)


def test_what_could_not_be_stored_is_kept_and_added_when_it_is_asked_for_again(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    where = begun(editor)
    with monkeypatch.context() as patch:
        patch.setattr("mam.assets.library._admit", broken)  # after the file was moved into its place
        refused(send(editor, where, 0, CONTENT), 507, "storage-full")
    assert not Asset.objects.exists()
    assert [part.suffix for part in parts()] == [".part"]
    answer = editor.head(where, headers=TUS)
    assert answer["Upload-Offset"] == str(len(CONTENT))
    asset = Asset.objects.get(pk=answer["Dramatis-Asset"])
    with original(asset) as stored:
        assert stored.read() == CONTENT
    library.remove(asset)


def test_an_upload_is_its_users_alone(editor: Client, viewer: Client, anybody: Client) -> None:
    where = begun(editor)
    other = client_of(editor_named("other"))
    for client, status, code in ((other, 404, "not-found"), (viewer, 403, "not-allowed")):
        refused(send(client, where, 0, CONTENT), status, code)
        refused(client.delete(where, headers=TUS), status, code)
    assert other.head(where, headers=TUS).status_code == 404
    headers = TUS | {"Upload-Length": "10"}
    refused(viewer.post(UPLOADS, headers=headers), 403, "not-allowed")
    refused(anybody.post(UPLOADS, headers=headers), 401, "not-authenticated")
    refused(send(anybody, where, 0, CONTENT), 401, "not-authenticated")
    assert offset(editor, where) == 0


def test_whoever_comes_with_a_cookie_shows_that_the_page_sent_it(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor_named("edith"))
    refused(client.post(UPLOADS, headers=TUS | {"Upload-Length": "10"}), 403, "csrf-failed")


def test_an_upload_can_be_cancelled(editor: Client) -> None:
    where = begun(editor)
    send(editor, where, 0, CONTENT[:1000])
    assert len(parts()) == 1
    assert editor.delete(where, headers=TUS).status_code == 204
    assert parts() == []
    refused(send(editor, where, 1000, CONTENT[1000:]), 404, "not-found")


def test_an_upload_that_nobody_goes_on_with_is_forgotten(editor: Client) -> None:
    old, new = begun(editor), begun(editor)
    Upload.objects.filter(pk=old.rpartition("/")[2]).update(expires=timezone.now() - timedelta(seconds=1))
    refused(send(editor, old, 0, CONTENT), 404, "not-found")
    patrol()
    assert [part.stem for part in parts()] == [new.rpartition("/")[2]]
    assert Upload.objects.count() == 1


def test_every_part_puts_the_end_off(editor: Client) -> None:
    where = begun(editor)
    Upload.objects.update(expires=timezone.now() + timedelta(seconds=60))
    send(editor, where, 0, b"a")
    assert Upload.objects.get().expires > timezone.now() + timedelta(days=6)


def test_an_upload_whose_part_was_cleared_away_begins_anew(editor: Client) -> None:
    where = begun(editor)
    parts()[0].unlink()
    assert editor.head(where, headers=TUS).status_code == 404
    assert not Upload.objects.exists()


def test_what_is_too_large_or_too_many_is_refused_before_a_byte_is_sent(
    editor: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LARGEST_UPLOAD = 1000
    problem = editor.post(UPLOADS, headers=TUS | {"Upload-Length": "1001"})
    refused(problem, 413, "too-large")
    assert problem["Tus-Max-Size"] == "1000"
    settings.LARGEST_UPLOAD = 10**17
    refused(editor.post(UPLOADS, headers=TUS | {"Upload-Length": str(10**16)}), 507, "storage-full")
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2)
    begun(editor)
    begun(editor)
    refused(editor.post(UPLOADS, headers=TUS | {"Upload-Length": "10"}), 429, "too-many-uploads")
    begun(client_of(editor_named("other")))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "0"},
        {"Upload-Length": "١٢"},
        {"Upload-Length": "1" * 30},
        {"Upload-Defer-Length": "1"},
        *(
            {"Upload-Length": "10", "Upload-Metadata": told}
            for told in (
                "filename !!!",
                "filename " + base64.b64encode(b"\xff\xfe").decode(),
                metadata(title="t" * 301),
                metadata(title="nul\0"),
                metadata(broadcast_date="yesterday"),
                metadata(filename="f" * 9000),
            )
        ),
    ],
)
def test_what_is_not_well_formed_is_refused(editor: Client, headers: dict[str, str]) -> None:
    refused(editor.post(UPLOADS, headers=TUS | headers), 400, "invalid")
    assert not Upload.objects.exists()
    assert parts() == []


def test_metadata_that_nobody_knows_does_no_harm(editor: Client) -> None:
    where = begun(
        editor, filename="a/../../b\r\nSet-Cookie: x.mp4", added_by="1", sha256="0", file="/etc/passwd"
    )
    answer = send(editor, where, 0, CONTENT)
    asset = Asset.objects.get(pk=answer["Dramatis-Asset"])
    assert asset.file.name == f"originals/{asset.pk}/original.mp4"
    assert len(asset.sha256) == 64
    library.remove(asset)


def test_another_version_or_media_type_or_method_is_refused(editor: Client) -> None:
    where = begun(editor)
    problem = editor.post(UPLOADS, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "10"})
    refused(problem, 412, "tus-version")
    assert problem["Tus-Version"] == "1.0.0"
    json = editor.generic("PATCH", where, "{}", "application/json", headers=TUS | {"Upload-Offset": "0"})
    refused(json, 415, "unsupported-media-type")
    refused(editor.put(where, headers=TUS), 405, "method-not-allowed")
    refused(editor.post(where, headers=TUS), 405, "method-not-allowed")
    part = editor.generic(
        "POST",
        where,
        "a" * 10,
        "application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )
    assert (part.status_code, part["Upload-Offset"]) == (204, "10")
    refused(editor.get("/uploads/nothing", headers=TUS), 404, "not-found")


def test_what_arrived_before_the_connection_broke_is_kept(
    transactional_db: None, live_server: LiveServer
) -> None:
    user: User = editor_named("edith")
    token = Token.objects.create(user=user).key
    editor = client_of(user)
    content = CONTENT * 200  # two megabytes: several pieces
    where = begun(editor, len(content))
    sent = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port)
    sent.putrequest("PATCH", where)
    for name, value in (
        *TUS.items(),
        ("Authorization", f"Token {token}"),
        ("Content-Type", "application/offset+octet-stream"),
        ("Content-Length", str(len(content))),
        ("Upload-Offset", "0"),
    ):
        sent.putheader(name, value)
    sent.endheaders(content[:1_000_000])
    sent.sock.shutdown(1)  # no more comes
    sent.getresponse()
    at = offset(editor, where)
    assert at == 1_000_000
    last = send(editor, where, at, content[at:])
    with original(Asset.objects.get(pk=last["Dramatis-Asset"])) as stored:
        assert stored.read() == content
    library.remove(Asset.objects.get())
