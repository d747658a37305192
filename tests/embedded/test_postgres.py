"""The embedded server, for real: killed, orphaned, misled, as root and not."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from mam.embedded.account import account_for, postgres_programs
from mam.embedded.home import EmbeddedError
from mam.embedded.postgres import AlreadyRunning, EmbeddedPostgres
from mam.embedded.processes import postgres_processes

ROOT = Path(__file__).resolve().parents[2]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: running the server for root needs root")

START_AND_WAIT = """
import sys, time
from pathlib import Path
from mam.embedded.postgres import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1])).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home) as server:
        yield server


def note(postgres: EmbeddedPostgres, text: str) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(postgres: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(postgres.dsn()) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note")]


def test_it_lets_in_the_site_by_password_and_nobody_else(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert role == (False, True)
    for wrong in ({"password": "guess"}, {"user": "postgres"}, {"dbname": "dramatis", "user": "nobody"}):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres.dsn(), **wrong)  # type: ignore[arg-type]  # the overload knows no unpacking


def test_it_is_not_on_the_network_and_its_socket_is_private(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = Path(connection.info.host)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((postgres.home / "postgres.json").stat().st_mode) == 0o600


def test_every_new_database_has_vectors(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
    with psycopg.connect(postgres.dsn(), dbname="another") as connection:
        assert connection.execute("SELECT '[3,4]'::halfvec <-> '[0,0]'::halfvec").fetchone() == (5.0,)


def test_it_serves_a_home_with_blanks_and_a_path_longer_than_any_socket_may_have(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "a home with blanks" / ("long" * 40) / "home") as postgres:
        note(postgres, "here")
        assert notes(postgres) == ["here"]


def test_what_was_committed_survives_a_kill_of_the_server(postgres: EmbeddedPostgres) -> None:
    note(postgres, "committed")
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(postgres.pid)] if postgres.pid else [])
    postgres.start()
    assert notes(postgres) == ["committed"]


def test_a_stale_pid_file_with_the_number_of_a_living_stranger_is_not_believed(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    with postgres:
        note(postgres, "before")
        left = (postgres.data / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (postgres.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *left[1:]]) + "\n")
        with postgres:
            assert notes(postgres) == ["before"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_whose_starter_was_killed_is_succeeded_by_the_next(home: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, home], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    assert starter.stdout.readline() == "started\n"
    postgres = EmbeddedPostgres(home)
    note(postgres, "from the first")
    starter.kill()
    starter.wait()
    with postgres:
        assert notes(postgres) == ["from the first"]
    assert not postgres_processes(postgres.data)


def test_a_second_owner_is_told_that_there_is_one(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(AlreadyRunning, match=rf"already running in .*home \(process {os.getpid()}\)"):
        EmbeddedPostgres(postgres.home).start()
    note(postgres, "undisturbed")


def test_an_interrupted_creation_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(tmp_path) as postgres:
        note(postgres, "complete")
    assert not (tmp_path / "postgres.new").exists()


def test_a_lost_password_is_explained(home: Path) -> None:
    (home / "postgres.json").unlink()
    with pytest.raises(EmbeddedError, match=r"does not hold the password.*put the file back"):
        EmbeddedPostgres(home).start()


def test_a_copy_of_a_home_runs_beside_its_original(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    note(postgres, "in both")
    with psycopg.connect(postgres.dsn()) as connection:
        connection.execute("INSERT INTO note VALUES ('in the original')")
    postgres.stop()
    subprocess.run(["cp", "-a", postgres.home, tmp_path / "copy"], check=True)
    postgres.start()
    with EmbeddedPostgres(tmp_path / "copy") as copy:
        note(copy, "in the copy")
        assert notes(copy) == ["in both", "in the original", "in the copy"]
        assert notes(postgres) == ["in both", "in the original"]


def test_stopping_leaves_no_process_and_no_socket(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.dsn()) as connection:
            folder = Path(connection.info.host)
        assert postgres_processes(postgres.data)
    assert not postgres_processes(postgres.data)
    assert not folder.exists()


@only_root
def test_for_root_it_runs_without_root_s_rights_where_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "only root"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "home") as postgres:
        note(postgres, "stays here")
        users = {process.uids().real for process in postgres_processes(postgres.data)}
        assert users == {postgres.data.stat().st_uid}
        assert 0 not in users
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
def test_for_an_ordinary_user_it_runs_as_that_one(
    as_nobody: Callable[[Callable[[Path], None]], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # nobody's own installation: this one may lie where only root can go
    programs = postgres_programs(account_for(tmp_path))
    monkeypatch.setattr("mam.embedded.postgres.postgres_programs", lambda account: programs)

    def run(home: Path) -> None:
        with EmbeddedPostgres(home) as postgres:
            note(postgres, "mine")
            assert {process.uids().real for process in postgres_processes(postgres.data)} == {os.geteuid()}

    as_nobody(run)


@only_root
def test_the_home_of_another_is_refused_in_one_line(
    tmp_path: Path, as_nobody: Callable[[Callable[[Path], None]], None]
) -> None:
    closed = tmp_path / "root's"
    closed.mkdir(mode=0o700)

    def run(_: Path) -> None:
        with pytest.raises(EmbeddedError, match=r"Permission denied.*choose another DRAMATIS_HOME"):
            EmbeddedPostgres(closed).dsn()

    as_nobody(run)
