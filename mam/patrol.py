"""The look-out that every worker keeps: jobs whose worker died or whose message was lost are given out again."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.db import Error, close_old_connections, connection

from faces.hints import SCAN_NEXT, look_after
from faces.models import IdempotencyKey, Part, Scan
from mam import lanes
from mam.assets import uploads
from mam.assets.models import Fetch, Preparation
from mam.assets.preparing import PREPARE_NEXT
from mam.samples.models import SampleRequest
from mam.samples.work import COMPOSE_NEXT

log = logging.getLogger(__name__)

EVERY_S = 10.0
"""Seconds between two looks."""
_ALL_THE_SAME = 12

_NAME = "patrol"
_stop = threading.Event()


def patrol(*, hints: bool = True) -> None:
    """One look at every kind of job, and at the answers that nobody will ask for again.

    hints: whether workers are told of what waits.
    """
    look_after(Scan, SCAN_NEXT, hints=hints)
    look_after(Part, SCAN_NEXT, hints=hints)
    look_after(Preparation, PREPARE_NEXT, hints=hints)
    look_after(SampleRequest, COMPOSE_NEXT, hints=hints)
    Fetch.reap()  # what waits, the lanes find
    IdempotencyKey.forget_old()
    uploads.forget_expired()


def take_back() -> None:
    """Queue again whatever was running when this machine's only workers were stopped: no lease need run out first."""
    for jobs in (Scan, Part, Preparation, Fetch, SampleRequest):
        jobs.take_back()


def keep_watch() -> None:
    """Connect to the signals of whatever worker this process becomes."""
    worker_ready.connect(_begin)
    worker_shutting_down.connect(_end)


def _begin(sender: Any, **_: Any) -> None:
    """Also called whenever a worker has found its broker again; one thread of each kind is enough."""
    if any(thread.name == _NAME for thread in threading.enumerate()):
        return
    _stop.clear()
    lanes.open_lanes(_stop)
    threading.Thread(target=_keep, args=(sender.controller,), name=_NAME, daemon=True).start()


def _end(**_: Any) -> None:
    _stop.set()


def _keep(worker: Any) -> None:
    from celery.bootsteps import RUN  # type: ignore[attr-defined]  # unknown to the stubs
    from celery.worker import state  # costs a tenth of a second, and web servers do without

    for look in itertools.count():
        if _stop.is_set():
            break
        if worker.blueprint.state != RUN and not _stop.is_set():
            # Celery met an error that it calls unrecoverable, a Redis that went away at the wrong moment among them;
            # then it may wait for ever for its own end. Whoever started it starts it again, and the rows are there.
            log.critical("the worker has stopped listening for work; it ends, to be started again")
            os._exit(1)
        # While messages wait in hand here, every process is at work, and hints would pile up in the broker for as
        # long as a scan takes. Some are sent all the same: the row is the truth, not what Celery thinks it has.
        in_hand = len(state.reserved_requests) > len(state.active_requests)
        try:
            close_old_connections()
            patrol(hints=not in_hand or look % _ALL_THE_SAME == 0)
        except Error as error:
            log.warning("the database is away (%s); looking again in %g s", error, EVERY_S)
            connection.close()
        _stop.wait(EVERY_S)
    connection.close()
