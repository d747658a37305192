"""The files of an asset in the site's storage, and what there is yet of one that is being fetched."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage


def folders_of(key: UUID) -> tuple[str, str]:
    """Where the files of an asset lie, and those made of them."""
    return f"originals/{key}", f"derived/{key}"


def forget_files(key: UUID) -> None:
    """Delete all of them; an original in place is none of them."""
    for folder in folders_of(key):
        clear(folder)


def clear(folder: str, *, but: Collection[str | None] = ()) -> None:
    """Delete the files of a folder, save those named in `but`."""
    try:
        _, names = default_storage.listdir(folder)
    except OSError:  # never made
        return
    for name in names:
        if f"{folder}/{name}" not in but:
            default_storage.delete(f"{folder}/{name}")
    if not but:
        default_storage.delete(folder)


PART = ".fetched"


def parts_of(key: UUID) -> list[Path]:
    """What of an original that is being fetched lies in this machine's folder of uploads; a part of each version."""
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{key}.*{PART}"))


def forget_parts(key: UUID, *, but: Path | None = None) -> None:
    """Delete those that lie on this machine."""
    for part in parts_of(key):
        if part != but:
            with suppress(OSError):  # a sweep finds it again
                part.unlink(missing_ok=True)
