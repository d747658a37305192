"""Messages to the workers. Each is only a hint that there is work: the job's row says which, and whether still."""

from __future__ import annotations

import logging

from celery import current_app

from faces.models import LeasedJob

log = logging.getLogger(__name__)

SCAN_NEXT = "faces.scan_next"
_HINTS_AT_ONCE = 4
"""Every worker hints again at each look while jobs wait: a few wake idle workers, many would pile up in the broker
for as long as all of them are busy."""

_ONCE_MORE = {"max_retries": 1, "interval_start": 0}
"""A connection of old may be broken; a caller who waits for a broker that is away waits for a hint."""


def hint(task: str) -> None:
    """Send the task of that name. A broker that is away loses nothing: the next patrol sees the job's row."""
    try:
        current_app.send_task(task, retry_policy=_ONCE_MORE)
    except Exception as error:  # noqa: BLE001  every broker has errors of its own, and none may fail the caller
        log.warning("the broker does not take messages (%s); the job waits in its table", error)


def wake(task: str, workers: int = 1) -> None:
    """Hint at work for so many workers, or as many as are worth waking at once."""
    for _ in range(min(workers, _HINTS_AT_ONCE)):
        hint(task)


def look_after(jobs: type[LeasedJob], task: str, *, hints: bool = True) -> None:
    """Give the jobs of dead workers back, and hint at whatever waits. Every worker does this every few seconds."""
    jobs.reap()
    if hints:
        wake(task, jobs.due())
