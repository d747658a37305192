"""Looking into what was added, and making of it what people find and play it by.

A poster takes a moment; a filmstrip or a proxy reads the whole file. So each preparation goes by two steps, and is
queued again in between: nobody's poster waits for somebody else's proxy.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from faces.hints import hint
from faces.models import JobState, LeaseLost, SignOfLife
from faces.vision import MediaInfo, VisionError, apart, poster, probe
from mam.assets.filmstrips import Filmstrip, filmstrip
from mam.assets.folders import clear, folders_of, forget_files
from mam.assets.models import Asset, Preparation, original
from mam.assets.proxies import make_proxy

log = logging.getLogger(__name__)

PREPARE_NEXT = "assets.prepare_next"


def prepare_next(*, posters: bool = False) -> bool:
    """Claim a preparation and take it one step further. False where none was waiting.

    posters: only those that are at their first step, which takes a moment.
    """
    job = Preparation.claim(priority__gte=Preparation.FIRST) if posters else Preparation.claim()
    if job is None:
        return False
    try:
        _look_into(job) if job.priority >= Preparation.FIRST else _go_through(job)
    except LeaseLost as lost:
        log.info("%s; left to others", lost)
    except Exception as error:  # noqa: BLE001  the job's row must say what happened, and the worker must live
        _end_badly(job, error)
    if not Asset.objects.filter(pk=job.asset_id).exists():
        forget_files(job.asset_id)  # made after the asset was deleted
    return True


def make_missing_filmstrips() -> int:
    """Queue the second step for videos that were prepared when there were no filmstrips; how many."""
    ended = Preparation.objects.filter(state__in=[JobState.DONE, JobState.FAILED], asset__filmstrip="")
    return (
        ended.exclude(asset__container__startswith="image/")
        .exclude(asset__container="")
        .update(
            state=JobState.QUEUED,
            priority=Preparation.SECOND,
            run_after=timezone.now(),
            attempt=0,
            progress=0.0,
            finished=None,
            error_code="",
            error_detail="",
        )
    )


def _look_into(job: Preparation) -> None:
    """The first step: figures and poster. Of a picture it is the last too."""
    asset = job.asset
    sign_of_life = SignOfLife(job)
    with original(asset) as file:
        info = apart.call(probe, file, on_progress=sign_of_life)
        Asset.objects.filter(pk=asset.pk).update(**_figures(info))
        picture = apart.call(poster, file, on_progress=sign_of_life)
        copy = None
        if info.still and not info.browser_playable:
            copy = apart.call(poster, file, width=None, on_progress=sign_of_life)
    asset.poster.save("poster.jpg", ContentFile(picture), save=False)
    Asset.objects.filter(pk=asset.pk).update(poster=asset.poster.name)
    if copy is not None:
        asset.proxy.save("proxy.jpg", ContentFile(copy), save=False)
        Asset.objects.filter(pk=asset.pk).update(proxy=asset.proxy.name)
    if info.still:
        _finish(job)
        return
    job.checkpoint(priority=Preparation.SECOND)
    job.give_back()
    transaction.on_commit(lambda: hint(PREPARE_NEXT))


def _go_through(job: Preparation) -> None:
    """The second step: a filmstrip, and a proxy where browsers need one, out of the same frames."""
    asset = job.asset
    sign_of_life = SignOfLife(job)
    with original(asset) as file:
        info = apart.call(probe, file, on_progress=sign_of_life)
        sign_of_life.duration_ms = info.duration_ms
        if info.browser_playable or asset.proxy:
            strip = apart.call(filmstrip, file, on_progress=sign_of_life)
        else:
            strip = _make_proxy(job, info, sign_of_life)
    name = f"filmstrip-{hashlib.sha256(strip.sheet).hexdigest()[:16]}.webp"
    asset.filmstrip.save(name, ContentFile(strip.sheet), save=False)
    Asset.objects.filter(pk=asset.pk).update(filmstrip=asset.filmstrip.name, filmstrip_grid=strip.grid())
    _finish(job)


def _make_proxy(job: Preparation, info: MediaInfo, sign_of_life: SignOfLife) -> Filmstrip:
    with ExitStack() as stack:
        written = stack.enter_context(
            tempfile.NamedTemporaryFile(suffix=".mp4", dir=settings.FILE_UPLOAD_TEMP_DIR)
        )
        pictures, sound = (stack.enter_context(original(job.asset)) for _ in range(2))
        strip, end_ms = apart.call(make_proxy, pictures, sound, info, written.name, on_progress=sign_of_life)
        proxy = stack.enter_context(open(written.name, "rb"))
        job.asset.proxy.save("proxy.mp4", File(proxy), save=False)
    Asset.objects.filter(pk=job.asset_id).update(
        proxy=job.asset.proxy.name, duration_ms=Greatest("duration_ms", end_ms)
    )
    return strip


def _finish(job: Preparation) -> None:
    asset = job.asset
    job.renew()  # whoever has lost the lease deletes nothing
    made = {asset.poster.name, asset.proxy.name, asset.filmstrip.name}
    clear(folders_of(asset.pk)[1], but=made)  # what an attempt that was killed has left
    job.succeed(error_code="", error_detail="")


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
