"""`manage.py up`: the whole site on one machine."""

import http.client
import os
import shutil
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from mam import patrol
from mam.embedded.administrator import USERNAME, ensure_administrator
from mam.embedded.home import EmbeddedError, cannot_use
from mam.embedded.postgres import EmbeddedPostgres
from mam.embedded.supervisor import Program, stop_all

_ADDRESS = "127.0.0.1"
_NEEDED_BYTES = 200 * 2**20
_PATIENCE_S = 2.5
"""For a request that is being answered. A scan is cut short: it goes on from its last chunk at the next start."""
_HOPELESS = 4
"""So many failures of the web server before it ever answered: the user must look."""


class _Stopped(Exception):
    """Ctrl-C or SIGTERM came while we were waiting."""


class Command(BaseCommand):
    help = "Run the database, the web server and the worker on this machine until Ctrl-C."
    requires_system_checks = ()  # absent weights, which a check reports, are fetched here

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default=settings.PORT, help="default: %(default)s, or PORT")

    def handle(self, *args: Any, port: str | int, **options: Any) -> None:
        if not str(port).isdecimal():
            raise CommandError(f"{port} is no port: PORT takes a number, such as PORT=8010 make run")
        self.stop_asked = threading.Event()
        self.hurry = threading.Event()
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, self._on_signal)
        self.postgres = None if settings.DATABASE_URL else EmbeddedPostgres(settings.HOME)
        self.postgres_failures, self.postgres_due = 0, 0.0
        self.programs: list[Program] = []
        try:
            _check_room(settings.HOME)
            self._start_postgres()
            with _listen(int(port)) as listener:
                self._prepare_database()
                self._run(listener)
        except _Stopped:
            pass
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except OSError as error:  # a log that cannot be written, say
            raise CommandError(str(cannot_use(settings.HOME, error))) from error
        finally:
            self._stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first asks to stop, the second to be quick about it."""
        if self.stop_asked.is_set():
            self.hurry.set()
        self.stop_asked.set()

    def _say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            pass  # the terminal is gone; what is running goes on

    def _start_postgres(self) -> None:
        announced_s = 5.0

        def waiting(seconds: float) -> None:
            nonlocal announced_s
            if self.stop_asked.is_set():
                raise _Stopped
            if seconds >= announced_s:
                self._say(
                    f"the database is getting ready, for {seconds:.0f} s now (recovering what was in flight)"
                )
                announced_s *= 2

        if self.postgres:
            self.postgres.start(waiting)
            if self.postgres.dsn() != settings.CONNINFO:  # the socket's folder could not be used any more
                self._stop()
                os.execv(sys.executable, (sys.executable, *sys.argv))  # noqa: S606 - ourselves, with new settings

    def _restart(self, postgres: EmbeddedPostgres) -> None:
        """What keeps it from starting may be over soon: a kill in the midst of its recovery, a full disk."""
        if time.monotonic() < self.postgres_due:
            return
        if not self.postgres_failures:
            self._say(f"the database ended; starting it again; more in {postgres.log}")
        try:
            self._start_postgres()
            self.postgres_failures = 0
        except EmbeddedError as error:
            self.postgres_failures += 1
            pause_s = min(2.0 ** (self.postgres_failures - 1), 30.0)
            self.postgres_due = time.monotonic() + pause_s
            if self.postgres_failures.bit_count() == 1:
                self._say(f"{error}; trying again in {pause_s:.0f} s")

    def _prepare_database(self) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
            if self.postgres:
                patrol.take_back()  # the database is ours alone, so no worker of an earlier run is left
            password = ensure_administrator(settings.ADMIN_PASSWORD)
        except DatabaseError as error:
            advice = "" if self.postgres else "; set DATABASE_URL to one that answers, or unset it"
            raise EmbeddedError(f"The database refuses: {' '.join(str(error).split())}{advice}") from error
        finally:
            connections.close_all()
        if password:
            self._say(f"administrator: {USERNAME}, password: {password}  (shown this once; keep it)")

    def _run(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        manage = (sys.executable, "manage.py")
        web = self._program(
            "web", *_WEB, "--bind", f"fd://{listener.fileno()}", pass_fds=(listener.fileno(),)
        )
        weights = self._program("weights", *manage, "faces_fetch_weights", once=True)
        worker = self._program("worker", *_WORKER, stop_signal=signal.SIGQUIT)
        self.programs = [web]
        ready = False
        terminal = _terminal()
        while not self.stop_asked.wait(0.2):
            if terminal is not None and _hung_up(terminal):
                return  # a make that leads the session keeps the signal to itself
            if self.postgres and self.postgres.pid is None:
                self._restart(self.postgres)
            for program in self.programs:
                program.tend(settings.BASE_DIR, self._say)
            if weights.done and worker not in self.programs:
                self.programs.append(worker)
            if not ready and (ready := _is_ready(port)):
                self._say(f"ready http://{_ADDRESS}:{port}")
                self.programs.append(
                    weights
                )  # now, lest it take the processor from those who wait for the page
            if not ready and web.failures >= _HOPELESS:
                raise EmbeddedError(f"The web server does not start: {web.last_words()} (more in {web.log})")

    def _program(self, name: str, *command: str, **how: Any) -> Program:
        return Program(name, command, settings.HOME / "logs" / f"{name}.log", **how)

    def _stop(self) -> None:
        stop_all(self.programs, patience_s=_PATIENCE_S, hurry=self.hurry.is_set)
        if self.postgres:
            self.postgres.stop(patience_s=0.5 if self.hurry.is_set() else 60.0)


_WEB = (
    *(sys.executable, "-m", "gunicorn", "mam.wsgi", "--no-control-socket"),
    *("--worker-class", "gthread", "--workers", "2", "--threads", "16", "--graceful-timeout", "2"),
    *("--keep-alive", "65"),  # browsers and clients reuse connections after pauses of seconds
)
_WORKER = (
    *(sys.executable, "-m", "celery", "--app", "mam", "worker", "--loglevel=INFO", "--pool", "prefork"),
    *(
        "--concurrency",
        str(max(2, (os.cpu_count() or 1) // 2)),
    ),  # a scan fills a core; short jobs need not wait
    # A message is but a hint, so taking many at once loses nothing, and spares waiting for each acknowledgement.
    *("--prefetch-multiplier", "16", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)


def _terminal() -> int | None:
    """The terminal that we were started from; None for services."""
    try:
        return os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return None


def _hung_up(terminal: int) -> bool:
    try:
        os.tcgetpgrp(terminal)
    except OSError:
        return True
    return False


def _check_room(home: Path) -> None:
    if (free := shutil.disk_usage(home).free) < _NEEDED_BYTES:
        raise EmbeddedError(
            f"Only {free // 2**20} MB are free in {home}, which is too little to go on safely: make room, or "
            "choose another DRAMATIS_HOME."
        )


def _listen(port: int) -> socket.socket:
    """The socket that the web server accepts from, held by us: it survives the web server's restarts."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_ADDRESS, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "no such port"
        raise EmbeddedError(
            f"Port {port} cannot be used ({reason}): stop the program that has it, or choose another port: "
            f"PORT={port + 1 if port < 65535 else 8000} make run"
        ) from error
    return listener


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(_ADDRESS, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
