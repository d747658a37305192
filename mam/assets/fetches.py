"""Originals that come from a URL: the asset is there at once, its file when it is had, over however many connections.

The part file is the truth, as with uploads; it is named by what the server says of this version of the file, so that
a worker on another machine, or another version, never goes on in the middle of something else.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from faces.conf import faces_settings
from faces.fetching import Download, Limits, NotFetched, check_url, name_in, open_url, without_secrets
from faces.models import JobState, LeaseLost, held
from mam.assets import library
from mam.assets.folders import PART, forget_files, forget_parts
from mam.assets.models import Asset, Fetch, bare_name
from mam.assets.uploads import to_be_moved

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Downloads at a time of each worker. They wait for the other end, and take little of this one."""
_WITHIN_S = 24 * 3600.0
"""For one connection; the next goes on."""
_TELL_EVERY_S = 2.0
_SPARED = 100 * 2**20
"""Bytes of a disk that no download may take."""


class NotFailed(Exception):
    """There is nothing to try again: the file is here, or still coming."""


def request(url: str, *, title: str = "", same_content: bool = False, by: Any = None, **about: Any) -> Asset:
    """Add an asset whose original a worker will fetch. about: as of `library.add`. Raises NotFetched for no URL."""
    check_url(url)
    shown = without_secrets(url)
    asset = Asset(
        title=(title.strip() or _title(name_in(url)))[:300],
        original_path=shown[:1000],
        added_by=by,
        **{name: value or None for name, value in about.items()},
    )
    with transaction.atomic():
        asset.save(force_insert=True)
        Fetch.objects.create(asset=asset, url=url, same_content=same_content)
    return asset


def known(url: str) -> bool:
    """Whether an asset came, or is to come, from this URL, of one that says all: what a query names may change."""
    return url == without_secrets(url) and Asset.objects.filter(original_path=url[:1000]).exists()


def try_again(asset: Asset, *, same_content: bool = False) -> None:
    """Queue a fetch that failed; it goes on where it stood. Raises NotFailed."""
    failed = Fetch.objects.filter(asset=asset, state=JobState.FAILED)
    again = {"state": JobState.QUEUED, "attempt": 0, "run_after": timezone.now(), "finished": None}
    if same_content:
        again["same_content"] = True
    if not failed.update(**again, error_code="", error_detail="", duplicate_of=None):
        raise NotFailed


def fetch_next() -> bool:
    """Claim a fetch and carry it through. False where none was waiting."""
    job = Fetch.claim()
    if job is None:
        return False
    try:
        _fetch(job)
    except LeaseLost as lost:
        log.info("%s; left to others", lost)
    except Exception as error:  # noqa: BLE001  the job's row must say what happened, and the worker must live
        _end_badly(job, error)
    if not Asset.objects.filter(pk=job.asset_id).exists():  # deleted meanwhile: that is how one cancels
        forget_files(job.asset_id)
        forget_parts(job.asset_id)
    return True


def _fetch(job: Fetch) -> None:
    whole = _part(job)
    if job.length is None or not whole.exists() or whole.stat().st_size != job.length:
        whole = _download(job)
    asset = job.asset

    def confirm() -> None:
        job.succeed()
        Fetch.objects.filter(pk=job.pk).delete()

    with held(job), to_be_moved(whole) as file:
        library.fill(asset, file, job.name, same_content=job.same_content, confirm=confirm)
    forget_parts(asset.pk)


def _download(job: Fetch) -> Path:
    """Everything that is not here yet; the whole part file. Raises NotFetched, OSError, LeaseLost."""
    here = _part(job)
    start = here.stat().st_size if job.etag and here.exists() else 0
    limits = Limits(most_bytes=settings.LARGEST_UPLOAD, within_s=_WITHIN_S)
    allowed = faces_settings().fetch_allowed
    with open_url(job.url, limits, allowed=allowed, start=start, etag=job.etag) as download:
        _note(job, download)
        part = _part(job)
        forget_parts(job.asset_id, but=part)
        with _alone_with(part) as file:
            os.ftruncate(file, download.start)
            at, told = download.start, time.monotonic()
            for piece in download:
                _write(file, piece, at)
                at += len(piece)
                if time.monotonic() - told >= _TELL_EVERY_S:
                    told = time.monotonic()
                    _tell(job, at)
            os.fsync(file)
    if not at:
        raise NotFetched(
            "empty-file", "The file at that address is empty. Nothing was added; check it, then try again."
        )
    _tell(job, at)
    job.renew(length=at)
    return part


def _note(job: Fetch, download: Download) -> None:
    """What the server says of the file. Raises OSError where there is no room for it."""
    missing = (download.length or 0) - download.start + _SPARED
    if shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free < missing:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    name = bare_name(download.name)[:300]
    if name and not job.name:
        # a title that nobody gave was taken from the URL
        Asset.objects.filter(pk=job.asset_id, title=_title(name_in(job.url))).update(title=_title(name))
    job.renew(name=name or job.name, etag=download.etag, length=download.length)


def _tell(job: Fetch, at: int) -> None:
    progress = min(at / max(job.length, 1), 0.99) if job.length else 0.0
    # a server that begins anew each time and never comes to the end is given up some time
    if at > job.received:
        job.checkpoint(progress=progress, received=at)
    else:
        job.renew(progress=progress)


def _end_badly(job: Fetch, error: Exception) -> None:
    log.warning("%s, attempt %s: %s", job, job.attempt, error)
    try:
        match error:
            case NotFetched(retryable=True):
                job.retry_later(error.code, str(error))
            case NotFetched():
                job.fail(error.code, str(error))
                if error.code == "too-large":  # else what is here may yet be of use
                    forget_parts(job.asset_id)
            case library.AlreadyHere():
                job.renew(duplicate_of=error.asset)
                job.fail("already-here", str(error))
            case OSError():
                job.retry_later(
                    "storage-unavailable",
                    f"The file could not be stored ({error.strerror or error}). What is here of it is kept; make room, "
                    "then try again.",
                )
            case _:
                log.error("%s broke", job, exc_info=error)
                job.retry_later("internal-error", "The fetch broke off; see the worker's log.")
    except LeaseLost as lost:
        log.info("%s; left to others", lost)


def _part(job: Fetch) -> Path:
    version = hashlib.sha256(job.etag.encode()).hexdigest()[:16]
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / f"{job.asset_id}.{version}{PART}"


@contextmanager
def _alone_with(part: Path) -> Iterator[int]:
    """A descriptor of the part file. Raises OSError where a worker that was given up still writes."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, piece: bytes, at: int) -> None:
    rest = memoryview(piece)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written


def _title(name: str) -> str:
    return (Path(bare_name(name)).stem or "Untitled")[:300]
