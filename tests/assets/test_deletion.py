"""What is deleted is gone from the storage, to the last file."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from faces.models import Scan, Track
from mam.assets import library
from mam.assets.models import Asset
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.library import ScannedLibrary, add_file, work_off

CLIP = (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),)


def stored() -> set[Path]:
    """Every file and folder of the site's state that concerns media."""
    home = Path(settings.HOME)
    return {path for folder in ("media", "faces", "uploads", "work") for path in (home / folder).rglob("*")}


def rows() -> dict[str, int]:
    """How many there are in every table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counted = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()[0]
    return counted


@pytest.mark.parametrize("by", ["the library", "a queryset"])
def test_deleting_leaves_storage_and_tables_as_they_were(
    by: str,
    scanned_library: ScannedLibrary,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    clip = material.composed(CLIP, ClipForm(codec="mpeg4"), suffix=".avi").path.read_bytes()
    add_file("first.avi", clip)  # so that folders which all share are there
    work_off()
    before = stored(), rows()
    asset = add_file("second.avi", clip)
    work_off()
    asset.refresh_from_db()
    assert asset.file
    assert asset.poster
    assert asset.proxy
    assert asset.filmstrip
    assert Track.objects.filter(asset=asset).exists()
    assert {path.suffix for path in stored() - before[0] if path.is_file()} == {
        ".avi",
        ".jpg",
        ".mp4",
        ".webp",
        ".faces",
    }
    with django_capture_on_commit_callbacks(execute=True):
        if by == "the library":
            library.remove(asset)
        else:
            Asset.objects.filter(pk=asset.pk).delete()
    assert not Scan.objects.filter(asset=asset.pk).exists()
    assert (stored(), rows()) == before
    with django_capture_on_commit_callbacks(execute=True):
        library.remove(Asset.objects.get(title="first"))
