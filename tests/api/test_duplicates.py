"""The same file comes into the library once, unless somebody wants it twice."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from mam.assets import library
from mam.assets.library import AlreadyHere
from mam.assets.models import Asset
from tests.api.answers import refused
from tests.api.conftest import Client
from tests.library import add_file

ASSETS = "/api/v1/assets/"
CONTENT = b"the evening news" * 1000


def upload(client: Client, content: bytes, name: str, **about: Any) -> Any:
    return client.post(ASSETS, {"file": SimpleUploadedFile(name, content), **about}, format="multipart")


def originals() -> set[Path]:
    return set((Path(settings.MEDIA_ROOT) / "originals").glob("*/*"))


def test_an_upload_of_the_same_file_answers_with_the_asset_that_exists(editor: Client) -> None:
    first = upload(editor, CONTENT, "evening.mp4").json()
    assert Asset.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()
    stored = originals()
    problem = refused(upload(editor, CONTENT, "copy of evening.mov"), 409, "already-here")
    assert problem["asset"] == first["id"]
    assert "“evening”" in problem["detail"]
    assert originals() == stored
    assert upload(editor, CONTENT + b".", "evening.mp4").status_code == 201
    assert upload(editor, CONTENT, "again.mp4", same_content=True).status_code == 201
    assert Asset.objects.count() == 3
    for asset in Asset.objects.all():
        library.remove(asset)


def test_a_file_too_large_for_memory_is_known_again_as_well(editor: Client) -> None:
    large = bytes(range(256)) * 12_000  # beyond what Django keeps in memory
    assert upload(editor, large, "large.mp4").status_code == 201
    asset = Asset.objects.get()
    assert asset.sha256 == hashlib.sha256(large).hexdigest()
    with asset.file.open() as stored:
        assert stored.read() == large
    refused(upload(editor, large, "large.mp4"), 409, "already-here")
    library.remove(asset)


def test_a_deleted_file_can_be_added_again(editor: Client) -> None:
    library.remove(add_file("evening.mp4", CONTENT))
    assert upload(editor, CONTENT, "evening.mp4").status_code == 201
    library.remove(Asset.objects.get())


def test_of_the_same_file_added_by_several_at_once_one_is_kept(transactional_db: None) -> None:
    together = threading.Barrier(4)

    def add(number: int) -> bool:
        together.wait()
        try:
            library.add(ContentFile(CONTENT), f"{number}.mp4")
        except AlreadyHere:
            return False
        finally:
            connection.close()
        return True

    before = originals()
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
    kept = Asset.objects.get()
    assert {path.parent.name for path in originals() - before} == {str(kept.pk)}
    library.remove(kept)


@pytest.mark.django_db
def test_files_from_before_hashes_are_nobodys_duplicate() -> None:
    old = add_file("old.mp4", CONTENT)
    Asset.objects.update(sha256="")
    new = add_file("new.mp4", CONTENT, same_content=False)
    assert new.pk != old.pk
    library.remove(old)
    library.remove(new)
