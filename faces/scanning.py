"""The one place where pixels meet rows: scan an asset chunk by chunk, checkpoint, resume, replace.

The scan's row is the truth. A chunk is committed whole with everything that follows from it, fenced by the lease; a
scan that is killed goes on at its last chunk, and what the killed worker had in hand is simply done again. Pixels are
read in a process apart (`faces.vision.apart`): this one only hands out bytes, keeps the lease and writes the rows.

A long video has parts, each a job with a lease. The worker that holds the scan takes one after the other, whoever has
nothing else to do helps. Where parts begin the video alone says, so that the same is found however many have read it.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Sum
from django.utils import timezone
from numpy.typing import NDArray

from faces import crops, joining
from faces.conf import faces_settings
from faces.hints import SCAN_NEXT, wake
from faces.host import asset_model, host
from faces.identity import admission
from faces.identity.model import Model, ModelSwitched, deciding
from faces.models import FrameTimes, JobState, LeaseLost, Part, Pause, Scan, SignOfLife, Track
from faces.vision import MODES, Chunk, MediaInfo, Networks, Source, VisionError, apart, probe, scan
from faces.vision.networks import names_of

log = logging.getLogger(__name__)

OPENED = 50
"""The priority of a scan whose asset an editor is looking at; 0 is everybody's."""
_LOOK_EVERY_S = 0.5
"""Who holds a scan looks so often whether the others are done with its last parts."""


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
    Its progress is from now on the share that was committed: a chunk that somebody had in hand is not kept. Where
    nothing was, the next scan is as a first one.
    """
    with transaction.atomic():
        running.parts.all().delete()  # before the scan's row is held, as who commits a chunk does
        row = Scan.objects.filter(pk=running.pk)
        ended = {"state": JobState.CANCELLED, "lease_owner": None, "lease_until": None}
        if not row.filter(state__in=Scan.OPEN).update(**ended):
            return False
        read = FrameTimes.objects.filter(scan=running).aggregate(ms=Sum(F("end_ms") - F("start_ms")))["ms"]
        if not read:
            row.update(progress=0.0, live=False)
        elif length_ms := host().duration_ms(running.asset):
            row.update(progress=min(read / length_ms, 0.99))
    return True


def hurry(asset: Any) -> None:
    """An editor is looking at this asset: its scan, where one is queued, goes before the others."""
    Scan.objects.filter(asset=asset, state=JobState.QUEUED, priority__lt=OPENED).update(priority=OPENED)
    Part.objects.filter(scan__asset=asset, state=JobState.QUEUED, priority__lt=OPENED).update(priority=OPENED)


def pause(*, by: Any = None) -> bool:
    """Begin no scan until `resume`; those that run stop at the end of their chunk. False where that is so already."""
    return Pause.objects.get_or_create(defaults={"by": by}, id=1)[1]


def resume() -> bool:
    """Go on with what is queued. False where nothing was paused. Publishing hints is the caller's."""
    return bool(Pause.objects.all().delete()[0])


def scan_next(networks: Callable[[], Networks]) -> bool:
    """Claim the most urgent queued scan and run it to its end, good or bad; where none waits, help with parts of one
    that runs, as with those that are urgent. False where there was nothing to do.

    networks: importable or picklable; called in the process apart.
    """
    claimed = Part.claim_apart(priority__gte=OPENED) or Scan.claim() or Part.claim_apart()
    if claimed is None:
        return False
    job = claimed if isinstance(claimed, Scan) else claimed.scan
    try:
        with host().open(job.asset) as source:
            if isinstance(claimed, Scan):
                read = _read_all(job, source, networks)
            else:
                read = False
                _read(job, claimed, source, networks, SignOfLife(claimed))
        if read:
            _finish(job)
        if Part.due():
            wake(SCAN_NEXT)
    except Exception as error:  # noqa: BLE001  the job's row must say what happened, and the worker must live
        _end_badly(claimed, error)
    if not asset_model()._default_manager.filter(pk=job.asset_id).exists():
        crops.forget(crops.asset_folder(job.asset_id))  # stored after the asset was deleted
    return True


def _read_all(job: Scan, source: Source, networks: Callable[[], Networks]) -> bool:
    """Read a whole video, or what is left of it. False where that has not come to its end, and the row says why."""
    sign_of_life = SignOfLife(job)
    info = apart.call(probe, source, on_progress=sign_of_life)
    sign_of_life.duration_ms = info.duration_ms
    detector, embedder = apart.call(names_of, networks, on_progress=sign_of_life)
    job.renew(detector=detector, embedder=embedder)
    _make_live_if_first(job)
    if not _divided(job, info):
        return _read(job, job, source, networks, sign_of_life)
    while not Scan.paused():
        if part := Part.claim_apart(scan=job):
            _read(job, part, source, networks, SignOfLife(part, besides=job))
            job.renew()
        elif failed := job.parts.filter(state=JobState.FAILED).order_by("number").first():
            job.fail(failed.error_code, failed.error_detail)
            return False
        elif not (left := job.parts.exclude(state=JobState.DONE)):
            return True
        elif not left.filter(run_after__lte=timezone.now()):  # they are tried again later
            first = left.earliest("run_after")
            job.give_back(
                run_after=first.run_after, error_code=first.error_code, error_detail=first.error_detail
            )
            return False
        else:  # others are at work on them
            time.sleep(_LOOK_EVERY_S)
            Part.reap()
            job.renew()
    job.give_back()
    return False


def _divided(job: Scan, info: MediaInfo) -> bool:
    """Whether this video has parts. They are made here, and workers woken who may help with them."""
    if job.parts.exists():
        return True
    each_ms = MODES[job.mode].part_ms
    count = info.duration_ms // each_ms
    if count < 2 or job.position_ms or not (job.divisible and info.divisible):
        return False
    with transaction.atomic():
        job.renew()
        Part.objects.bulk_create(
            Part(
                scan=job,
                number=number,
                priority=job.priority,
                due_ms=number * each_ms,
                until_ms=(number + 1) * each_ms if number + 1 < count else None,
            )
            for number in range(count)
        )
    wake(SCAN_NEXT, count - 1)
    return True


def _read(
    job: Scan,
    stretch: Scan | Part,
    source: Source,
    networks: Callable[[], Networks],
    sign_of_life: SignOfLife,
) -> bool:
    """Read on from the checkpoint: a whole video, or a part and, while nobody has begun them, those after it.

    False where a pause ended it. What goes wrong in a part is written down there, and nothing is raised but
    ModelSwitched.
    """
    begin: dict[str, Any] = {"start_ms": stretch.position_ms}
    if isinstance(stretch, Part):
        sign_of_life.turn_to(stretch, stretch.due_ms, MODES[job.mode].part_ms)
        if stretch.position_ms is None:
            begin = {
                "start_ms": stretch.due_ms,
                "next_part": stretch.number > 0,
                "until_ms": stretch.until_ms,
            }
        elif stretch.read:
            stretch.succeed()
            return True
    # where an attempt failed, the card may be to blame
    begin["hardware"] = faces_settings().hardware_decoding and stretch.attempt <= 1
    found = apart.each(scan, source, networks, MODES[job.mode], **begin, on_progress=sign_of_life)
    try:
        with closing(found) as chunks:
            for chunk in chunks:
                _commit(job, stretch, chunk, progress=sign_of_life.share(chunk.end_ms))
                if chunk.notice:
                    Scan.objects.filter(pk=job.pk).update(notice=chunk.notice)
                if Scan.paused():
                    stretch.give_back()
                    return False
                if isinstance(stretch, Part) and stretch.read:
                    stretch.succeed()
                    following = _following(stretch, MODES[job.mode].part_ms)
                    if following is None:
                        return True
                    stretch = following
                    sign_of_life.turn_to(stretch, stretch.due_ms, MODES[job.mode].part_ms)
        if isinstance(stretch, Part):
            stretch.succeed()
    except Exception as error:
        if isinstance(stretch, Scan):
            raise
        _end_badly(stretch, error)
        if isinstance(error, ModelSwitched):  # whoever claims it next loads the other networks
            raise
    return True


def _following(read: Part, part_ms: int) -> Part | None:
    """The part that begins where that one ended, if nobody has begun it; None where it is not known to begin there.

    Those in between, of a video that shows one picture for minutes, have nothing of their own.
    """
    position_ms = read.position_ms or 0
    between = Part.objects.filter(scan=read.scan_id, number__gt=read.number, until_ms__lte=position_ms)
    between.filter(state=JobState.QUEUED).update(state=JobState.DONE, progress=1.0)
    return Part.claim(scan=read.scan_id, due_ms=position_ms // part_ms * part_ms, position_ms=None)


def _make_live_if_first(job: Scan) -> None:
    """The tracks of a first scan are shown as they come; those of a rescan replace the old ones at its end."""
    with transaction.atomic():
        if not Scan.objects.select_for_update().filter(asset_id=job.asset_id, live=True).exists():
            job.renew(live=True)


def _commit(job: Scan, stretch: Scan | Part, chunk: Chunk, *, progress: float) -> None:
    pack = crops.Pack(crops.asset_folder(job.asset_id))
    places = [pack.add(found.crops) for found in chunk.tracks]
    stored = pack.store()
    with deciding(made_by=chunk.embedder) as model:
        reached: dict[str, Any] = {"position_ms": chunk.end_ms, "progress": progress}
        if isinstance(stretch, Part):
            reached["at_end"] = chunk.last
            if stretch.start_ms is None:
                reached["start_ms"] = chunk.start_ms
        stretch.checkpoint(**reached)
        if len(chunk.frame_times_ms):  # a scan that was killed at its very end goes on with nothing
            FrameTimes.objects.create(
                scan=job,
                start_ms=chunk.start_ms,
                end_ms=chunk.end_ms,
                count=len(chunk.frame_times_ms),
                open_shot=chunk.open_shot,
                times=zlib.compress(np.asarray(chunk.frame_times_ms, "<i4").tobytes()),
            )
        found = [
            Track(
                asset_id=job.asset_id,
                scan=job,
                shot=track.shot,
                start_ms=track.start_ms,
                end_ms=track.end_ms,
                boxes=track.boxes.to_bytes(),
                quality=track.quality,
                yaw=track.pose.yaw,
                pitch=track.pose.pitch,
                pack=stored,
                crops=where,
            )
            for track, where in zip(chunk.tracks, places, strict=True)
        ]
        tracks = admission.store(found, [track.faceprint for track in chunk.tracks], model)
        if job.live:
            admission.admit(tracks, model)


def _finish(job: Scan) -> None:
    with deciding() as model:
        job.renew()  # first: it holds the row, so that nobody reaps the job however long the rest takes
        if not job.parts_meet:
            _start_over(job, model)
            return
        joining.join(job, model, MODES[job.mode])
        if not job.live:
            admission.replace(job, model)
        job.succeed(error_code="", error_detail="")
        transaction.on_commit(lambda: _forget_old_crops(job.asset_id))


def _start_over(job: Scan, model: Model) -> None:
    """Forget what was found, and have the video read by one worker from its beginning."""
    log.warning("%s: its parts do not meet; it is read again in one", job)
    tracks = Track.objects.filter(scan=job)
    if job.live:
        admission.exchange(tracks, [], model)
    else:
        tracks.delete()
    FrameTimes.objects.filter(scan=job).delete()
    job.parts.all().delete()
    job.give_back(divisible=False, position_ms=0, progress=0.0)
    transaction.on_commit(lambda: wake(SCAN_NEXT))


def _forget_old_crops(asset: Any) -> None:
    """What no track refers to: of the replaced scan, or of a chunk whose worker was killed before it was committed."""
    used = set(Track.objects.filter(asset=asset).values_list("pack", flat=True))
    crops.forget(crops.asset_folder(asset), but=used)


def _end_badly(job: Scan | Part, error: Exception) -> None:
    """Write down what happened, and whether another try can help."""
    expected = isinstance(error, VisionError | OSError | LeaseLost | ModelSwitched)
    log.warning("%s, attempt %s: %s", job, job.attempt, error, exc_info=not expected)
    try:
        match error:
            case ModelSwitched() | LeaseLost():
                job.give_back()  # of a lease: a part, where not its own was lost but its scan's
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
