"""`manage.py` as a process: whatever is wrong is said in a line, never in a traceback."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from mam.embedded.home import EmbeddedError, secret_key
from tests import material

NO_DATABASE = "postgresql://ada:secret@127.0.0.1:9/library"


def manage(*arguments: str, **environment: str) -> str:
    """What a command that must fail says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=material.CHECKOUT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize("command", [("migrate",), ("assets_add", "README.md"), ("faces_resolve", "--full")])
def test_a_database_that_does_not_answer_is_said(command: tuple[str, ...]) -> None:
    said = manage(*command, DATABASE_URL=NO_DATABASE)
    assert "The database does not answer; nothing was changed. Start it with `make run`" in said
    assert "secret" not in said


def test_up_says_that_the_given_database_does_not_answer(tmp_path: Path) -> None:
    said = manage("up", "--port", "0", DATABASE_URL=NO_DATABASE, DRAMATIS_HOME=str(tmp_path / "home"))
    assert "Connection refused" in said
    assert "set DATABASE_URL to one that answers" in said


@pytest.mark.parametrize("url", ["nonsense", "mysql://ada:secret@db/library", "postgresql://ada:%zz@db/x"])
def test_an_unreadable_database_url_is_said_without_its_password(url: str) -> None:
    said = manage("up", DATABASE_URL=url)
    assert "DATABASE_URL cannot be read; nothing was started" in said
    assert "secret" not in said


def test_a_port_that_is_no_number_is_said(tmp_path: Path) -> None:
    assert "http is no port" in manage("up", DRAMATIS_HOME=str(tmp_path / "home"), PORT="http")


def test_without_its_packages_it_says_how_to_install_them() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", "manage.py", "up"],
        cwd=material.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "django is not installed here: run `make setup`" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_leaves_no_half_a_signing_key(tmp_path: Path) -> None:
    if (child := os.fork()) == 0:  # the limit is for a process, and cannot be raised again by all
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            with pytest.raises(EmbeddedError, match="DRAMATIS_HOME cannot be used"):
                secret_key(tmp_path)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list(tmp_path.iterdir()) == []
    assert len(secret_key(tmp_path)) > 50
    assert secret_key(tmp_path) == secret_key(tmp_path)
