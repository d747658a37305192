"""Doors for Celery."""

from __future__ import annotations

from celery import shared_task

from mam.samples import work


@shared_task(name=work.COMPOSE_NEXT, ignore_result=True)
def compose_next() -> None:
    """Fulfil a request for the sample videos, if there is one."""
    work.compose_next()
