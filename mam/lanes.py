"""Work that waits for no scan, in threads beside each worker, whatever its processes are busy with.

Scans take minutes to hours and may hold every process; messages wait behind them in any broker. These threads look
into the tables themselves. Posters have a lane of their own, so that they wait for no proxy either; downloads are done
here alone. A lane decodes nothing itself (`faces.vision.apart` does), and a worker's processes make posters and proxies
too where they are free.

Weighed: priorities of messages (each broker has others, and none interrupts a scan); a second worker for small work
(one more process tree, and one more program to run on one's own servers); scans that step aside at the end of a chunk
(a poster would wait for a chunk, a scan for a proxy).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from django.db import Error, close_old_connections, connection

from mam.assets import fetches, preparing

log = logging.getLogger(__name__)

EVERY_S = 1.0
"""Seconds between two looks for work, each a query by an index."""

LANES: dict[str, Callable[[], bool]] = {
    "posters": partial(preparing.prepare_next, posters=True),
    "proxies": preparing.prepare_next,
    **{f"fetches-{number}": fetches.fetch_next for number in range(fetches.AT_ONCE)},
}


def open_lanes(stop: threading.Event) -> None:
    """Start a thread for each lane that has none in this process. Each ends when `stop` is set and its job done."""
    running = {thread.name for thread in threading.enumerate()}
    for name, work in LANES.items():
        if f"lane-{name}" not in running:
            threading.Thread(target=_drive, args=(work, stop), name=f"lane-{name}", daemon=True).start()


def _drive(work: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.is_set():
        worked = False
        try:
            close_old_connections()
            worked = work()
        except Error as error:
            log.warning("the database is away (%s); looking again in %g s", error, EVERY_S)
            connection.close()
        except Exception:  # a lane that ended would end for as long as the worker lives
            log.exception("%s broke", threading.current_thread().name)
        if not worked:
            stop.wait(EVERY_S)
    connection.close()
