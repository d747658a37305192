"""Doors for Celery."""

from __future__ import annotations

from celery import shared_task

from mam.assets import preparing


@shared_task(name=preparing.PREPARE_NEXT, ignore_result=True)
def prepare_next() -> None:
    """Run the next preparation, if there is one."""
    preparing.prepare_next()
