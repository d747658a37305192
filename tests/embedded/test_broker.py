"""The queue in the database, through Celery's own client."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings
from kombu import Connection
from kombu.simple import SimpleQueue

from mam.embedded.broker import broker_transport_options, broker_url, install_broker, is_broker_here
from mam.embedded.postgres import EmbeddedPostgres


def connect(conninfo: str) -> Connection:
    url = broker_url(conninfo)
    return Connection(url, transport_options=broker_transport_options(url, conninfo))


def test_a_message_arrives(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        install_broker(postgres.dsn())
        with connect(postgres.dsn()) as connection, connection.SimpleQueue("letters") as letters:
            letters.put({"to": "Ada"})
            message = letters.get(timeout=20)
            assert message.payload == {"to": "Ada"}
            message.ack()


def test_a_message_survives_a_kill_of_the_server(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        install_broker(postgres.dsn())
        with connect(postgres.dsn()) as connection, connection.SimpleQueue("letters") as letters:
            letters.put({"to": "Grace"})
        assert postgres.pid
        killed = psutil.Process(postgres.pid)
        os.kill(killed.pid, signal.SIGKILL)
        psutil.wait_procs([killed])
        postgres.start()
        with connect(postgres.dsn()) as connection, connection.SimpleQueue("letters") as letters:
            assert letters.get(timeout=20).payload == {"to": "Grace"}


def test_installing_is_harmless_any_number_of_times_at_once(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(install_broker, [postgres.dsn()] * 4))
        with psycopg.connect(postgres.dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM pgmq.meta").fetchone() == (0,)


def test_many_processes_may_use_the_queue_for_the_first_time_at_once(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        install_broker(postgres.dsn())

        def declare_and_send(number: int) -> None:
            with connect(postgres.dsn()) as connection, connection.SimpleQueue("letters") as queue:
                queue.put({"number": number})

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(declare_and_send, range(32)))
        with connect(postgres.dsn()) as connection, connection.SimpleQueue("letters") as queue:
            assert sorted(_taken(queue, 32)) == list(range(32))


@pytest.mark.django_db
def test_a_migrated_database_has_its_queue() -> None:
    with psycopg.connect(settings.CONNINFO) as connection:
        assert connection.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL").fetchone() == (True,)


def _taken(queue: SimpleQueue, count: int) -> list[int]:
    found = []
    for _ in range(count):
        message = queue.get(timeout=20)
        found.append(message.payload["number"])
        message.ack()
    return found


def test_another_broker_gets_none_of_its_options() -> None:
    assert not is_broker_here("redis://localhost")
    assert "conn_string" not in broker_transport_options("redis://localhost", "postgresql://a@b/c")
    assert broker_transport_options("amqp://localhost", "postgresql://a@b/c") == {}
