"""A Celery application on a queue in a database, whose one task notes in that database that it ran."""

import os
from functools import cache

import psycopg
from celery import Celery

from mam.embedded.broker import broker_transport_options, broker_url

CONNINFO = "SOAK_CONNINFO"
"""The environment variable that says which database."""


def application(conninfo: str) -> Celery:
    """With the site's settings, but that what a killed worker held comes again after seconds."""
    url = broker_url(conninfo)
    options = broker_transport_options(url, conninfo) | {"visibility_timeout": 10}
    app = Celery("soak", broker=url, set_as_current=False)
    app.conf.update(
        broker_transport_options=options,
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
    )
    return app


@cache
def _connection() -> psycopg.Connection:
    return psycopg.connect(os.environ[CONNINFO], autocommit=True)


def note(number: int) -> None:
    try:
        _connection().execute("INSERT INTO noted VALUES (%s)", [number])
    except psycopg.Error:
        _connection.cache_clear()
        raise


if CONNINFO in os.environ:
    app = application(os.environ[CONNINFO])
    app.task(name="note", autoretry_for=(psycopg.Error,), default_retry_delay=1, max_retries=None)(note)
