"""Adding to the library, looking into what was added, and taking it away."""

from __future__ import annotations

import errno
import hashlib
import logging
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.db.models.signals import post_delete
from django.utils import timezone

from faces import deletion, scanning
from faces.hints import SCAN_NEXT, hint
from faces.models import JobState, LeaseLost, Scan, SignOfLife
from faces.vision import MediaInfo, VisionError, apart, poster, probe
from mam.assets.models import Asset, Preparation, bare_name, folders_of, original
from mam.assets.originals import address_of, lies_there, modified, written
from mam.assets.proxies import make_proxy

log = logging.getLogger(__name__)

PREPARE_NEXT = "assets.prepare_next"


OFFLINE = (
    "The original is offline: its disk is away, or it was moved or changed. What was found in it is untouched. Bring "
    "it back, or run `manage.py assets_add --in-place` on its new place."
)


class AlreadyHere(Exception):
    """The library holds these very bytes; `asset` is that one."""

    def __init__(self, asset: Asset) -> None:
        super().__init__(
            f"The same file is in the library already, as “{asset.title}”. Nothing was added; add it all the same if "
            "you want it twice."
        )
        self.asset = asset


def add(
    file: File[bytes],
    name: str,
    *,
    title: str = "",
    original_path: str = "",
    same_content: bool = False,
    by: Any = None,
    **about: Any,
) -> Asset:
    """Store an original and queue its scan and preparation. name: as the user's system calls it; nothing is trusted.

    The content is read once before it is stored, so that of a duplicate not a byte is copied. same_content: add it all
    the same. about: collection, broadcast_date, catalogue_id, start_timecode, reel, of which the last two go before
    what the file itself says. Raises AlreadyHere, and OSError where the storage is full or away; then nothing is left.
    """
    shown = bare_name(name)
    asset = Asset(
        title=(title.strip() or Path(shown).stem or "Untitled")[:300],
        size=file.size,
        sha256=_digest(file),
        original_path=(original_path or shown)[:1000],
        added_by=by,
        **_told(about),
    )
    if not same_content:
        _refuse_twice(asset.sha256)
    try:
        asset.file.save(shown or "original", file, save=False)
        with transaction.atomic():
            if not same_content:
                _lock(asset.sha256)
                _refuse_twice(asset.sha256)  # somebody else may have added it while it was stored
            _admit(asset, by)
    except BaseException:
        _forget_files(asset.pk)
        raise
    return asset


def add_in_place(
    path: Path, *, title: str = "", same_content: bool = False, by: Any = None, **about: Any
) -> tuple[Asset, bool]:
    """Index an original where it lies, only read, never copied, moved or deleted: the asset, and whether it is new.

    An asset whose original is offline is found again by its content: it is linked to this place, and nothing is scanned
    again. path: absolute. about: as of `add`. Raises AlreadyHere and OSError.
    """
    shown = written(path)
    found: dict[str, Any] = {"size": path.stat().st_size, "modified": modified(path)}
    with path.open("rb") as content:
        found["sha256"] = _digest(File(content))
    if not lies_there(path, found["size"], found["modified"]):
        raise OSError(errno.EBUSY, "it changed while it was read")
    found |= {"file": address_of(path), "original_path": shown[:1000]}
    with transaction.atomic():
        _lock(found["sha256"])
        if not same_content:
            for asset in Asset.objects.filter(sha256=found["sha256"]):
                if asset.offline:
                    return _link_anew(asset, found), False
            _refuse_twice(found["sha256"])
        name = title.strip() or bare_name(Path(shown).stem) or "Untitled"
        asset = Asset(title=name[:300], added_by=by, **found, **_told(about))
        _admit(asset, by)
    return asset, True


def in_place() -> dict[str, tuple[int, datetime | None]]:
    """Size and time of each original in place, by its address, as they were when it was indexed."""
    kept = Asset.objects.filter(modified__isnull=False).values_list("file", "size", "modified")
    return {address: (size, at) for address, size, at in kept}


def remove(asset: Asset) -> None:
    """Delete an asset with all that was made of it: files, tracks, faceprints, crops. An original in place stays."""
    deletion.delete(asset)


def watch_deletions() -> None:
    """By whatever way Django offers an asset is deleted, its files go too; called once, when the apps are ready."""
    post_delete.connect(_after_deletion, sender=Asset, dispatch_uid="assets.library.deletion")


def _after_deletion(instance: Asset, **_: Any) -> None:
    key = instance.pk  # None by the time of the commit
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


def _told(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value or None for name, value in about.items()}


def _admit(asset: Asset, by: Any) -> None:
    """Into the running transaction: the asset's row and the work to do on it."""
    asset.save(force_insert=True)
    Preparation.objects.create(asset=asset)
    scanning.request_scan(asset, by=by)
    transaction.on_commit(_hint)


def _link_anew(asset: Asset, found: dict[str, Any]) -> Asset:
    """To where its original lies now; what waits for it need wait no longer."""
    for field, value in found.items():
        setattr(asset, field, value)
    asset.save(update_fields=list(found))
    for jobs in (Preparation, Scan):
        waiting = jobs._default_manager.filter(asset=asset, state=JobState.QUEUED)
        waiting.update(run_after=timezone.now(), attempt=0)
    given_up = {"asset": asset, "state": JobState.FAILED, "error_code": "storage-unavailable"}
    Preparation.objects.filter(**given_up).update(
        state=JobState.QUEUED, run_after=timezone.now(), attempt=0, error_code="", error_detail=""
    )
    latest = Scan.objects.filter(asset=asset).order_by("-version").first()
    if latest is not None and Scan.objects.filter(pk=latest.pk, **given_up).exists():
        scanning.request_scan(asset)
    transaction.on_commit(_hint)
    return asset


def _digest(file: File[bytes]) -> str:
    """SHA-256 of the whole file in hex; the file stands at its beginning again."""
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    return digest


def _refuse_twice(sha256: str) -> None:
    known = Asset.objects.filter(sha256=sha256).order_by("created", "pk").first()
    if known is not None:
        raise AlreadyHere(known)


def _lock(sha256: str) -> None:
    """Until the transaction ends, nobody else adds this content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])


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
            job.retry_later(
                "storage-unavailable", f"The original could not be read: {error.strerror or error}."
            )
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
    """Time code and reel only where nobody has told them; the file's own words are as long as it likes."""
    return {
        "duration_ms": info.duration_ms,
        "width": info.width,
        "height": info.height,
        "frame_rate": f"{info.frame_rate.numerator}/{info.frame_rate.denominator}"
        if info.frame_rate
        else None,
        "start_timecode": Coalesce("start_timecode", Value(_at_most(20, info.start_timecode))),
        "reel": Coalesce("reel", Value(_at_most(100, info.reel))),
        "container": info.container[:60],
        "playable": info.browser_playable,
    }


def _at_most(length: int, words: str | None) -> str | None:
    return words[:length] if words is not None else None


def _hint() -> None:
    hint(PREPARE_NEXT)  # first: a poster and a duration take a moment, a scan takes minutes
    hint(SCAN_NEXT)
