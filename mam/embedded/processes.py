"""Child processes that never outlive us, and finding those of a Postgres that did."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from mam.embedded.home import EmbeddedError

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `with_signal` to the child when its parent dies, by kill -9 too.

    It watches the thread that started the child, so call Popen from one that lives as long as we do.
    Only Linux knows this; elsewhere the answer is None, and the next start clears what was left over.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and here
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_the_kernel


def postgres_processes(data: Path) -> list[psutil.Process]:
    """Every live Postgres process that works in the folder `data`, postmaster and backends alike.

    A Postgres process never leaves its data folder, so this tells a server of ours from a stranger that got
    the number written in a stale postmaster.pid.
    """
    folder = str(data.resolve())
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith("postgres") and process.cwd() == folder:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def end_postgres(data: Path, *, patience_s: float = 60.0) -> None:
    """Stop every Postgres process that works in `data`: a fast shutdown first, kill -9 in the end.

    Backends whose postmaster was killed leave by themselves, usually at once.
    """
    for ask, patience in ((signal.SIGINT, patience_s), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        running = postgres_processes(data)
        family = {process.pid for process in running}
        for process in running:
            if ask == signal.SIGKILL or _parent(process) not in family:
                _send(process, ask)
        if not psutil.wait_procs(running, timeout=patience)[1]:
            return
    if postgres_processes(data):
        raise EmbeddedError(f"A Postgres that works in {data} cannot be stopped; end it, then try again.")


def _parent(process: psutil.Process) -> int | None:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return None


def _send(process: psutil.Process, what: signal.Signals) -> None:
    try:
        process.send_signal(what)
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied as error:
        raise EmbeddedError(
            f"A Postgres of another user is using the same folder (process {process.pid}); "
            "stop it there, or choose another DRAMATIS_HOME."
        ) from error
