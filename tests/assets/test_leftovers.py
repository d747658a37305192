"""What processes that were killed have left in the storage."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from faces import crops
from faces.models import Track
from mam.assets import library, preparing, uploads
from mam.assets.models import Preparation, Upload
from tests import material
from tests.commands.test_commands import manage
from tests.library import ScannedLibrary, add_file


def test_a_sweep_deletes_what_no_row_names_and_nothing_else(scanned_library: ScannedLibrary) -> None:
    gone = uuid4()
    left = [
        Path(
            default_storage.path(default_storage.save(f"originals/{gone}/original.mp4", ContentFile(b"half")))
        ),
        Path(crops.storage().path(crops.storage().save(f"assets/{gone}/0.faces", ContentFile(b"half")))),
        settings.FILE_UPLOAD_TEMP_DIR / "tmpabc.upload.mp4",
    ]
    left[2].write_bytes(b"half")
    assert manage("assets_sweep")[0].startswith("0 files")  # they are of today, and may yet become something
    for path in left:
        os.utime(path, (0, 0))

    listed, _ = manage("assets_sweep")
    assert "3 files" in listed
    assert all(path.exists() for path in left)
    manage("assets_sweep", delete=True)
    assert not any(path.exists() for path in left)
    assert not (settings.MEDIA_ROOT / "originals" / str(gone)).exists()
    for track in Track.objects.all():
        assert crops.picture(track.pack, track.crops, "portrait")
    for video in scanned_library.videos:
        assert default_storage.exists(str(video.asset.file.name))


def test_a_pack_that_was_half_written_is_written_again() -> None:
    pack = crops.Pack("assets/half")
    pack._parts.append(b"pictures")
    name = pack.store()
    Path(crops.storage().path(name)).write_bytes(b"pict")
    assert pack.store() == name
    assert Path(crops.storage().path(name)).read_bytes() == b"pictures"
    crops.forget("assets/half")


@pytest.mark.django_db
def test_a_preparation_clears_away_what_a_killed_one_left() -> None:
    video = material.sample_videos()[0].path
    asset = add_file(video.name, video.read_bytes())
    left = default_storage.save(f"derived/{asset.pk}/poster.jpg", ContentFile(b"half"))
    while preparing.prepare_next():
        pass
    assert Preparation.objects.get(asset=asset).state == "done"
    asset.refresh_from_db()
    assert asset.poster.name != left
    made = {Path(str(file.name)).name for file in (asset.poster, asset.filmstrip)}
    assert set(default_storage.listdir(f"derived/{asset.pk}")[1]) == made
    library.remove(asset)


@pytest.mark.django_db
def test_a_sweep_leaves_the_part_of_an_upload_that_may_go_on(django_user_model: type[User]) -> None:
    upload = uploads.begin(django_user_model.objects.create_user("edith"), 1000, "")
    uploads.receive(upload, 0, [b"a beginning"])
    part = settings.FILE_UPLOAD_TEMP_DIR / uploads.part_name(upload.pk)
    os.utime(part, (0, 0))
    manage("assets_sweep", delete=True)
    assert uploads.offset(upload) == len(b"a beginning")
    Upload.objects.all().delete()
    manage("assets_sweep", delete=True)
    assert not part.exists()
