"""Adding to the library, looking into what was added, and taking it away."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from faces import deletion, scanning
from faces.hints import SCAN_NEXT, hint
from faces.models import LeaseLost, SignOfLife
from faces.vision import MediaInfo, VisionError, apart, poster, probe
from mam.assets.models import Asset, Preparation, bare_name, folders_of, original
from mam.assets.proxies import make_proxy

log = logging.getLogger(__name__)

PREPARE_NEXT = "assets.prepare_next"


def add(
    file: File[bytes],
    name: str,
    *,
    title: str = "",
    collection: str | None = None,
    broadcast_date: date | None = None,
    catalogue_id: str | None = None,
    original_path: str = "",
    by: Any = None,
) -> Asset:
    """Store an original and queue its scan and preparation. name: as the user's system calls it; nothing is trusted.

    Raises OSError where the storage is full or away; then nothing is left behind.
    """
    shown = bare_name(name)
    asset = Asset(
        title=(title.strip() or Path(shown).stem or "Untitled")[:300],
        size=file.size,
        original_path=(original_path or shown)[:1000],
        collection=collection or None,
        broadcast_date=broadcast_date,
        catalogue_id=catalogue_id or None,
        added_by=by,
    )
    try:
        asset.file.save(shown or "original", file, save=False)
        with transaction.atomic():
            asset.save(force_insert=True)
            Preparation.objects.create(asset=asset)
            scanning.request_scan(asset, by=by)
            transaction.on_commit(_hint)
    except BaseException:
        _forget_files(asset.pk)
        raise
    return asset


def remove(asset: Asset) -> None:
    """Delete an asset with everything that was made of it: files, tracks, faceprints, crops."""
    key = asset.pk
    with transaction.atomic():
        deletion.delete(asset)
        transaction.on_commit(lambda: _forget_files(key), robust=True)


def prepare_next() -> bool:
    """Claim and run one preparation. False where none was waiting."""
    job = Preparation.claim()
    if job is None:
        return False
    try:
        _prepare(job)
        job.succeed(error_code="", error_detail="")
    except LeaseLost as lost:
        log.info("%s; left to others", lost)
    except Exception as error:  # noqa: BLE001  the job's row must say what happened, and the worker must live
        _end_badly(job, error)
    if not Asset.objects.filter(pk=job.asset_id).exists():
        _forget_files(job.asset_id)  # made after the asset was deleted
    return True


def _forget_files(key: UUID) -> None:
    for folder in folders_of(key):
        _clear(folder)


def _clear(folder: str, *, but: Collection[str | None] = ()) -> None:
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


def _end_badly(job: Preparation, error: Exception) -> None:
    try:
        if isinstance(error, VisionError) and not error.retryable:
            job.fail(error.code, str(error))
        elif isinstance(error, VisionError):
            job.retry_later(error.code, str(error))
        elif isinstance(error, OSError):
            job.retry_later("storage-unavailable", f"The original could not be read: {error}")
        else:
            log.error("%s broke", job, exc_info=error)
            job.retry_later("internal-error", "The preparation broke off; see the worker's log.")
    except LeaseLost as lost:
        log.info("%s; left to others", lost)


def _prepare(job: Preparation) -> None:
    asset = job.asset
    sign_of_life = SignOfLife(job)
    with original(asset) as file:
        info = apart.call(probe, file, on_progress=sign_of_life)
        Asset.objects.filter(pk=asset.pk).update(**_figures(info))
        picture = apart.call(poster, file, on_progress=sign_of_life)
    asset.poster.save("poster.jpg", ContentFile(picture), save=False)
    Asset.objects.filter(pk=asset.pk).update(poster=asset.poster.name)
    if not info.browser_playable:
        sign_of_life.duration_ms = info.duration_ms
        _make_copy(job, sign_of_life) if info.still else _make_proxy(job, info, sign_of_life)
    job.renew()  # whoever has lost the lease deletes nothing
    _clear(
        folders_of(asset.pk)[1], but={asset.poster.name, asset.proxy.name}
    )  # of an attempt that was killed


def _make_copy(job: Preparation, sign_of_life: SignOfLife) -> None:
    """Of a picture that browsers don't show: the same as JPEG."""
    with original(job.asset) as file:
        picture = apart.call(poster, file, width=None, on_progress=sign_of_life)
    job.asset.proxy.save("proxy.jpg", ContentFile(picture), save=False)
    Asset.objects.filter(pk=job.asset_id).update(proxy=job.asset.proxy.name)


def _make_proxy(job: Preparation, info: MediaInfo, sign_of_life: SignOfLife) -> None:
    with ExitStack() as stack:
        written = stack.enter_context(
            tempfile.NamedTemporaryFile(suffix=".mp4", dir=settings.FILE_UPLOAD_TEMP_DIR)
        )
        pictures, sound = (stack.enter_context(original(job.asset)) for _ in range(2))
        apart.call(make_proxy, pictures, sound, info, written.name, on_progress=sign_of_life)
        proxy = stack.enter_context(open(written.name, "rb"))
        job.asset.proxy.save("proxy.mp4", File(proxy), save=False)
    Asset.objects.filter(pk=job.asset_id).update(proxy=job.asset.proxy.name)


def _figures(info: MediaInfo) -> dict[str, Any]:
    return {
        "duration_ms": info.duration_ms,
        "width": info.width,
        "height": info.height,
        "frame_rate": f"{info.frame_rate.numerator}/{info.frame_rate.denominator}"
        if info.frame_rate
        else None,
        "start_timecode": _at_most(20, info.start_timecode),  # the file's own words, as long as it likes
        "reel": _at_most(100, info.reel),
        "container": info.container[:60],
        "playable": info.browser_playable,
    }


def _at_most(length: int, words: str | None) -> str | None:
    return words[:length] if words is not None else None


def _hint() -> None:
    hint(PREPARE_NEXT)  # first: a poster and a duration take a moment, a scan takes minutes
    hint(SCAN_NEXT)
