"""Celery's broker in the same Postgres: kombu's pgmq transport, woken by LISTEN/NOTIFY.

pgmq's functions are plain SQL that the wheel `pgmq` carries; the role that owns the database installs them,
into a schema of their own, so no extension and no superuser is needed.
"""

from typing import Any

import psycopg
from pgmq.install import get_embedded_install_sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_SCHEME = "pgmq://"
_PARAMETERS = ("host", "port", "dbname", "user", "password")
_PATIENCE_S = 3.0
_INSTALL_LOCK = 0x647261_6D61  # any number nobody else locks: "drama"


def broker_url(conninfo: str) -> str:
    """CELERY_BROKER_URL of the queue in the database `conninfo`.

    Where the server is and the password are in the transport options: kombu's URLs cannot say a socket's
    folder.
    """
    return f"{_SCHEME}{conninfo_to_dict(conninfo).get('user', '')}@localhost/"


def is_broker_here(url: str) -> bool:
    """Whether CELERY_BROKER_URL means the queue in the database, not a RabbitMQ or Redis."""
    return url.startswith(_SCHEME)


def broker_transport_options(url: str, conninfo: str) -> dict[str, Any]:
    """CELERY_BROKER_TRANSPORT_OPTIONS of the broker at `url`, which may be the queue in the database `conninfo`."""
    if url.startswith(("redis", "sentinel")):  # redis:// and rediss://, which wait for an answer for ever
        return {"socket_timeout": _PATIENCE_S, "socket_connect_timeout": _PATIENCE_S}
    if not is_broker_here(url):
        return {}
    given = conninfo_to_dict(conninfo)
    return {
        # pgmq reads no other parameters; the rest (sslmode, say) come from libpq's own PG… variables.
        "conn_string": make_conninfo(**{key: str(given[key]) for key in _PARAMETERS if given.get(key)}),
        "init_extension": False,  # see install_broker
        "use_notify": True,
        "wait_time_seconds": 0,  # no polling on the server: a notification wakes us
        "polling_interval": 2,  # also how long a stop may take to be noticed
        "pool_size": 2,
        "visibility_timeout": 600,  # the job's row is the truth: a repeated message finds it leased
    }


_NOTIFY_ONCE = """
ALTER FUNCTION pgmq.enable_notify_insert(text, integer) RENAME TO recreate_notify_insert;

CREATE FUNCTION pgmq.enable_notify_insert(queue_name text, throttle_interval_ms integer DEFAULT 250)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgmq.acquire_queue_lock(queue_name);
    IF NOT EXISTS (
        SELECT FROM pg_trigger
         WHERE tgname = 'trigger_notify_queue_insert_listeners'
           AND tgrelid = format('pgmq.%I', pgmq.format_table_name(queue_name, 'q'))::regclass
    ) THEN
        PERFORM pgmq.recreate_notify_insert(queue_name, throttle_interval_ms);
    END IF;
END
$$;
"""
"""kombu declares a queue whenever a process first uses it, and pgmq then drops the trigger that wakes listeners and
creates it anew: two processes that do so at once deadlock, or both create it and one fails. Here the first creates it
and the others find it there."""


def install_broker(conninfo: str) -> None:
    """Install pgmq's functions in the database, once; harmless any number of times, and at the same time."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_INSTALL_LOCK])
        installed = connection.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL").fetchone()
        if installed and not installed[0]:
            connection.execute(get_embedded_install_sql().encode())
            connection.execute(_NOTIFY_ONCE)
