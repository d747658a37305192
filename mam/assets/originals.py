"""Where originals lie: with us, or in place: where they always were, and there they are only read.

An original in place is named by its file URL, which holds any path, whatever bytes are in it; one of ours by its name
in the site's storage.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.files import File
from django.core.files.storage import Storage, default_storage

_SCHEME = "file://"
_CLOCKS_DIFFER_BY = timedelta(seconds=2)
"""What file systems round times to: FAT to two seconds, network shares to less. The same file seen over another mount
is not another."""


class NotAllowed(Exception):
    """A path that this site's users may not have read."""


def address_of(path: Path) -> str:
    """The name of an original in place. path: absolute."""
    return path.as_uri()


def place_of(name: str) -> Path | None:
    """Where an original in place lies; None for one of ours."""
    return (
        Path(os.fsdecode(unquote_to_bytes(name.removeprefix(_SCHEME)))) if name.startswith(_SCHEME) else None
    )


def written(path: Path) -> str:
    """A path in characters that can be stored and shown, whatever bytes the file system has in it."""
    return os.fsencode(path).decode(errors="backslashreplace")


def modified(path: Path) -> datetime:
    """When the file was last written. Raises OSError."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def lies_there(path: Path, size: int, at: datetime) -> bool:
    """Whether this very file is still in its place: not gone, not unreachable, not another of the same name."""
    try:
        found = path.stat()
    except OSError:
        return False
    now = datetime.fromtimestamp(found.st_mtime, UTC)
    return found.st_size == size and abs(now - at) <= _CLOCKS_DIFFER_BY


def allowed(path: str, roots: list[Path]) -> Path:
    """The file that a user names, if it lies below one of the folders, links followed. Raises NotAllowed."""
    if not roots:
        raise NotAllowed(
            "This site takes no files in place. Nothing was added; upload the file, or have an administrator name the "
            "folders in DRAMATIS_IN_PLACE_ROOTS."
        )
    try:
        file = Path(path).resolve()
        below = any(file.is_relative_to(root.resolve()) for root in roots)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        below = False
    if not below or not file.is_file():
        raise NotAllowed(
            "There is no such file in the folders that this site takes files from. Nothing was added; check the path."
        )
    return file


class Originals(Storage):
    """The site's storage, and beside it the files in place, which nothing here writes or deletes."""

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        place = place_of(name)
        return default_storage.open(name, mode) if place is None else File(place.open("rb"))

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        return default_storage.save(name, content, max_length)

    def generate_filename(self, filename: str | os.PathLike[str]) -> str:
        return default_storage.generate_filename(filename)

    def delete(self, name: str) -> None:
        if place_of(name) is None:
            default_storage.delete(name)

    def exists(self, name: str) -> bool:
        place = place_of(name)
        return default_storage.exists(name) if place is None else place.is_file()

    def size(self, name: str) -> int:
        place = place_of(name)
        return default_storage.size(name) if place is None else place.stat().st_size

    def get_modified_time(self, name: str) -> datetime:
        place = place_of(name)
        return default_storage.get_modified_time(name) if place is None else modified(place)


def originals() -> Originals:
    """The storage of originals, for the model's field."""
    return Originals()
