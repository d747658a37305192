"""Doors for Celery."""

from __future__ import annotations

from celery import shared_task

from faces import networks, scanning
from faces.hints import SCAN_NEXT


@shared_task(name=SCAN_NEXT, ignore_result=True)
def scan_next() -> None:
    """Run the most urgent queued scan, if there is one."""
    scanning.scan_next(networks.loader())
