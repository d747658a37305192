"""Deciding and admitting happen one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_IDENTITY_LOCK = 0x44524D53  # "DRMS"; any constant that this database uses for nothing else
_PASS_LOCK = _IDENTITY_LOCK + 1


class AlreadyRunning(Exception):
    """What may run only once at a time runs already."""


@contextmanager
def identity_write() -> Iterator[None]:
    """A transaction in which nobody else decides or admits tracks: decisions are short, and an order among them
    spares every user a deadlock. Reading goes on undisturbed."""
    with transaction.atomic():
        lock_identity()
        yield


def lock_identity() -> None:
    """Wait until nobody else decides or admits, and keep it so until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IDENTITY_LOCK])


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else runs a pass within; raises AlreadyRunning where somebody does. A lost connection ends it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_PASS_LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning("another pass is running, and nothing was changed: wait until it has ended")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_PASS_LOCK])
