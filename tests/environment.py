"""The tests' own home and Postgres, there before Django reads its settings. Loaded by `-p tests.environment`.

With DATABASE_URL set, that server is used. Runs at the same time have a home each: `.home-test/0`, `1`, …;
the database server in it is kept from run to run, everything else is not.
"""

import itertools
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from mam.embedded.postgres import AlreadyRunning, EmbeddedPostgres

HOMES = Path(__file__).resolve().parent.parent / ".home-test"
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the server before pytest-django, whose hook this wraps, loads the settings."""
    if not os.environ.get("DATABASE_URL"):
        postgres = _start_in_a_free_home()
        _running.append(postgres)
        os.environ["DRAMATIS_HOME"] = str(postgres.home)
        for left in postgres.home.iterdir():
            if left.is_dir() and left.name not in ("postgres", "logs"):
                shutil.rmtree(left)
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the server; the kernel stops it where we cannot."""
    while _running:
        _running.pop().stop()


_running: list[EmbeddedPostgres] = []


def _start_in_a_free_home() -> EmbeddedPostgres:
    for number in itertools.count():
        postgres = EmbeddedPostgres(HOMES / str(number), settings=_THROWAWAY)
        try:
            postgres.start()
        except AlreadyRunning:
            continue
        return postgres
    raise AssertionError  # count() has no end
