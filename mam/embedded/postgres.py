"""Postgres 18 with pgvector out of a wheel, run for one DRAMATIS_HOME, with nobody else to serve.

In the home:
    postgres/        the data; belongs to us, or to the account that root drops to
    postgres.json    password and socket folder, readable to us alone
    postgres.lock    held by the one process that runs the server
    logs/postgres.log

Nothing listens on the network. The socket lies in a private folder with an unguessable name under the temp
folder, because a socket's path may have 107 bytes at most (unix(7)) and a home's path may be any length. The
only role that can log in is `dramatis`, by password (scram); the superuser is reached in single-user mode
alone.
"""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil
import psycopg

from mam.embedded.account import account_for, postgres_programs
from mam.embedded.home import EmbeddedError, cannot_use, make_home, write_private
from mam.embedded.processes import die_with_parent, end_postgres

ROLE = DATABASE = "dramatis"
MAJOR_VERSION = "18"
_SOCKET_PATH_BYTES = 107  # sun_path of unix(7), less its closing zero
_SOCKET_NAME = ".s.PGSQL.5432"
_NEEDED_BYTES = 300 * 2**20
"""A new data folder takes 40 MB, its first write-ahead log files up to 100 MB more."""
_HBA = f"local all {ROLE} scram-sha-256\n"


class PostgresError(EmbeddedError):
    """The embedded Postgres cannot serve; the text says why and what to do. Stored data is untouched."""


class AlreadyRunning(PostgresError):
    """Another live process runs the server of this home."""


class EmbeddedPostgres:
    """The server of one home. One process at a time may run it; any number may connect by `dsn()`.

    settings: Postgres settings that go before our own (tests switch fsync off).
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.absolute()
        self.data = self.home / "postgres"
        self.log = self.home / "logs" / "postgres.log"
        self._settings = _settings_for_this_machine() | dict(settings or {})
        self._access_file = self.home / "postgres.json"
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self) -> str:
        """The libpq URL by which the site connects; no server need run, and an absent home is made.

        Raises EmbeddedError where the home belongs to somebody else or cannot be written.
        """
        access = self._access()
        return f"postgresql://{ROLE}:{access['password']}@/{DATABASE}?host={quote(access['socket'], safe='')}"

    @property
    def pid(self) -> int | None:
        """The postmaster that this object started, while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, waiting: Callable[[float], None] = lambda seconds: None) -> None:
        """Start the server and return when it answers a login; again after it died is fine.

        waiting(seconds) is called while there is no answer yet, several times a second: crash recovery of
        much data takes minutes. What it raises ends the attempt.

        Raises AlreadyRunning where another process runs this home's server, PostgresError where none can
        start.
        """
        self._own()
        try:
            end_postgres(self.data)  # a server that outlived its starter, or backends that outlive the server
            if not self.data.exists():
                self._create()
            if (version := (self.data / "PG_VERSION").read_text().strip()) != MAJOR_VERSION:
                raise PostgresError(
                    f"{self.data} was written by Postgres {version}, this is Postgres {MAJOR_VERSION}: "
                    "choose another DRAMATIS_HOME, or move the data with that version's pg_dump."
                )
            self._launch(waiting)
        except OSError as error:
            self.stop()
            raise cannot_use(self.home, error) from error
        except BaseException:
            self.stop()
            raise

    def stop(self, *, patience_s: float = 60.0) -> None:
        """Shut the server down, disconnecting its clients and flushing its data, and let others run it."""
        if self._lock is None:
            return
        try:
            end_postgres(self.data, patience_s=patience_s)
            if self._process:
                self._process.wait()
                self._process = None
            shutil.rmtree(self._access()["socket"], ignore_errors=True)
        finally:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def _access(self) -> dict[str, str]:
        make_home(self.home)
        try:
            if not self._access_file.exists():
                made = {"password": secrets.token_urlsafe(32), "socket": _new_socket_folder()}
                write_private(self._access_file, json.dumps(made), once=True)
            access: dict[str, str] = json.loads(self._access_file.read_text())
        except OSError as error:
            raise cannot_use(self.home, error) from error
        return access

    def _own(self) -> None:
        if self._lock is not None:
            return
        self._access()
        lock = (self.home / "postgres.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise AlreadyRunning(
                f"Dramatis is already running in {self.home} (process {owner}): use that one, stop it, or "
                "choose another DRAMATIS_HOME."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _create(self) -> None:
        """Make the data folder, under another name first: an interrupted attempt leaves nothing half-made."""
        free = shutil.disk_usage(self.home).free
        if free < _NEEDED_BYTES:
            raise PostgresError(
                f"Only {free // 2**20} MB are free in {self.home}, a database needs "
                f"{_NEEDED_BYTES // 2**20} MB: make room, or choose another DRAMATIS_HOME."
            )
        new = self.home / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if account := account_for(self.data):
            os.chown(new, account.uid, account.gid)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run(new, "initdb", "--username=postgres", "--auth=reject", "--no-instructions", *locale)
        (new / "pg_hba.conf").write_text(_HBA)
        bootstrap = (  # a line is a statement in single-user mode
            "CREATE EXTENSION vector;\n"  # in template1, so in every database made later
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self._access()['password']}';\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n"
        )
        self._run(new, "postgres", "--single", "-c", "exit_on_error=on", "template1", typed=bootstrap)
        new.rename(self.data)

    def _run(self, data: Path, program: str, *arguments: str, typed: str = "") -> None:
        """Run a program that ends by itself; `typed` is its standard input."""
        pipe = subprocess.PIPE
        process = self._spawn(data, program, *arguments, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
        said, _ = process.communicate(typed.encode())
        if process.returncode:
            reason = _last_line(said.decode(errors="replace"))
            raise PostgresError(f"Postgres could not be set up in {self.home}: {reason}")

    def _spawn(
        self, data: Path, program: str, *arguments: str, stdin: int, stdout: int, stderr: int
    ) -> subprocess.Popen[bytes]:
        """Start a program that works in the folder `data`, as its owner; it ends when we do."""
        account = account_for(data)
        where = "/proc/self/cwd" if account else str(data)  # see mam.embedded.account
        return subprocess.Popen(
            [str(postgres_programs(account) / program), *arguments],
            cwd=data,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "PGDATA": where},
            umask=0o077,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor, who shuts down in order
            preexec_fn=die_with_parent(signal.SIGINT),
            **(account.identity() if account else {}),
        )

    def _launch(self, waiting: Callable[[float], None]) -> None:
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # nobody works here, whatever number it holds
        structural = {
            "listen_addresses": "",
            "unix_socket_directories": self._socket_folder(),
            "unix_socket_permissions": "0700",
        }
        options = [f"--{name}={value}" for name, value in (self._settings | structural).items()]
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        with self.log.open("ab") as log:
            began_at = log.tell()
            self._process = self._spawn(
                self.data,
                "postgres",
                *options,
                stdin=subprocess.DEVNULL,
                stdout=log.fileno(),
                stderr=log.fileno(),
            )
        began = time.monotonic()
        while not self._answers():
            if self._process.poll() is not None:
                reason = _last_line(self.log.read_bytes()[began_at:].decode(errors="replace"))
                raise PostgresError(f"Postgres did not start: {reason} (more in {self.log})")
            waiting(time.monotonic() - began)
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Whether a login by password works: neither a process nor a socket says that the server is ready."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                return False
            raise PostgresError(
                f"{self._access_file} does not hold the password of the data in {self.data}: put the file "
                "back that belongs to it, or choose another DRAMATIS_HOME."
            ) from error
        return True

    def _socket_folder(self) -> str:
        """The socket's folder: another one where the last is not safely ours or serves a copy of this
        home."""
        account = account_for(self.data)
        access = self._access()
        for folder in (Path(access["socket"]), Path(_new_socket_folder())):
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
                if account and folder.lstat().st_uid == 0:
                    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
                status = folder.lstat()
            except OSError:
                continue
            owned = status.st_uid == (account.uid if account else os.geteuid())
            private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
            if owned and private and not _somebody_listens(folder / _SOCKET_NAME):
                if str(folder) != access["socket"]:
                    write_private(self._access_file, json.dumps(access | {"socket": str(folder)}))
                return str(folder)
        raise PostgresError(
            f"Postgres cannot make a socket in {tempfile.gettempdir()}: make that folder writable."
        )


def _new_socket_folder() -> str:
    """A name nobody can guess, under the temp folder; under /tmp where that one's path does not serve."""
    name = f"dramatis-{secrets.token_hex(8)}"
    path = f"{tempfile.gettempdir()}/{name}"
    short = len(os.fsencode(f"{path}/{_SOCKET_NAME}")) <= _SOCKET_PATH_BYTES
    plain = not set(path) & set(" ,\"'\\")  # Postgres and pgmq read lists in which these have a meaning
    reachable = os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in Path(path).parents)
    return path if short and plain and reachable else f"/tmp/{name}"  # noqa: S108 - nobody can guess the name


def _somebody_listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _settings_for_this_machine() -> dict[str, str]:
    """Postgres settings for a machine that does other things too."""
    memory_mb = psutil.virtual_memory().total // 2**20
    settings = {
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory_mb // 16, 64), 1024)}MB",
        "effective_cache_size": f"{memory_mb // 4}MB",
        "maintenance_work_mem": f"{min(max(memory_mb // 16, 64), 512)}MB",
        "work_mem": "16MB",
        "random_page_cost": "1.1",
        "cluster_name": ROLE,
        "log_line_prefix": "%m [%p] ",
    }
    shared = Path("/dev/shm")  # noqa: S108 - its size is read, nothing is put there by us
    if shared.is_dir() and shutil.disk_usage(shared).total < 512 * 2**20:
        settings["dynamic_shared_memory_type"] = "mmap"  # a container's 64 MB would fail parallel queries
    return settings


def _last_line(text: str) -> str:
    """The line that says what went wrong: the last error, else the last line at all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it said nothing"]
    grave = ("FATAL:", "PANIC:", "ERROR:", "error:")
    return ([line for line in lines if any(word in line for word in grave)] or lines)[-1]
