"""Pictures in the library: uploaded, scanned, shown, searched and exported as videos are."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from faces.vision import read_photo
from mam.assets import library
from mam.assets.models import Asset
from tests import material
from tests.api.answers import results
from tests.api.conftest import Client
from tests.library import work_off
from tests.vision.test_photo import encoded
from tests.vision.test_still import png_of

ASSETS = "/api/v1/assets/"


@pytest.fixture(autouse=True)
def _tidy(db: None) -> Iterator[None]:
    yield
    for asset in Asset.objects.all():
        library.remove(asset)


def add(client: Client, content: bytes, name: str) -> str:
    file = SimpleUploadedFile(name, content)
    asset: str = client.post(ASSETS, {"file": file}, format="multipart").json()["id"]
    return asset


def read(client: Client, asset: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{ASSETS}{asset}/").json()
    return answer


def test_a_picture_becomes_an_asset_that_is_scanned(editor: Client, two_faces: Path) -> None:
    content = two_faces.read_bytes()
    key = add(editor, content, "Both.JPG")
    assert read(editor, key)["still"] is False  # nobody has looked into it
    work_off()
    asset = read(editor, key)
    assert (asset["status"], asset["title"], asset["still"], asset["unknowns"]) == ("ready", "Both", True, 2)
    assert (asset["width"], asset["height"]) == (800, 600)
    assert (asset["duration_ms"], asset["frame_rate"], asset["start_timecode"]) == (1, None, None)
    assert asset["playback"] == {"url": f"{ASSETS}{key}/media", "state": "ready", "progress": 1.0}
    shown = editor.get(asset["playback"]["url"])
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown) == content
    poster = b"".join(editor.get(asset["poster"]))
    assert read_photo(poster).shape == (480, 640, 3)
    tracks = results(editor.get(f"{ASSETS}{key}/tracks/"))
    assert [(track["start_ms"], track["end_ms"], track["band"]) for track in tracks] == [
        (0, 1, "unknown")
    ] * 2
    assert editor.get(f"{ASSETS}{key}/frames/").json() == {"first": 0, "total": 1, "times": [0]}
    boxes = editor.get(f"{ASSETS}{key}/boxes/").json()
    assert (boxes["width"], boxes["height"]) == (800, 600)
    assert [track["times"] for track in boxes["tracks"]] == [[0], [0]]


def test_who_is_in_a_picture_is_exported_and_found(editor: Client, two_faces: Path) -> None:
    key = add(editor, two_faces.read_bytes(), "both.jpg")
    work_off()
    tracks = results(editor.get(f"{ASSETS}{key}/tracks/"))
    for track, name in zip(tracks, ("Barack Obama", "Joe Biden"), strict=True):
        said = {"verdict": "is", "tracks": [track["id"]], "name": name}
        assert editor.post("/api/v1/decisions/", said).json()["changed"]["appearances"] == 1
    document = editor.get(f"{ASSETS}{key}/appearances/?format=videobox").json()
    assert document["complete"] is True
    assert {face["name"]: face["instances"] for face in document["faces"]} == {
        name: [{"start": 0, "end": 0, "start_ms": 0, "end_ms": 1, "confidence": 1.0}]
        for name in ("Barack Obama", "Joe Biden")
    }
    table = editor.get(f"{ASSETS}{key}/appearances/?format=csv").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table)))) == 3
    assert editor.get(f"{ASSETS}{key}/appearances/?format=webvtt").content.startswith(b"WEBVTT")
    for query in ("any=Joe Biden", "all=Barack Obama&all=Joe Biden&together_within_ms=0"):
        (hit,) = results(editor.get(f"/api/v1/search/?{query}"))
        assert [(moment["start_ms"], moment["end_ms"]) for moment in hit["moments"]] == [(0, 1)]
    file = SimpleUploadedFile("who.jpg", material.portrait_path("biden").read_bytes())
    (face,) = editor.post("/api/v1/search/photo/", {"file": file}, format="multipart").json()["faces"]
    assert face["moments"][0]["asset"] == key
    assert face["people"][0]["person"]["name"] == "Joe Biden"


@pytest.mark.parametrize(
    ("form", "name", "shown_as"),
    [
        ("PNG", "p.png", "image/png"),
        ("WEBP", "p.webp", "image/webp"),
        ("PNG", "p.jpg", "image/png"),
        ("JPEG", "p.mp4", "image/jpeg"),
        ("JPEG", "picture", "image/jpeg"),
        ("TIFF", "p.tif", "image/jpeg"),
    ],
)
def test_a_picture_is_shown_as_what_it_is_whatever_it_is_called(
    form: str, name: str, shown_as: str, editor: Client
) -> None:
    portrait = PIL.Image.open(material.portrait_path("grace_hopper")).convert("RGB")
    key = add(editor, encoded(portrait, form), name)
    work_off()
    asset = read(editor, key)
    assert (asset["status"], asset["still"], asset["unknowns"]) == ("ready", True, 1)
    assert asset["playback"]["url"].endswith("/proxy" if form == "TIFF" else "/media")
    shown = editor.get(asset["playback"]["url"])
    assert shown["Content-Type"] == shown_as
    assert read_photo(b"".join(shown)).shape[:2] == (portrait.height, portrait.width)


def test_a_picture_that_is_hostile_or_damaged_fails_with_a_reason(editor: Client, two_faces: Path) -> None:
    whole = two_faces.read_bytes()
    bad = {
        "bomb.png": (png_of(60_000, 60_000), "media-too-large"),
        "large.png": (png_of(9_000, 9_000), "media-too-large"),
        "cut.jpg": (whole[: len(whole) // 2], "media-unreadable"),
        "hollow.png": (png_of(100, 100), "media-unreadable"),
        "page.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media-unreadable"),
    }
    assets = {name: add(editor, content, name) for name, (content, _) in bad.items()}
    good = add(editor, whole, "good.jpg")
    work_off()
    for name, key in assets.items():
        asset = read(editor, key)
        assert (asset["status"], asset["playback"]["state"]) == ("failed", "unavailable"), name
        assert asset["error"]["code"] == bad[name][1], (name, asset["error"])
    assert read(editor, good)["status"] == "ready"


def test_assets_add_takes_pictures_too(editor: Client, two_faces: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.PNG").write_bytes(png_of(10, 10))
    (tmp_path / "notes.txt").write_text("no picture")
    call_command("assets_add", str(tmp_path), stdout=io.StringIO())
    assert {asset.title for asset in Asset.objects.all()} == {"both", "cover"}
