"""What `manage.py` does for people at a terminal."""

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files import File
from django.core.management import CommandError, call_command
from django.db import connection

from faces import networks
from faces.identity.model import current_model
from faces.models import AppliedCalibration, Band, Person, Photo, Resolution, Scan, Unknown
from mam.assets import library
from mam.assets.models import Asset
from mam.samples import Card, Pose, Scene
from mam.samples.work import COLLECTION
from tests import material, poison
from tests.identity.world import World, face
from tests.library import ScannedLibrary, work_off
from tests.site import eventually

CLIP = (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),)


def manage(command: str, *arguments: object, **options: Any) -> tuple[str, str]:
    """Run a command; what it wrote to its two outputs. Raises CommandError with what it wrote as notes."""
    out, err = StringIO(), StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err, **options)
    except CommandError as error:
        error.add_note(out.getvalue() + err.getvalue())
        raise
    return out.getvalue(), err.getvalue()


def said_by(error: pytest.ExceptionInfo[CommandError]) -> str:
    return "\n".join([str(error.value), *getattr(error.value, "__notes__", [])])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip, another of the same pictures in a subfolder, a broken one, and what is no video."""
    clip = material.composed(CLIP).path.read_bytes()
    (tmp_path / "news.mp4").write_bytes(clip)
    (tmp_path / "2026 März").mkdir()
    (tmp_path / "2026 März" / "evening.MP4").write_bytes(clip + b"\0\0\0\x08free")  # an empty box at its end
    (tmp_path / "broken.mp4").write_text("no video")
    (tmp_path / "notes.txt").write_text("no video either")
    return tmp_path


@pytest.fixture
def tidy() -> Iterator[None]:
    """Take away what a test has committed to the library, files and all."""
    yield
    for asset in Asset.objects.all():
        library.remove(asset)


@pytest.fixture
def worker(transactional_db: None, tidy: None) -> Iterator[None]:
    """A worker in a thread: does what is queued, until the test ends."""
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            work_off()
            time.sleep(0.05)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_assets_add_takes_files_and_folders_and_nothing_twice(db: None, folder: Path) -> None:
    out, _ = manage("assets_add", folder, folder / "news.mp4", collection="News")
    assert "added 3, skipped 0 known" in out
    assert {asset.original_path for asset in Asset.objects.all()} == {
        str(folder / name) for name in ("news.mp4", "broken.mp4", "2026 März/evening.MP4")
    }
    assert {(asset.title, asset.collection) for asset in Asset.objects.all()} == {
        (title, "News") for title in ("news", "broken", "evening")
    }
    assert Scan.objects.filter(state="queued").count() == 3
    out, _ = manage("assets_add", folder)
    assert "added 0, skipped 3 known" in out
    out, _ = manage("assets_add", folder / "notes.txt", folder / "news.mp4", again=True)
    assert "added 2, skipped 0 known" in out
    for asset in Asset.objects.all():
        library.remove(asset)


def test_assets_add_says_what_is_here_already_and_goes_on(db: None, folder: Path) -> None:
    shutil.copy(folder / "news.mp4", folder / "a copy.mp4")
    out, _ = manage("assets_add", folder)
    assert f"{folder / 'news.mp4'}: already here as “a copy”" in out
    assert "added 3, skipped 1 known" in out
    out, _ = manage("assets_add", folder / "news.mp4", again=True)
    assert "added 1, skipped 0 known" in out
    (folder / "news.mp4").write_text("another file under the same name")
    assert "added 1, skipped 0 known" in manage("assets_add", folder / "news.mp4")[0]
    for asset in Asset.objects.all():
        library.remove(asset)


def test_assets_add_says_what_does_not_exist(db: None, folder: Path) -> None:
    with pytest.raises(CommandError, match="does not exist; nothing was added"):
        manage("assets_add", folder, folder / "gone.mp4")
    assert not Asset.objects.exists()


def test_assets_add_takes_nothing_but_files_and_folders(db: None, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(CommandError, match="neither a file nor a folder; nothing was added"):
        manage("assets_add", tmp_path / "pipe.mp4")
    with pytest.raises(CommandError, match="at most 200 characters; nothing was added"):
        manage("assets_add", tmp_path, collection="c" * 201)
    assert not Asset.objects.exists()


def test_assets_add_takes_file_names_in_any_bytes_and_nothing_twice(
    transactional_db: None, folder: Path, tidy: None
) -> None:
    strange = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp4"))
    (folder / "news.mp4").rename(strange)
    assert "added 3, skipped 0 known" in manage("assets_add", folder)[0]
    added = Asset.objects.get(original_path__endswith="caf\\xe9.mp4")
    assert added.title == "caf"
    assert "added 0, skipped 3 known" in manage("assets_add", folder)[0]


def test_assets_add_leaves_nothing_of_what_did_not_fit(
    transactional_db: None, folder: Path, tidy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chunks(file: "File[bytes]", chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"the beginning"
        if str(file.name).endswith("news.mp4"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    originals = settings.MEDIA_ROOT / "originals"
    before = set(originals.iterdir()) if originals.exists() else set()
    monkeypatch.setattr(File, "chunks", chunks)
    with pytest.raises(CommandError) as refused:
        manage("assets_add", folder)
    assert "No space left on device; not added, the others go on" in said_by(refused)
    assert "added 2, skipped 0 known" in said_by(refused)
    assert set(originals.iterdir()) - before == {originals / str(asset.pk) for asset in Asset.objects.all()}


def test_assets_add_waits_until_each_is_ready_or_failed(worker: None, folder: Path) -> None:
    with pytest.raises(CommandError) as refused:
        manage("assets_add", folder, wait=True)
    said = said_by(refused)
    assert "0 could not be added, 1 could not be scanned" in said
    assert "news: ready" in said
    assert "evening: ready" in said
    assert "broken: failed: " in said
    assert "not a video" in said
    # how long a video is comes with its poster, which a worker may make after the scan
    eventually(
        lambda: {asset.title for asset in Asset.objects.filter(duration_ms=1200)} == {"news", "evening"}
    )


def test_assets_add_waits_no_longer_for_what_is_deleted(
    transactional_db: None, folder: Path, tidy: None
) -> None:
    def delete() -> None:
        while not Asset.objects.exists():
            time.sleep(0.05)
        Asset.objects.all().delete()
        connection.close()

    thread = threading.Thread(target=delete)
    thread.start()
    manage("assets_add", folder / "news.mp4", wait=True)
    thread.join()
    assert not Asset.objects.exists()


def test_faces_scan_here_scans_again_and_keeps_what_was_said(scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    before, _ = manage("faces_export", video.pk, form="json")
    out, _ = manage("faces_scan", video.pk, here=True)
    assert "queued 1" in out
    assert f"reading with {networks.at_work()}\n" in out
    assert "scanned 1, failed 0" in out
    assert [scan.version for scan in Scan.objects.filter(asset=video.pk, live=True)] == [2]

    def spans(document: str) -> list[Any]:
        return [
            (face["key"], [(shown["start_ms"], shown["end_ms"]) for shown in face["appearances"]])
            for face in json.loads(document)["faces"]
        ]

    after, _ = manage("faces_export", video.pk, form="json")
    assert spans(after) == spans(before)


def test_faces_scan_here_reads_nothing_without_networks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "loader", lambda: poison.absent)
    with pytest.raises(CommandError, match=r"No video was read; run “manage\.py faces_fetch_weights"):
        manage("faces_scan", here=True)


def test_faces_scan_tells_what_cannot_be_scanned(db: None, folder: Path) -> None:
    manage("assets_add", folder / "broken.mp4")
    with pytest.raises(CommandError) as refused:
        manage("faces_scan", here=True)
    assert "broken: failed: " in said_by(refused)
    with pytest.raises(CommandError, match="no such ids"):
        manage("faces_scan", "'")
    with pytest.raises(CommandError, match="do not exist"):
        manage("faces_scan", "00000000-0000-0000-0000-000000000000")
    with pytest.raises(CommandError, match="--all"):
        manage("faces_scan")
    _, err = manage("faces_scan", all=True)
    assert err == ""
    out, err = manage("faces_scan", all=True)
    assert "queued 0" in out
    assert "being scanned already" in err
    for asset in Asset.objects.all():
        library.remove(asset)


def test_faces_enroll_takes_a_folder_for_each_person(scanned_library: ScannedLibrary, tmp_path: Path) -> None:
    for who, photos in (("Barack_Obama", ["obama", "obama3"]), ("Eileen Collins", ["astronaut"])):
        (tmp_path / who).mkdir()
        for photo in photos:
            path = material.portrait_path(photo)
            shutil.copy(path, tmp_path / who / f"{photo}{path.suffix.upper()}")
    (tmp_path / "Eileen Collins" / "rocket.jpg").write_bytes(
        material.portraits().backdrops["rocket"].read_bytes()
    )
    (tmp_path / "Eileen Collins" / "broken.jpg").write_text("no picture")
    (tmp_path / "Nobody").mkdir()
    (tmp_path / "Ada Lovelace").mkdir()
    (tmp_path / "Ada Lovelace" / "broken.jpg").write_text("no picture")
    (tmp_path / ("A" * 201)).mkdir()
    shutil.copy(material.portrait_path("obama"), tmp_path / ("A" * 201) / "obama.jpg")
    with pytest.raises(CommandError, match="4 refused, the others are enrolled") as refused:
        manage("faces_enroll", tmp_path)
    said = said_by(refused)
    assert "enrolled 3 photographs of 2 people, refused 4" in said
    assert "The name has 201 characters" in str(refused.value)
    assert "rocket.jpg: No face was found" in str(refused.value)
    assert str(refused.value).count("broken.jpg: ") == 2
    assert {person.name: person.photos.count() for person in Person.objects.all()} == {
        "Barack Obama": 2,
        "Eileen Collins": 1,
    }
    assert Person.objects.get(name="Barack Obama").tracks == 7
    assert Person.objects.get(name="Eileen Collins").tracks == 5
    with pytest.raises(CommandError, match="4 refused"):
        manage("faces_enroll", tmp_path)
    assert (Person.objects.count(), Photo.objects.count()) == (2, 3)


def test_faces_enroll_takes_photographs_of_one_person(db: None, two_faces: Path, tmp_path: Path) -> None:
    out, err = manage("faces_enroll", two_faces, name="Barack Obama")
    assert "enrolled 1 photographs of 1 people" in out
    assert "shows 2 faces; the largest was taken for Barack Obama" in err
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="neither a photograph nor a clip; nobody was enrolled"):
        manage("faces_enroll", tmp_path / "empty", name="Ada")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(CommandError, match="nobody was enrolled"):
        manage("faces_enroll", tmp_path / "empty.jpg", name="Ada")
    assert not Person.objects.filter(name="Ada").exists()
    with pytest.raises(CommandError, match="does not exist; nobody was enrolled"):
        manage("faces_enroll", tmp_path / "gone.jpg", name="Ada")
    with pytest.raises(CommandError, match="--name NAME"):
        manage("faces_enroll", two_faces)
    with pytest.raises(CommandError, match="200 are the most"):
        manage("faces_enroll", two_faces, name="a" * 201)


def test_faces_resolve_finds_and_mends_a_wrong_answer(scanned_library: ScannedLibrary) -> None:
    manage("faces_enroll", *material.reference_photos()["Barack Obama"], name="Barack Obama")
    out, _ = manage("faces_resolve", verify=True)
    assert "0 answers differ" in out
    right = list(Resolution.objects.order_by("pk").values())
    wrong = Resolution.objects.filter(band=Band.AUTO)[0]
    Resolution.objects.filter(pk=wrong.pk).update(band=Band.UNKNOWN, person=None)
    with pytest.raises(CommandError) as refused:
        manage("faces_resolve", verify=True)
    assert "1 stored answers and the figures of 2 people and unknowns differ; run with --full" in said_by(
        refused
    )
    assert f"track {wrong.pk}: " in said_by(refused)
    assert Resolution.objects.get(pk=wrong.pk).band == Band.UNKNOWN
    out, _ = manage("faces_resolve", full=True)
    assert f"track {wrong.pk}: unknown → auto" in out
    assert "1 answers were changed" in out
    assert list(Resolution.objects.order_by("pk").values()) == right
    assert Person.objects.get().tracks == Resolution.objects.filter(person__isnull=False, band="auto").count()
    assert "0 answers differ" in manage("faces_resolve", verify=True)[0]


def test_faces_resolve_counts_anew_what_a_killed_run_left_uncounted(scanned_library: ScannedLibrary) -> None:
    right = list(Unknown.objects.order_by("pk").values())
    Unknown.objects.update(tracks=77, uncounted=True)
    with pytest.raises(CommandError, match=f"the figures of {len(right)} people and unknowns differ"):
        manage("faces_resolve", verify=True)
    manage("faces_resolve", full=True)
    assert list(Unknown.objects.order_by("pk").values()) == right


@pytest.mark.parametrize(
    ("form", "start"), [("json", "{"), ("videobox", "{"), ("csv", "\ufeffkey,"), ("webvtt", "WEBVTT")]
)
def test_faces_export_writes_to_the_terminal_or_a_file(
    form: str, start: str, scanned_library: ScannedLibrary, tmp_path: Path
) -> None:
    video = scanned_library.videos[0]
    out, _ = manage("faces_export", video.pk, form=form)
    assert out.startswith(start)
    silent, _ = manage("faces_export", video.pk, form=form, output=tmp_path / "out")
    assert silent == ""
    assert (tmp_path / "out").read_bytes().decode() == out


def test_faces_export_says_what_it_cannot_do(scanned_library: ScannedLibrary, tmp_path: Path) -> None:
    for missing in ("'", "1", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(CommandError, match="there is no asset"):
            manage("faces_export", missing)
    with pytest.raises(CommandError, match="cannot be written"):
        manage("faces_export", scanned_library.videos[0].pk, output=tmp_path / "gone" / "out.json")


def test_sample_library_adds_three_videos_to_an_empty_library(
    db: None, sample_pictures: Callable[[], None]
) -> None:
    sample_pictures()
    out, _ = manage("sample_library")
    assert "added 3 videos" in out
    assert [asset.title for asset in Asset.objects.filter(collection=COLLECTION).order_by("title")] == [
        sample.title for sample in material.sample_videos()
    ]
    assert Scan.objects.filter(state="queued").count() == 3
    with pytest.raises(CommandError, match="nothing was added"):
        manage("sample_library")
    assert Asset.objects.count() == 3
    for asset in Asset.objects.all():
        library.remove(asset)


def test_faces_calibrate_lists_foretells_and_applies(db: None) -> None:
    world = World(model=current_model())
    world.say("is", tracks=[world.track(world.asset(), face(1))], name="Ada")
    world.track(world.asset(), face(1, 0.44))
    out, _ = manage("faces_calibrate")
    assert "1 people have a name here" in out
    assert [line[0] for line in out.splitlines() if " manifest " in line] == ["*", " ", " ", " ", " "]
    assert "too little to judge by" in out
    out, _ = manage("faces_calibrate", people=100_000)
    assert "1 tracks: auto → suggested" in out
    assert "of 1 people, 1 answers would change; add --apply" in out
    assert not AppliedCalibration.objects.exists()
    out, _ = manage("faces_calibrate", people=100_000, apply=True)
    assert "of 1 people, 1 answers were changed; these are in force" in out
    for options, why in (
        ({"people": 100_000, "apply": True}, "in force already"),
        ({"people": 7}, "thresholds for 30, 100, 1000, 10000, 100000 people"),
        ({"own": True}, "too little to judge by"),
        ({"apply": True}, "say which"),
    ):
        with pytest.raises(CommandError, match=why):
            manage("faces_calibrate", **options)
    assert AppliedCalibration.objects.count() == 1
