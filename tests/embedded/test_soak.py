"""Ten thousand messages through the queue in the database, while its workers and its server are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mam.embedded.broker import install_broker
from mam.embedded.postgres import EmbeddedPostgres
from mam.embedded.processes import die_with_parent
from tests import material
from tests.embedded import soak

MESSAGES = 10_000


@pytest.mark.chaos
def test_none_of_ten_thousand_messages_is_lost(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        install_broker(postgres.dsn())
        with psycopg.connect(postgres.dsn()) as connection:
            connection.execute("CREATE TABLE noted (number int)")
        sender = soak.application(postgres.dsn())
        for number in range(MESSAGES):
            sender.send_task("note", [number])

        for kill_at in (MESSAGES // 4, MESSAGES // 2):
            with worker(postgres):
                wait_until_noted(postgres, kill_at)
        with worker(postgres):
            wait_until_noted(postgres, 3 * MESSAGES // 4)
            assert postgres.pid
            os.kill(postgres.pid, signal.SIGKILL)
            while postgres.pid:
                time.sleep(0.1)
            postgres.start()
            wait_until_noted(postgres, MESSAGES)


@contextmanager
def worker(postgres: EmbeddedPostgres) -> Iterator[None]:
    """One that runs until the block ends, and then is killed with its children."""
    with (postgres.home / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "celery",
                    "--app",
                    "tests.embedded.soak",
                    "worker",
                    "--concurrency=2",
                ),
                *("--prefetch-multiplier=16", "--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            cwd=material.CHECKOUT,
            env=os.environ | {soak.CONNINFO: postgres.dsn()},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_noted(postgres: EmbeddedPostgres, wanted: int) -> None:
    """Raises AssertionError where nothing more is noted for a minute."""
    noted, deadline = 0, time.monotonic() + 60
    while noted < wanted:
        assert time.monotonic() < deadline, f"{noted} of {wanted}"
        time.sleep(0.2)
        with psycopg.connect(postgres.dsn()) as connection:
            row = connection.execute("SELECT count(DISTINCT number) FROM noted").fetchone()
        assert row
        if row[0] > noted:
            noted, deadline = row[0], time.monotonic() + 60
