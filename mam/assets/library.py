"""Adding to the library, and taking away."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from faces import deletion, scanning
from faces.hints import SCAN_NEXT, hint
from faces.models import JobState, Scan
from mam.assets.folders import forget_files, forget_parts
from mam.assets.models import Asset, Preparation, bare_name
from mam.assets.originals import address_of, lies_there, modified, written
from mam.assets.preparing import PREPARE_NEXT

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
    with _storing(asset, file, shown, same_content=same_content):
        _admit(asset, by)
    return asset


def fill(
    asset: Asset, file: File[bytes], name: str, *, same_content: bool, confirm: Callable[[], None]
) -> None:
    """Give an asset its original, which it has been waiting for, and queue its scan and preparation.

    confirm: called in the transaction that does so; what it raises leaves all as it was. Raises what `add` raises.
    """
    asset.size, asset.sha256 = file.size, _digest(file)
    if not same_content:
        _refuse_twice(asset.sha256)
    with _storing(asset, file, bare_name(name), same_content=same_content):
        confirm()
        asset.save(update_fields=["file", "size", "sha256"])
        _queue_work(asset, asset.added_by)


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
    transaction.on_commit(lambda: forget_files(key), robust=True)
    transaction.on_commit(lambda: forget_parts(key), robust=True)


def _told(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value or None for name, value in about.items()}


def _admit(asset: Asset, by: Any) -> None:
    """Into the running transaction: the asset's row and the work to do on it."""
    asset.save(force_insert=True)
    _queue_work(asset, by)


def _queue_work(asset: Asset, by: Any) -> None:
    Preparation.objects.create(asset=asset)
    try:
        scanning.request_scan(asset, by=by)
    except scanning.ScanRefused as early:  # somebody asked for one while there was nothing to scan
        Scan.objects.filter(pk=early.scan.pk).update(run_after=timezone.now(), attempt=0)
    transaction.on_commit(_hint)


@contextmanager
def _storing(asset: Asset, file: File[bytes], name: str, *, same_content: bool) -> Iterator[None]:
    """Store the original, and open the transaction in which its rows are written; should that fail, nothing is left."""
    try:
        asset.file.save(name or "original", file, save=False)
        with transaction.atomic():
            if not same_content:
                _lock(asset.sha256)
                _refuse_twice(asset.sha256)  # somebody else may have added it while it was stored
            yield
    except BaseException:
        forget_files(asset.pk)
        raise


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


def _hint() -> None:
    hint(PREPARE_NEXT)  # first: a poster and a duration take a moment, a scan takes minutes
    hint(SCAN_NEXT)
