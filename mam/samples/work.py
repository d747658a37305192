"""Composing the sample videos into the library."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File

from faces.models import JobState, LeaseLost
from faces.vision import VisionError
from mam.assets import library
from mam.assets.models import Asset
from mam.samples.models import SampleRequest
from mam.samples.portraits import fetch_portraits
from mam.samples.programme import compose_samples

log = logging.getLogger(__name__)

COLLECTION = "Samples"
COMPOSE_NEXT = "samples.compose_next"


def may_be_added() -> bool:
    """Samples are for a library that holds nothing yet."""
    return not Asset.objects.exists()


def latest() -> SampleRequest | None:
    return SampleRequest.objects.order_by("-pk").first()


def request(*, by: Any = None) -> SampleRequest:
    """Ask for them; while one request is open, that one serves."""
    open_request = SampleRequest.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    return open_request or SampleRequest.objects.create(requested_by=by)


def compose_next() -> bool:
    """Claim and fulfil a request. False where none was waiting."""
    job = SampleRequest.claim()
    if job is None:
        return False
    try:
        add_samples(by=job.requested_by, on_progress=lambda share: job.renew(progress=share))
        job.succeed(error_code="", error_detail="")
    except LeaseLost as lost:
        log.info("%s; left to others", lost)
    except (VisionError, OSError) as error:
        log.warning("the sample videos: %s", error)
        job.fail(getattr(error, "code", "storage-unavailable"), str(error))
    except Exception as error:  # the job's row must say what happened, and the worker must live
        log.error("%s broke", job, exc_info=error)
        job.retry_later("internal-error", "The sample videos could not be made; see the worker's log.")
    return True


def add_samples(*, by: Any = None, on_progress: Callable[[float], None]) -> list[Asset]:
    """Fetch the portraits, compose the videos, add those that the library has not got yet.

    on_progress is called with a share in [0, 1]. Raises FetchFailed where the portraits are not to be had.
    """
    on_progress(0.0)
    portraits = fetch_portraits(
        settings.HOME / "samples", lambda name, done, total: on_progress(0.5 * done / max(total, done, 1))
    )
    known = set(Asset.objects.filter(collection=COLLECTION).values_list("title", flat=True))
    added = []
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        samples = compose_samples(Path(folder), portraits, lambda share: on_progress(0.5 + 0.49 * share))
        for sample in samples:
            if sample.title in known:
                continue
            with sample.path.open("rb") as video, suppress(library.AlreadyHere):
                name, title = sample.path.name, sample.title
                added.append(library.add(File(video), name, title=title, collection=COLLECTION, by=by))
    return added
