"""The one place where pixels meet rows: scan an asset chunk by chunk, checkpoint, resume, replace.

The scan's row is the truth. A chunk is committed whole with everything that follows from it, fenced by the lease; a
scan that is killed goes on at its last chunk, and what the killed worker had in hand is simply done again. Pixels are
read in a process apart (`faces.vision.apart`): this one only hands out bytes, keeps the lease and writes the rows.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Max
from numpy.typing import NDArray

from faces import crops
from faces.conf import faces_settings
from faces.host import asset_model, host
from faces.identity import admission
from faces.identity.model import deciding
from faces.models import Faceprint, FrameTimes, JobState, LeaseLost, Pause, Scan, SignOfLife, Track
from faces.vision import MODES, Chunk, Networks, VisionError, apart, probe, scan
from faces.vision.networks import names_of

log = logging.getLogger(__name__)

OPENED = 50
"""The priority of a scan whose asset an editor is looking at; 0 is everybody's."""


class ScanRefused(Exception):
    """The asset is being scanned already; `scan` is that one."""

    def __init__(self, open_scan: Scan) -> None:
        super().__init__(
            "This video is being scanned already. Nothing was changed; wait for it, or cancel it first."
        )
        self.scan = open_scan


def request_scan(asset: Any, *, by: Any = None, priority: int = 0, mode: str = "") -> Scan:
    """Queue an extraction run. Raises ScanRefused where one is open. Publishing the hint is the caller's.

    mode: one of `faces.vision.MODES`; empty: the site's usual one.
    """
    mode = mode or faces_settings().scan_mode
    try:
        with transaction.atomic():
            latest = Scan.objects.filter(asset=asset).aggregate(version=Max("version"))["version"] or 0
            return Scan.objects.create(
                asset=asset, version=latest + 1, requested_by=by, priority=priority, mode=mode
            )
    except IntegrityError as error:
        open_scan = Scan.objects.filter(asset=asset, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
        if open_scan is None:
            raise
        raise ScanRefused(open_scan) from error


def cancel(running: Scan) -> bool:
    """Stop a queued or running scan; its worker notices within seconds.

    What a first scan had found stays in sight; what a rescan had found never comes into it, and goes with the next.
    """
    cancelled = Scan.objects.filter(pk=running.pk, state__in=[JobState.QUEUED, JobState.RUNNING]).update(
        state=JobState.CANCELLED, lease_owner=None, lease_until=None
    )
    return bool(cancelled)


def hurry(asset: Any) -> None:
    """An editor is looking at this asset: its scan, where one is queued, goes before the others."""
    Scan.objects.filter(asset=asset, state=JobState.QUEUED, priority__lt=OPENED).update(priority=OPENED)


def pause(*, by: Any = None) -> bool:
    """Begin no scan until `resume`; those that run stop at the end of their chunk. False where that is so already."""
    return Pause.objects.get_or_create(defaults={"by": by}, id=1)[1]


def resume() -> bool:
    """Go on with what is queued. False where nothing was paused. Publishing hints is the caller's."""
    return bool(Pause.objects.all().delete()[0])


def scan_next(networks: Callable[[], Networks]) -> bool:
    """Claim the most urgent queued scan and run it to its end, good or bad. False where none was waiting.

    networks: importable or picklable; called in the process apart.
    """
    claimed = Scan.claim()
    if claimed is None:
        return False
    try:
        _run(claimed, networks)
    except LeaseLost as lost:
        log.info("%s; left to others", lost)
    except Exception as error:  # noqa: BLE001  the job's row must say what happened, and the worker must live
        _end_badly(claimed, error)
    if not asset_model()._default_manager.filter(pk=claimed.asset_id).exists():
        crops.forget(crops.asset_folder(claimed.asset_id))  # stored after the asset was deleted
    return True


def _run(job: Scan, networks: Callable[[], Networks]) -> None:
    sign_of_life = SignOfLife(job)
    with host().open(job.asset) as source:
        sign_of_life.duration_ms = apart.call(probe, source, on_progress=sign_of_life).duration_ms
        detector, embedder = apart.call(names_of, networks, on_progress=sign_of_life)
        job.renew(detector=detector, embedder=embedder)
        _make_live_if_first(job)
        found = apart.each(
            scan, source, networks, MODES[job.mode], start_ms=job.position_ms, on_progress=sign_of_life
        )
        with closing(found) as chunks:
            for chunk in chunks:
                _commit(job, chunk, progress=sign_of_life.share(chunk.end_ms))
                if chunk.notice:
                    job.renew(notice=chunk.notice)
                if Scan.paused():
                    job.give_back()
                    return
    _finish(job)


def _make_live_if_first(job: Scan) -> None:
    """The tracks of a first scan are shown as they come; those of a rescan replace the old ones at its end."""
    with transaction.atomic():
        if not Scan.objects.select_for_update().filter(asset_id=job.asset_id, live=True).exists():
            job.renew(live=True)


def _commit(job: Scan, chunk: Chunk, *, progress: float) -> None:
    pack = crops.Pack(crops.asset_folder(job.asset_id))
    places = [pack.add(found.crops) for found in chunk.tracks]
    stored = pack.store()
    with deciding() as model:
        job.checkpoint(position_ms=chunk.end_ms, progress=progress)
        if len(chunk.frame_times_ms):  # a scan that was killed at its very end goes on with nothing
            FrameTimes.objects.create(
                scan=job,
                start_ms=chunk.start_ms,
                end_ms=chunk.end_ms,
                count=len(chunk.frame_times_ms),
                times=zlib.compress(np.asarray(chunk.frame_times_ms, "<i4").tobytes()),
            )
        tracks = Track.objects.bulk_create(
            Track(
                asset_id=job.asset_id,
                scan=job,
                shot=found.shot,
                start_ms=found.start_ms,
                end_ms=found.end_ms,
                boxes=found.boxes.to_bytes(),
                quality=found.quality,
                yaw=found.pose.yaw,
                pitch=found.pose.pitch,
                pack=stored,
                crops=where,
            )
            for found, where in zip(chunk.tracks, places, strict=True)
        )
        vectors = np.array([found.faceprint for found in chunk.tracks], np.float16)
        Faceprint.objects.bulk_create(
            Faceprint(track=track, model=model.name, vector=vector, quality=found.quality, crowding=crowding)
            for track, found, vector, crowding in zip(
                tracks, chunk.tracks, vectors, model.crowding_of(vectors), strict=True
            )
        )
        if job.live:
            admission.admit(tracks, model)


def _finish(job: Scan) -> None:
    with deciding() as model:
        job.renew()  # first: it holds the row, so that nobody reaps the job however long the rest takes
        if not job.live:
            admission.replace(job, model)
        job.succeed(error_code="", error_detail="")
        transaction.on_commit(lambda: _forget_old_crops(job.asset_id))


def _forget_old_crops(asset: Any) -> None:
    """What no track refers to: of the replaced scan, or of a chunk whose worker was killed before it was committed."""
    used = set(Track.objects.filter(asset=asset).values_list("pack", flat=True))
    crops.forget(crops.asset_folder(asset), but=used)


def _end_badly(job: Scan, error: Exception) -> None:
    """Write down what happened, and whether another try can help."""
    log.warning(
        "%s, attempt %s: %s", job, job.attempt, error, exc_info=not isinstance(error, VisionError | OSError)
    )
    try:
        match error:
            case VisionError(retryable=False):
                job.fail(error.code, str(error))
            case VisionError():
                job.retry_later(error.code, str(error))
            case OSError():
                job.retry_later(
                    "storage-unavailable",
                    f"The original could not be read ({error.strerror or error}). What was found so far is kept; "
                    "bring the file back, then scan again.",
                )
            case _:
                job.retry_later(
                    "internal-error",
                    "The scan broke off. What was found so far is kept; see the worker's log.",
                )
    except LeaseLost as lost:
        log.info("%s; left to others", lost)


def frame_times(asset: Any, from_ms: int | None = None, to_ms: int | None = None) -> NDArray[np.int32]:
    """(n,) int32: when the frames of an asset's live scan are first shown; of the chunks that touch [from, to)."""
    rows = FrameTimes.objects.filter(scan__asset=asset, scan__live=True).order_by("start_ms")
    if from_ms is not None:
        rows = rows.filter(end_ms__gt=from_ms)
    if to_ms is not None:
        rows = rows.filter(start_ms__lt=to_ms)
    parts = [np.frombuffer(zlib.decompress(bytes(row.times)), "<i4") for row in rows]
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def duration_ms(asset: Any) -> int | None:
    """How long an asset is: by the site's figure, else by what its live scan has read of it; None before that."""
    return durations_ms([asset])[asset.pk]


def durations_ms(assets: Sequence[Any]) -> dict[Any, int | None]:
    """The same for many assets, by key, with one query for those of which the site has no figure."""
    known = {asset.pk: host().duration_ms(asset) for asset in assets}
    read = FrameTimes.objects.filter(
        scan__asset__in=[key for key, ms in known.items() if ms is None], scan__live=True
    )
    return known | dict(read.values_list("scan__asset_id").annotate(Max("end_ms")))
