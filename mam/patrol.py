"""The look-out that every worker keeps: jobs whose worker died or whose message was lost are given out again."""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.db import Error, close_old_connections, connection

from faces.hints import SCAN_NEXT, look_after
from faces.models import IdempotencyKey, Scan
from mam.assets import uploads
from mam.assets.library import PREPARE_NEXT
from mam.assets.models import Preparation
from mam.samples.models import SampleRequest
from mam.samples.work import COMPOSE_NEXT

log = logging.getLogger(__name__)

EVERY_S = 10.0
"""Seconds between two looks."""

_stop = threading.Event()


def patrol() -> None:
    """One look at every kind of job, and at the answers that nobody will ask for again."""
    look_after(Scan, SCAN_NEXT)
    look_after(Preparation, PREPARE_NEXT)
    look_after(SampleRequest, COMPOSE_NEXT)
    IdempotencyKey.forget_old()
    uploads.forget_expired()


def take_back() -> None:
    """Queue again whatever was running when this machine's only workers were stopped: no lease need run out first."""
    for jobs in (Scan, Preparation, SampleRequest):
        jobs.take_back()


def keep_watch() -> None:
    """Connect to the signals of whatever worker this process becomes."""
    worker_ready.connect(_begin)
    worker_shutting_down.connect(_end)


def _begin(**_: Any) -> None:
    _stop.clear()
    threading.Thread(target=_keep, name="patrol", daemon=True).start()


def _end(**_: Any) -> None:
    _stop.set()


def _keep() -> None:
    while not _stop.is_set():
        try:
            close_old_connections()
            patrol()
        except Error as error:
            log.warning("the database is away (%s); looking again in %g s", error, EVERY_S)
            connection.close()
        _stop.wait(EVERY_S)
    connection.close()
