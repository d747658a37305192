"""Files that arrive in parts: how much of each is there, and what becomes of it when it is whole.

The part file is the truth: its size is how far the upload has come, so a server that is killed at any moment has lost
nothing that reached its disk. Pieces go in one by one under a lock, each only where the file ends just then: of two
connections that send the same upload, such as a dead one and its successor, one is told to look again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from mam.assets import library
from mam.assets.models import Upload

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
"""After the last part; whoever has not gone on by then sends the file anew."""

MOST_AT_ONCE = 200
"""Unfinished uploads of one user."""


class TooMany(Exception):
    """The user has begun more uploads than one may."""


class NoRoom(Exception):
    """The disk holds no such file."""


class Moved(Exception):
    """The upload is not where the sender thinks; somebody else has sent a part."""


def begin(user: Any, length: int, metadata: str) -> Upload:
    """A new upload. length: bytes, at least 1. Raises TooMany, NoRoom."""
    if Upload.objects.filter(user=user, whole=False).count() >= MOST_AT_ONCE:
        raise TooMany
    if shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free < length:
        raise NoRoom
    upload = Upload(user=user, length=length, metadata=metadata, expires=timezone.now() + KEPT_FOR)
    _part(upload.pk).touch(0o600)
    upload.save(force_insert=True)
    return upload


def offset(upload: Upload) -> int:
    """How many bytes are there. Raises FileNotFoundError where the part file is gone."""
    return upload.length if upload.whole else _part(upload.pk).stat().st_size


def receive(upload: Upload, at: int, pieces: Iterable[bytes]) -> int:
    """Write the pieces from `at` on; where the upload is then. Raises Moved, and OSError as pieces and disk do.

    Whatever was written before an error stays.
    """
    try:
        with _part(upload.pk).open("r+b", buffering=0) as file:
            for piece in pieces:
                with _alone(file.fileno()):
                    if os.fstat(file.fileno()).st_size != at:
                        raise Moved
                    at += os.pwrite(file.fileno(), piece, at)
    finally:
        Upload.objects.filter(pk=upload.pk).update(expires=timezone.now() + KEPT_FOR)
    return at


def finish(upload: Upload, name: str, **about: Any) -> Upload:
    """Add the whole file to the library, or find that it is there; once, however often it is asked for.

    about: as of `library.add`. The part file goes when the asset has been committed. Raises OSError; then the upload is
    as it was.
    """
    part = _part(upload.pk)
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.whole:
            return upload
        with to_be_moved(part) as file:
            try:
                upload.asset = library.add(file, name, by=upload.user, **about)
            except library.AlreadyHere as here:
                upload.asset, upload.already_here = here.asset, True
        upload.whole = True
        upload.save(update_fields=["asset", "whole", "already_here"])
        transaction.on_commit(lambda: part.unlink(missing_ok=True))
    return upload


def forget(upload: Upload) -> None:
    """Drop it, with what is there of it; the asset that it became stays."""
    part = _part(upload.pk)
    upload.delete()
    part.unlink(missing_ok=True)


def forget_expired() -> None:
    """Drop the uploads that nobody has gone on with for KEPT_FOR."""
    for upload in Upload.objects.filter(expires__lt=timezone.now()):
        try:
            forget(upload)
        except OSError as error:
            log.warning("what is there of %s could not be deleted: %s", upload, error)


def part_name(key: UUID) -> str:
    """The name of an upload's part file in the folder of uploads."""
    return f"{key}.part"


def _part(key: UUID) -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / part_name(key)


@contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class _Received(File):  # type: ignore[type-arg]  # subscripted only in the stubs
    """A file that its storage may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


@contextmanager
def to_be_moved(part: Path) -> Iterator[File[bytes]]:
    """The part file under a second name, which a storage may take: should anything fail then, the first is still there.
    A disk that knows no second names has it copied."""
    second = part.with_suffix(".whole")
    second.unlink(missing_ok=True)
    try:
        second.hardlink_to(part)
    except OSError:
        with part.open("rb") as content:
            yield File(content)
        return
    try:
        with second.open("rb") as content:
            yield _Received(content, str(second))
    finally:
        with suppress(FileNotFoundError):
            second.unlink()
