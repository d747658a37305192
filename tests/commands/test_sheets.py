"""What archivists' sheets say of videos, row by row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError

from mam.assets import library, preparing
from mam.assets.models import Asset
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.commands.test_commands import manage, said_by
from tests.library import add_file

pytestmark = pytest.mark.django_db

HEADING = "file,title,date,collection,catalogue_id,timecode,reel"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name in ("2025/evening.mp4", "2026/evening.mp4", "2026/Übersicht.mp4"):
        file = tmp_path / "archive" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    yield tmp_path / "archive"
    for asset in Asset.objects.all():
        library.remove(asset)


def sheet(folder: Path, *rows: str, heading: str = HEADING, encoding: str = "utf-8") -> Path:
    path = folder.parent / "sheet.csv"
    path.write_text("\n".join([heading, *rows]), encoding=encoding)
    return path


def told(name: str) -> tuple[object, ...]:
    asset = Asset.objects.get(original_path__endswith=name)
    return (
        *(asset.title, asset.broadcast_date, asset.collection),
        *(asset.catalogue_id, asset.start_timecode, asset.reel),
    )


def test_what_is_added_is_filed_as_the_sheet_says(folder: Path) -> None:
    path = sheet(
        folder,
        '2025/evening.mp4,"Evening, late",2025-03-14,News,N/7,10:00:00:00,A001',
        "2026\\evening.mp4,,2026-03-14,,,,",
    )
    manage("assets_add", folder, metadata=path, collection="Archive")
    assert told("2025/evening.mp4") == (
        *("Evening, late", date(2025, 3, 14), "News"),
        *("N/7", "10:00:00:00", "A001"),
    )
    assert told("2026/evening.mp4") == ("evening", date(2026, 3, 14), "Archive", None, None, None)
    assert told("sicht.mp4")[2] == "Archive"


def test_a_bad_row_is_said_and_the_rest_goes_on(folder: Path) -> None:
    manage("assets_add", folder)
    path = sheet(
        folder,
        "2025/evening.mp4,,14.3.2025,,,,",
        "2025/evening.mp4,,,,,25:00:00:00,",
        "evening.mp4,Both,,,,,",
        "gone.mp4,Gone,,,,,",
        ",Nothing,,,,,",
        "2026/evening.mp4,Right,,,,,",
        "2026/evening.mp4,one,two,three,four,five,six,seven",
        f"2026/evening.mp4,{'t' * 301},,,,,",
        "archive/2026/evening.mp4,Wrong,,,,,",
        'Übersicht.mp4,"never ends',
    )
    with pytest.raises(CommandError) as refused:
        manage("assets_describe", path)
    said = said_by(refused)
    for expected in (
        *("line 2, date: Date has wrong format", "line 3, timecode: A time code reads 10:00:00:00"),
        *("line 4: 2 videos were added from evening.mp4; write more of the path",),
        *("line 5: no video was added from gone.mp4", "line 6: no file is named"),
        *("line 8: more cells than the heading has", "line 9, title: "),
        *("line 10: archive/2026/evening.mp4 has a row already", "line 11: unexpected end of data"),
        *("9 rows could not be used", "changed 1, 0 are as the sheet says"),
    ):
        assert expected in said, (expected, said)
    assert told("2026/evening.mp4")[0] == "Right"
    assert told("2025/evening.mp4")[0] == "evening"


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path) -> None:
    manage("assets_add", folder)
    path = sheet(folder, "2026/evening.mp4,Late news,2026-03-14,,,,")
    out, _ = manage("assets_describe", path, dry_run=True)
    assert "2026/evening.mp4: title: evening → Late news" in out
    assert "broadcast_date: None → 2026-03-14" in out
    assert "would change 1" in out
    assert told("2026/evening.mp4")[:2] == ("evening", None)
    assert "changed 1, 0 are" in manage("assets_describe", path)[0]
    assert "changed 0, 1 are" in manage("assets_describe", path)[0]


def test_sheets_of_other_systems_are_read(folder: Path) -> None:
    manage("assets_add", folder)
    heading = "\ufeffFile; Title ;Notes"
    path = sheet(folder, "U\u0308bersicht.mp4;Overview;whatever", heading=heading)
    out, err = manage("assets_describe", path)
    assert "changed 1" in out
    assert "columns that mean nothing here: notes" in err
    assert told("sicht.mp4")[0] == "Overview"


def test_what_is_no_sheet_changes_nothing(folder: Path) -> None:
    manage("assets_add", folder)
    for path, why in (
        (folder / "gone.csv", "No such file"),
        (sheet(folder, "a,b", heading="name,title"), "names no column “file”"),
    ):
        with pytest.raises(CommandError, match=why):
            manage("assets_describe", path)
        with pytest.raises(CommandError, match="nothing was added"):
            manage("assets_add", folder, metadata=path)
    with pytest.raises(CommandError, match="several columns title"):
        manage("assets_describe", sheet(folder, heading="file,title,title"))
    with pytest.raises(CommandError, match="is not UTF-8"):
        manage("assets_describe", sheet(folder, "Übersicht.mp4,,,,,,", encoding="latin-1"))
    for junk in (b"", b"\0\1\2\xff", b'"'):
        (folder / "junk.csv").write_bytes(junk)
        with pytest.raises(CommandError, match="Nothing was changed"):
            manage("assets_describe", folder / "junk.csv")


def test_what_a_sheet_says_goes_before_what_the_file_says() -> None:
    clip = material.composed(
        (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),),
        ClipForm(metadata={"timecode": "10:00:00:00"}),
        suffix=".mov",
    ).path.read_bytes()
    asset = add_file("evening.mov", clip, start_timecode="20:00:00:00")
    preparing.prepare_next()
    asset.refresh_from_db()
    assert (asset.start_timecode, asset.reel, asset.duration_ms) == ("20:00:00:00", None, 1200)
    library.remove(asset)
