"""Files that no row names: what was being stored when its process was killed.

Only an administrator has them deleted: a site that looks into the wrong database would take every file for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.utils import timezone

from faces import crops
from mam.assets.folders import parts_of
from mam.assets.models import Asset, Fetch, Upload
from mam.assets.uploads import part_name

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that nobody needs."""

    storage: Storage
    name: str
    bytes: int

    def delete(self) -> None:
        self.storage.delete(self.name)
        folder = self.name.rpartition("/")[0]
        if folder and not any(self.storage.listdir(folder)):
            self.storage.delete(folder)


def leftovers(*, older_than: timedelta = DAY) -> Iterator[Leftover]:
    """Files of assets that the library has not got, and parts of uploads; younger ones may yet become something."""
    before = timezone.now() - older_than
    received = list(_files(FileSystemStorage(settings.FILE_UPLOAD_TEMP_DIR), "", before))
    awaited = {part_name(key) for key in Upload.objects.values_list("pk", flat=True)}
    fetched = {part.name for key in Fetch.objects.values_list("asset", flat=True) for part in parts_of(key)}
    yield from (left for left in received if left.name not in awaited | fetched)
    for storage, top in (
        (default_storage, "originals"),
        (default_storage, "derived"),
        (crops.storage(), crops.ASSETS),
    ):
        folders = set(storage.listdir(top)[0]) if storage.exists(top) else set()
        # the files were listed first: an asset that is added now is not among them
        for folder in sorted(folders - {str(key) for key in Asset.objects.values_list("pk", flat=True)}):
            yield from _files(storage, f"{top}/{folder}", before)


def _files(storage: Storage, folder: str, before: datetime) -> Iterator[Leftover]:
    folders, names = storage.listdir(folder)
    for name in names:
        path = f"{folder}/{name}".lstrip("/")
        if storage.get_modified_time(path) < before:
            yield Leftover(storage, path, storage.size(path))
    for name in folders:
        yield from _files(storage, f"{folder}/{name}".lstrip("/"), before)
