"""The brokers that a site may have in the place of the queue in its database: real ones, killed with -9."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty

import pytest
from celery import Celery
from kombu import Connection

from faces import hints
from mam.embedded.broker import broker_transport_options
from tests.brokers import BROKERS, Broker, Redis, needs


@pytest.fixture(scope="module", params=[pytest.param(name, marks=needs(name)) for name in BROKERS])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with BROKERS[request.param](tmp_path_factory.mktemp("broker") / request.param) as broker:
        yield broker


@pytest.fixture
def broker(running: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """It, with the site's own options for it, as the one that hints go to."""
    monkeypatch.setattr("mam.embedded.broker._PATIENCE_S", 0.5)
    app = Celery(broker=running.url, set_as_current=False)
    app.conf.broker_transport_options = broker_transport_options(running.url, "")
    monkeypatch.setattr(hints, "current_app", app)
    yield running
    app.close()


def received(broker: Broker) -> int:
    """Take every message out of the queue; how many there were."""
    taken = 0
    with suppress(Empty), Connection(broker.url) as connection, connection.SimpleQueue("celery") as queue:
        while True:
            queue.get(timeout=1).ack()
            taken += 1
    return taken


@needs("redis")
def test_a_worker_outlives_a_redis_that_takes_messages_along(tmp_path: Path) -> None:
    """It goes away while a message is at work, which is done after the connection was closed."""
    with Redis(tmp_path / "redis") as broker, Connection(broker.url) as connection:
        with connection.SimpleQueue("celery") as queue:
            queue.put("hint")
            at_work = queue.get(timeout=10)
        broker.kill()
        connection.collect()
        at_work.ack()


def test_a_hint_arrives(broker: Broker) -> None:
    hints.hint(hints.SCAN_NEXT)
    assert received(broker) == 1


def test_a_broker_that_hangs_or_is_away_fails_nobody_and_is_used_again(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    hints.hint(hints.SCAN_NEXT)
    os.killpg(broker.pid, signal.SIGSTOP)
    hints.hint(hints.SCAN_NEXT)
    os.killpg(broker.pid, signal.SIGCONT)
    broker.kill()
    caplog.clear()
    hints.hint(hints.SCAN_NEXT)
    assert "the job waits in its table" in caplog.text
    broker.start()
    received(broker)
    hints.hint(hints.SCAN_NEXT)
    assert received(broker) == 1
