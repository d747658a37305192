"""The sheet of small pictures: at most a hundred, evenly spaced, each of its time."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faces.models import JobState
from faces.vision import Image, apart, probe
from mam.assets import library, preparing
from mam.assets.filmstrips import MOST_TILES, Filming, Filmstrip, filmstrip
from mam.assets.models import Asset, Preparation
from mam.assets.proxies import make_proxy
from mam.samples import ClipForm, Scene
from tests import material
from tests.api.conftest import Client, viewer
from tests.commands.test_commands import manage
from tests.library import add_file, work_off
from tests.vision.forms import FORMS, TIMES, number_of, write

__all__ = ["viewer"]


def tiles(strip: Filmstrip) -> list[Image]:
    sheet = cv2.imdecode(np.frombuffer(strip.sheet, np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape == (strip.rows * strip.tile_height, strip.columns * strip.tile_width, 3)
    rows, columns = strip.tile_height, strip.tile_width
    found = []
    for number in range(strip.count):
        row, column = divmod(number, strip.columns)
        there = sheet[row * rows :, column * columns :][:rows, :columns]
        found.append(np.asarray(there, np.uint8))
    return found


def numbers(strip: Filmstrip) -> list[int]:
    """Of the frames that the tiles show, which wear their numbers."""
    large = (cv2.resize(tile, None, fx=4, fy=4) for tile in tiles(strip))
    return [number_of(np.asarray(tile, np.uint8)) for tile in large]


def filmed(times: Sequence[int]) -> tuple[Filmstrip, list[int]]:
    """The strip of frames that show their number in grey, and the time that each tile is of."""
    filming, added = Filming(), list[int]()
    for at_ms in times:
        if filming.wants(at_ms):
            filming.add(at_ms, np.zeros((9, 16, 3), np.uint8) + np.uint8(len(added) % 250))
            added.append(at_ms)
    return filming.finish(), added


@given(st.lists(st.integers(0, 50_000_000), min_size=1, max_size=400, unique=True).map(sorted))
def test_a_strip_of_any_video_has_at_most_a_hundred_tiles_and_reaches_its_end(times: list[int]) -> None:
    strip, _ = filmed(times)
    assert 1 <= strip.count <= MOST_TILES
    assert strip.columns * (strip.rows - 1) < strip.count <= strip.columns * strip.rows
    assert times[-1] < (strip.count + 1) * strip.interval_ms
    assert len(tiles(strip)) == strip.count


@pytest.mark.parametrize(
    ("seconds", "every_ms", "count", "interval_ms"),
    [
        (1, 40, 1, 1000),
        (30, 40, 30, 1000),
        (100, 40, 100, 1000),
        (101, 40, 51, 2000),
        (7200, 200, 57, 128_000),
    ],
)
def test_tiles_grow_apart_as_videos_grow_long(
    seconds: int, every_ms: int, count: int, interval_ms: int
) -> None:
    strip, _ = filmed(range(0, seconds * 1000, every_ms))
    assert (strip.count, strip.interval_ms) == (count, interval_ms)


def test_key_frames_far_apart_are_shown_once_each() -> None:
    strip, added = filmed(range(0, 95_000, 10_000))
    assert (strip.count, strip.interval_ms, len(added)) == (10, 10_000, 10)
    assert [round(float(tile.mean())) for tile in tiles(strip)] == pytest.approx(list(range(10)), abs=1)


def test_a_short_video_shows_each_of_its_seconds(tmp_path: Path) -> None:
    original = write(tmp_path / "news.mp4", FORMS["h264.mp4"], TIMES)
    strip = apart.call(filmstrip, original)
    assert numbers(strip) == [0, 25, 50, 75]


def test_a_proxy_s_strip_is_of_the_same_pass(tmp_path: Path) -> None:
    original = write(tmp_path / "news.ts", FORMS["h264.ts"], TIMES)
    with original.open("rb") as pictures, original.open("rb") as sound:
        strip, _ = apart.call(make_proxy, pictures, sound, probe(original), str(tmp_path / "copy.mp4"))
    assert numbers(strip) == [0, 25, 50, 75]


@pytest.mark.django_db
def test_every_video_has_its_strip_in_the_library(viewer: Client) -> None:
    clip = material.composed([Scene(60, "coffee")], ClipForm(audio=False))
    asset = add_file("coffee.mp4", clip.path.read_bytes())
    route = f"/api/v1/assets/{asset.pk}/"
    assert viewer.get(route).json()["filmstrip"] is None
    assert preparing.prepare_next(posters=True)
    assert viewer.get(route).json()["poster"]
    assert not preparing.prepare_next(posters=True)  # what takes longer is not for whoever makes posters
    assert Preparation.objects.get().state == JobState.QUEUED
    assert preparing.prepare_next()
    strip = viewer.get(route).json()["filmstrip"]
    assert strip == {
        "url": f"{route}filmstrip",
        "interval_ms": 1000,
        "count": strip["count"],
        "columns": strip["count"],
        "rows": 1,
        "tile_width": 160,
        "tile_height": 90,
    }
    response = viewer.get(strip["url"])
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    library.remove(asset)


@pytest.mark.django_db
def test_posters_come_before_all_that_takes_longer() -> None:
    clip = material.composed([Scene(30, "coffee")], ClipForm(audio=False)).path.read_bytes()
    assets = [add_file(f"{number}.mp4", clip) for number in range(3)]
    for number in range(3):
        assert preparing.prepare_next()
        assert Asset.objects.exclude(poster="").count() == number + 1
    assert not Asset.objects.exclude(filmstrip="").exists()
    for asset in assets:
        library.remove(asset)


@pytest.mark.django_db
def test_videos_of_before_get_their_strips_when_asked_for() -> None:
    clip = material.composed([Scene(30, "coffee")], ClipForm(codec="mpeg4", audio=False), suffix=".avi")
    asset = add_file("coffee.avi", clip.path.read_bytes())
    work_off()
    Asset.objects.update(filmstrip="", filmstrip_grid=None)
    proxy = Asset.objects.get().proxy.name
    assert manage("assets_prepare") == ("1 queued\n", "")
    assert manage("assets_prepare") == ("0 queued\n", "")
    work_off()
    shown = Asset.objects.get()
    assert shown.filmstrip
    assert shown.proxy.name == proxy
    assert manage("assets_prepare") == ("0 queued\n", "")
    library.remove(asset)
