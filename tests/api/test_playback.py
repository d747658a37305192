"""What players and pages are given: byte ranges, what they have already, and a proxy where they could play nothing."""

import pytest

from faces.models import Scan
from mam.assets import library
from mam.assets.models import Asset
from mam.samples import ClipForm
from tests import material
from tests.api.answers import refused
from tests.api.conftest import CLIP, Client
from tests.api.test_assets import ASSETS, files_of, upload
from tests.library import ScannedLibrary, work_off
from tests.vision.forms import COUNT, video


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        (None, 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-100", 206, slice(-100, None)),
        ("bytes=0-", 206, slice(None)),
        ("bytes=5-5", 206, slice(5, 6)),
        ("Bytes=5-5", 206, slice(5, 6)),
        ("bytes=10-999999999999", 206, slice(10, None)),
        ("bytes=-999999999999", 206, slice(None)),
        ("bytes=0-9,20-29", 200, slice(None)),
        ("bytes=9-5", 200, slice(None)),
        ("bytes=", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=a-b", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=٣-٤", 200, slice(None)),
    ],
)
def test_a_player_gets_the_range_it_asks_for(
    wanted: str | None, status: int, expected: slice, viewer: Client, scanned_library: ScannedLibrary
) -> None:
    video = scanned_library.videos[0]
    content = video.sample.path.read_bytes()
    headers = {"Range": wanted} if wanted else {}
    response = viewer.get(f"{ASSETS}{video.pk}/media", headers=headers)
    part = content[expected]
    assert response.status_code == status
    assert b"".join(response) == part
    assert response["Content-Length"] == str(len(part))
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    first = content.index(part) if len(part) > 50 else expected.start
    span = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
    assert response.get("Content-Range") == (span if status == 206 else None)
    head = viewer.head(f"{ASSETS}{video.pk}/media", headers=headers)
    assert (head.status_code, head["Content-Length"], b"".join(head)) == (status, str(len(part)), b"")


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=999999999-9999999999", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(
    wanted: str, viewer: Client, scanned_library: ScannedLibrary
) -> None:
    video = scanned_library.videos[0]
    response = viewer.get(f"{ASSETS}{video.pk}/media", HTTP_RANGE=wanted)
    refused(response, 416, "range-not-satisfiable")
    assert response["Content-Range"] == f"bytes */{video.sample.path.stat().st_size}"


def test_a_range_of_a_file_that_has_changed_is_the_whole_file(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    """A player that goes on with what it has must not put two files together."""
    media = f"{ASSETS}{scanned_library.videos[0].pk}/media"
    whole = viewer.get(media)
    for same in (whole["ETag"], whole["Last-Modified"]):
        response = viewer.get(media, headers={"Range": "bytes=0-9", "If-Range": same})
        assert (response.status_code, response["ETag"]) == (206, whole["ETag"])
    for other in ('"other"', f"W/{whole['ETag']}", "Sun, 06 Nov 1994 08:49:37 GMT", "nonsense"):
        response = viewer.get(media, headers={"Range": "bytes=0-9", "If-Range": other})
        assert (response.status_code, response["Content-Length"]) == (200, whole["Content-Length"])


def test_a_file_that_the_browser_has_is_not_sent_again(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    for route in ("media", "poster"):
        address = f"{ASSETS}{scanned_library.videos[0].pk}/{route}"
        whole = viewer.get(address)
        for had in (
            {"If-None-Match": whole["ETag"], "Range": "bytes=0-9"},
            {"If-None-Match": f'"other", W/{whole["ETag"]}'},
            {"If-Modified-Since": whole["Last-Modified"]},
        ):
            response = viewer.get(address, headers=had)
            assert (response.status_code, response.content) == (304, b"")
            assert (response["ETag"], response["Cache-Control"]) == (whole["ETag"], whole["Cache-Control"])
        assert viewer.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        refused(viewer.get(address, headers={"If-Match": '"other"'}), 412, "precondition-failed")


def test_what_was_uploaded_cannot_run_in_the_browser(editor: Client) -> None:
    asset = upload(editor, b"<script>alert(1)</script>", "page.html").json()["id"]
    response = editor.get(f"{ASSETS}{asset}/media")
    assert response["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response) == b"<script>alert(1)</script>"
    library.remove(Asset.objects.get(pk=asset))


def test_a_file_that_is_gone_is_said_to_be_gone(editor: Client, clip: bytes) -> None:
    asset = upload(editor, clip).json()["id"]
    for route in ("proxy", "poster"):
        refused(editor.get(f"{ASSETS}{asset}/{route}"), 404, "not-found")
    (path,) = files_of(asset)
    path.unlink()
    refused(editor.get(f"{ASSETS}{asset}/media"), 404, "file-missing")
    work_off()
    assert editor.get(f"{ASSETS}{asset}/").json()["status"] == "queued"  # it may come back: tried again later
    assert Scan.objects.get(asset=asset).error_code == "storage-unavailable"


def test_a_video_that_browsers_cannot_play_gets_a_proxy(editor: Client) -> None:
    content = material.composed(CLIP, ClipForm(codec="mpeg4"), suffix=".avi").path.read_bytes()
    asset = upload(editor, content, "old.avi").json()
    assert asset["playback"] == {"url": None, "state": "preparing", "progress": 0.0}
    work_off()
    asset = editor.get(f"{ASSETS}{asset['id']}/").json()
    assert asset["playback"] == {"url": f"{ASSETS}{asset['id']}/proxy", "state": "ready", "progress": 1.0}
    response = editor.get(asset["playback"]["url"], HTTP_RANGE="bytes=4-7")
    assert (response.status_code, b"".join(response)) == (206, b"ftyp")
    library.remove(Asset.objects.get(pk=asset["id"]))


def test_recordings_joined_in_one_file_are_as_long_as_all_of_them(editor: Client) -> None:
    """Such a file only says how long one of them is."""
    content = video("h264.ts").read_bytes()
    asset = upload(editor, content + content, "joined.ts").json()
    work_off()
    asset = editor.get(f"{ASSETS}{asset['id']}/").json()
    assert (asset["status"], asset["duration_ms"]) == ("ready", 2 * COUNT * 40)
    frames = editor.get(f"{ASSETS}{asset['id']}/frames/").json()
    assert frames["times"] == [40 * at for at in range(2 * COUNT)]
    library.remove(Asset.objects.get(pk=asset["id"]))
