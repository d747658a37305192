"""A watched folder: what has stopped growing comes in, once."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from mam.assets import library
from mam.assets.intake import Intake
from mam.assets.models import Asset
from mam.assets.watching import Watch
from tests.commands.test_commands import manage

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "incoming"
    made.mkdir()
    yield made
    for asset in Asset.objects.all():
        library.remove(asset)


def watching(folder: Path, **how: Any) -> Watch:
    return Watch([folder], Intake(**how), settle_s=10)


def looked(watch: Watch, now: float) -> list[tuple[str, str]]:
    return [(file.name, str(became).split(" as ")[0]) for file, became in watch.look(now)]


def test_a_file_is_taken_in_when_it_has_stopped_growing(folder: Path) -> None:
    watch = watching(folder)
    file = folder / "news.mp4"
    file.touch()
    assert looked(watch, 0) == looked(watch, 20) == []  # only just begun, however long ago
    for now in (21, 26, 31, 36):
        with file.open("ab") as growing:
            growing.write(b"some more")
        assert looked(watch, now) == []
    assert looked(watch, 45) == []
    assert looked(watch, 46) == [("news.mp4", "added")]
    assert looked(watch, 100) == []
    assert Asset.objects.get().size == file.stat().st_size


def test_begun_anew_it_passes_over_what_it_has(folder: Path) -> None:
    for number in range(3):
        (folder / f"{number}.mp4").write_text(f"video {number}")
    watch = watching(folder)
    assert looked(watch, 0) == []
    assert len(looked(watch, 10)) == 3
    (folder / "3.mp4").write_text("video 3")
    again = watching(folder)
    assert looked(again, 0) == []
    assert looked(again, 10) == [("3.mp4", "added")]
    assert Asset.objects.count() == 4


def test_what_is_no_video_or_hidden_or_known_by_content_stays_out(folder: Path) -> None:
    (folder / "notes.txt").write_text("no video")
    (folder / "._news.mp4").write_text("what macOS writes beside a file")
    (folder / ".snapshot").mkdir()
    (folder / ".snapshot" / "news.mp4").write_text("an older one")
    (folder / "day").mkdir()
    (folder / "day" / "news.mp4").write_text("video")
    (folder / "same.mp4").write_text("video")
    watch = watching(folder)
    assert looked(watch, 0) == []
    assert looked(watch, 10) == [("news.mp4", "added"), ("same.mp4", "already here")]
    assert looked(watch, 20) == looked(watch, 30) == []


def test_in_place_it_finds_again_what_was_moved(folder: Path) -> None:
    (folder / "news.mp4").write_text("video")
    watch = watching(folder, in_place=True)
    assert looked(watch, 0) == []
    assert looked(watch, 10) == [("news.mp4", "added")]
    (folder / "2026").mkdir()
    moved = (folder / "news.mp4").rename(folder / "2026" / "evening.mp4")
    assert Asset.objects.get().offline
    assert looked(watch, 20) == []
    assert looked(watch, 30) == [("evening.mp4", "found again")]
    assert Asset.objects.get().original_path == str(moved)
    assert not Asset.objects.get().offline


def test_a_folder_that_goes_away_and_comes_back_is_not_taken_in_twice(folder: Path) -> None:
    (folder / "news.mp4").write_text("video")
    watch = watching(folder)
    assert looked(watch, 0) == []
    assert len(looked(watch, 10)) == 1
    away = folder.rename(folder.with_name("unplugged"))
    assert looked(watch, 20) == []
    away.rename(folder)
    assert looked(watch, 30) == looked(watch, 40) == looked(watch, 50) == []


def test_what_does_not_fit_is_tried_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "news.mp4").write_text("video")
    watch = watching(folder)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert looked(watch, 0) == []
    with monkeypatch.context() as patch:
        patch.setattr(library, "add", full)
        assert looked(watch, 10) == [("news.mp4", "[Errno 28] No space left on device")]
    assert looked(watch, 11) == []
    assert looked(watch, 21) == [("news.mp4", "added")]


def test_the_command_says_what_it_takes_in_and_outlives_its_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(__file__, folder / "news.mp4")
    naps = 0
    look = Watch.look

    def nap(seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 4:
            raise KeyboardInterrupt

    def look_but(watch: Watch, now: float) -> Iterator[Any]:
        if naps == 0:
            raise OperationalError("no server")
        return look(watch, now)

    monkeypatch.setattr(time, "sleep", nap)
    monkeypatch.setattr(Watch, "look", look_but)
    monkeypatch.setattr("mam.assets.management.commands.assets_watch.connection.close", lambda: None)
    out, err = manage("assets_watch", folder, settle=0, collection="News")
    assert f"{folder / 'news.mp4'}: added as “news”" in out
    assert "what was added stays" in out
    assert "the database is away (no server)" in err
    assert Asset.objects.get().collection == "News"


def test_the_command_watches_nothing_but_folders(folder: Path) -> None:
    with pytest.raises(CommandError, match="is no folder; nothing was begun"):
        manage("assets_watch", folder / "gone")
    with pytest.raises(CommandError, match="at most 200 characters; nothing was begun"):
        manage("assets_watch", folder, collection="c" * 201)
