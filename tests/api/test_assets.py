"""The media library: upload, changes, lists, deletion."""

import errno
import os
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from faces import scanning
from faces.models import (
    Anchor,
    Attachment,
    Exemplar,
    Faceprint,
    FrameTimes,
    Person,
    Resolution,
    Scan,
    Track,
    Unknown,
    UnknownCentroid,
)
from mam.assets import library
from mam.assets.host import LibraryHost
from mam.assets.models import Asset, Preparation, original
from mam.samples import ClipForm, Scene, compose_sound
from tests import material
from tests.api.answers import refused, results
from tests.api.conftest import CLIP, Client
from tests.library import ScannedLibrary, add_file, work_off

ASSETS = "/api/v1/assets/"


def upload(client: Client, content: bytes, name: str = "news.mp4", **about: Any) -> Any:
    file = SimpleUploadedFile(name, content, "video/mp4")
    return client.post(ASSETS, {"file": file, **about}, format="multipart")


def files_of(key: Any) -> list[Path]:
    return [path for path in Path(settings.HOME).glob(f"*/*/{key}/**/*") if path.is_file()]


class FullDisk(TemporaryFileUploadHandler):
    """Where an upload is put down, on a disk that holds no more."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", ["news.mp4", "face.jpg"])
def test_what_does_not_fit_on_the_disk_is_said_and_leaves_nothing(
    name: str, editor: Client, settings: Settings
) -> None:
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.FullDisk"]
    person = editor.post("/api/v1/people/", {"name": "Ada"}).json()["id"]
    route = ASSETS if name == "news.mp4" else f"/api/v1/people/{person}/photos/"
    file = SimpleUploadedFile(name, b"a beginning")
    refused(editor.post(route, {"file": file}, format="multipart"), 507, "storage-full")
    assert not Asset.objects.exists()


def test_an_upload_becomes_an_asset_that_is_scanned(editor: Client, clip: bytes) -> None:
    answer = upload(
        editor,
        clip,
        "evening.mov",
        title="Evening news",
        collection="News",
        broadcast_date="2026-03-14",
        catalogue_id="N/7",
    )
    assert answer.status_code == 201
    asset = answer.json()
    assert (asset["status"], asset["progress"], asset["error"], asset["scans"]) == ("queued", 0.0, None, 0)
    assert asset["scan"] == {"id": asset["scan"]["id"], "paused": False}
    work_off()
    asset = editor.get(f"{ASSETS}{asset['id']}/").json()
    assert asset.pop("created")
    assert asset.pop("id") in asset.pop("poster")
    assert asset == {
        "title": "Evening news",
        "status": "ready",
        "progress": 1.0,
        "scan": None,
        "scanned": 1.0,
        "error": None,
        "notice": None,
        "still": False,
        "duration_ms": 1200,
        "frame_rate": "25/1",
        "width": 1280,
        "height": 720,
        "start_timecode": "10:00:00:00",
        "reel": None,
        "original_path": "evening.mov",
        "in_place": False,
        "offline": False,
        "collection": "News",
        "broadcast_date": "2026-03-14",
        "catalogue_id": "N/7",
        "scans": 1,
        "fetching": False,
        "filmstrip": {
            "url": asset["filmstrip"]["url"],
            "interval_ms": 1000,
            "count": 2,
            "columns": 2,
            "rows": 1,
            "tile_width": 160,
            "tile_height": 90,
        },
        "playback": asset["playback"],
        "cast": [],
        "people": 0,
        "unknowns": 1,
    }
    assert asset["playback"]["state"] == "ready"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../../etc/passwd.mp4", "passwd"),
        ("..\\..\\windows\\system.mp4", "system"),
        ("n" * 300 + ".mp4", None),
        (".mp4", ".mp4"),
        ("<script>alert(1)</script>.mp4", None),
        ("نشرة الأخبار.mp4", "نشرة الأخبار"),
        ("news.mp4\x00.exe", None),
        ("a\r\nb.mp4", None),
        ("news.tar.$(reboot)", None),
    ],
)
def test_nothing_of_a_file_name_gets_into_a_path(name: str, title: str | None, editor: Client) -> None:
    answer = upload(editor, b"no video at all", name)
    assert answer.status_code == 201, answer.content
    asset = Asset.objects.get()
    assert asset.file.name is not None
    assert Path(asset.file.name).parent == Path(f"originals/{asset.pk}")
    assert re.fullmatch(r"original(\.[a-z0-9]{1,8})?", Path(asset.file.name).name)
    assert asset.title
    assert title is None or answer.json()["title"] == title
    assert len(files_of(asset.pk)) == 1
    library.remove(asset)


def test_an_upload_without_content_is_refused(editor: Client) -> None:
    refused(upload(editor, b""), 400, "invalid")
    refused(editor.post(ASSETS, {}, format="multipart"), 400, "invalid")
    refused(editor.post(ASSETS, {"file": "news.mp4"}, format="multipart"), 400, "invalid")
    refused(editor.post(ASSETS, {"file": "news.mp4"}), 400, "invalid")
    refused(upload(editor, b"x", title="a" * 301), 400, "invalid")
    refused(upload(editor, b"x", broadcast_date="yesterday"), 400, "invalid")
    assert not Asset.objects.exists()


def test_an_asset_is_changed_where_it_may_be(editor: Client, scanned_library: ScannedLibrary) -> None:
    address = f"{ASSETS}{scanned_library.videos[0].pk}/"
    before = editor.get(address).json()
    given = {
        "title": "Evening news",
        "collection": None,
        "broadcast_date": "2026-03-14",
        "catalogue_id": "7",
    }
    assert editor.patch(address, {**given, "status": "failed", "scans": 9}).json() == before | given
    assert editor.get(address).json() == before | given
    for wrong in ({"title": ""}, {"title": "a" * 301}, {"broadcast_date": "31.12."}, {"title": None}):
        refused(editor.patch(address, wrong), 400, "invalid")
    assert editor.patch(address, {}).json() == before | given


def test_the_library_is_listed_in_every_order_and_searched(
    viewer: Client, editor: Client, scanned_library: ScannedLibrary
) -> None:
    titles = [video.title for video in scanned_library.videos]
    editor.patch(f"{ASSETS}{scanned_library.videos[2].pk}/", {"collection": "News", "catalogue_id": "N/7"})

    def listed(query: str) -> list[str]:
        return [asset["title"] for asset in results(viewer.get(f"{ASSETS}?{query}"))]

    assert listed("") == listed("sort=recent") == titles[::-1]
    assert listed("sort=oldest") == listed("sort=title") == titles
    assert listed("q=SPACE") == [titles[1]]
    assert listed("q=n/7") == listed("collection=News") == [titles[2]]
    assert listed("q=sample2.mp4") == [titles[1]]
    assert listed("q=%25") == listed("q=_") == []
    assert listed("status=ready") == titles[::-1]
    assert listed("status=failed") == listed("person=999999") == []
    for sort in ("recent", "oldest", "title"):
        paged, following = [], f"{ASSETS}?sort={sort}&limit=1"
        while following:
            answer = viewer.get(following).json()
            paged += [asset["title"] for asset in answer["results"]]
            following = answer["next"]
        assert paged == listed(f"sort={sort}")


def test_the_library_is_filtered_by_the_status_that_it_shows(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    """A cancelled scan has failed, but for an asset that was scanned before: that stays ready."""
    for state in ("queued", "running", "failed", "cancelled", None):
        asset = add_file(f"{state}.mp4", b"no video")
        Scan.objects.filter(asset=asset).update(state=state or "queued")
        if state is None:
            Scan.objects.filter(asset=asset).delete()
    cancelled = scanning.request_scan(scanned_library.videos[0].asset)
    assert scanning.cancel(cancelled)
    everything = results(editor.get(ASSETS))
    for status in ("queued", "processing", "ready", "failed"):
        found = {asset["id"] for asset in results(editor.get(f"{ASSETS}?status={status}"))}
        assert found == {asset["id"] for asset in everything if asset["status"] == status}
        assert found
    for asset in Asset.objects.filter(title__in=("queued", "running", "failed", "cancelled", "None")):
        library.remove(asset)


def test_deleting_a_video_leaves_neither_file_nor_row(
    editor: Client,
    scanned_library: ScannedLibrary,
    clip: bytes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    counted = (
        *(Asset, Preparation, Scan, Track, Faceprint, FrameTimes, Resolution, Unknown, UnknownCentroid),
        *(Anchor, Attachment),
    )
    people = {"editor": editor.get("/api/v1/unknowns/").json()["results"]}
    before = {model: model._default_manager.count() for model in counted}
    asset = upload(editor, clip).json()["id"]
    work_off()
    (track,) = results(editor.get(f"{ASSETS}{asset}/tracks/"))
    said = {"verdict": "is", "tracks": [track["id"]], "name": "Barack Obama"}
    person = editor.post("/api/v1/decisions/", said).json()["person"]["id"]
    assert Person.objects.get(pk=person).tracks == 8
    assert Exemplar.objects.filter(person=person).exists()
    assert {".mp4", ".jpg", ".faces"} <= {path.suffix for path in files_of(asset)}
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.delete(f"{ASSETS}{asset}/").status_code == 204
    assert files_of(asset) == []
    assert not list(Path(settings.HOME).glob(f"*/*/{asset}"))
    assert {model: model._default_manager.count() for model in counted} == before
    assert not Exemplar.objects.exists()
    assert Person.objects.get(pk=person).tracks == 0
    after = editor.get("/api/v1/unknowns/").json()["results"]
    assert [(u["key"], u["tracks"], u["screen_time_ms"]) for u in after] == [
        (u["key"], u["tracks"], u["screen_time_ms"]) for u in people["editor"]
    ]
    refused(editor.get(f"{ASSETS}{asset}/"), 404, "not-found")
    refused(editor.delete(f"{ASSETS}{asset}/"), 404, "not-found")
    refused(editor.get(track["thumbnail"]), 404, "not-found")


def test_a_video_deleted_while_it_is_scanned_leaves_nothing(
    editor: Client, transactional_db: None, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan opens the original when it has claimed the job: then the video goes."""
    asset = upload(editor, clip).json()["id"]

    def delete_meanwhile(host: LibraryHost, opened: Asset) -> AbstractContextManager[BinaryIO]:
        file = original(opened)
        assert editor.delete(f"{ASSETS}{asset}/").status_code == 204
        return file

    with monkeypatch.context() as patch:
        patch.setattr(LibraryHost, "open", delete_meanwhile)
        assert scanning.scan_next(material.networks_for_scans) is True
    assert not Scan.objects.exists()
    assert not Track.objects.exists()
    assert not list(Path(settings.HOME).glob(f"*/*/{asset}"))
    other = upload(editor, clip).json()["id"]
    work_off()
    assert editor.get(f"{ASSETS}{other}/").json()["status"] == "ready"
    library.remove(Asset.objects.get(pk=other))


def broken_files() -> dict[str, tuple[bytes, str]]:
    """Bad files and the code each fails with."""
    whole = material.composed(CLIP).path.read_bytes()
    index_last = material.composed(CLIP, ClipForm(index_first=False)).path.read_bytes()
    return {
        "text.mp4": (b"This is no video.\n" * 100, "media-unreadable"),
        "zeros.mp4": (bytes(100_000), "media-unreadable"),
        "one-byte.mp4": (b"x", "media-unreadable"),
        "half.mp4": (index_last[: len(index_last) // 2], "media-unreadable"),
        "no-frames.mp4": (whole[: whole.index(b"mdat") + 4], "no-frames"),
    }


def test_each_bad_file_fails_with_a_reason_while_the_others_go_on(editor: Client, tmp_path: Path) -> None:
    sound = tmp_path / "sound.m4a"
    compose_sound(sound)
    bad = broken_files() | {"sound.mp4": (sound.read_bytes(), "no-video-stream")}
    nobody = material.composed((Scene(25, "rocket"),)).path.read_bytes()
    assets = {name: upload(editor, content, name).json()["id"] for name, (content, _) in bad.items()}
    empty = add_file("empty.mp4", b"").pk
    good = upload(editor, material.composed(CLIP).path.read_bytes(), "good.mp4").json()["id"]
    faceless = upload(editor, nobody, "nobody.mp4").json()["id"]
    work_off()
    for name, key in {**assets, "empty.mp4": str(empty)}.items():
        asset = editor.get(f"{ASSETS}{key}/").json()
        assert asset["status"] == "failed", name
        assert asset["error"]["code"] == bad.get(name, (b"", "media-unreadable"))[1], (name, asset["error"])
        assert len(asset["error"]["detail"]) > 30
        assert str(settings.HOME) not in asset["error"]["detail"]
        document = editor.get(f"{ASSETS}{key}/appearances/?format=videobox").json()
        assert document == {"complete": False, "faces": []}
        assert asset["playback"]["state"] == "unavailable"
    assert editor.get(f"{ASSETS}{good}/").json()["status"] == "ready"
    asset = editor.get(f"{ASSETS}{faceless}/").json()
    assert (asset["status"], asset["unknowns"]) == ("ready", 0)
    document = editor.get(f"{ASSETS}{faceless}/appearances/?format=videobox").json()
    assert document == {"complete": True, "faces": []}
    failed = {asset["id"] for asset in results(editor.get(f"{ASSETS}?status=failed"))}
    assert failed == {*assets.values(), str(empty)}
    for asset in Asset.objects.all():
        library.remove(asset)
