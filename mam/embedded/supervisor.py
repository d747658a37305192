"""Keeps a handful of programs running, and takes every one of them along when it ends."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mam.embedded.processes import die_with_parent

_LOG_BYTES = 10 * 2**20
"""A log is moved to `….log.1` at this size; that one's predecessor goes."""
_LONGEST_PAUSE_S = 30.0
_HEALTHY_S = 60.0
"""A program that ran this long is started again at once, and its earlier failures are forgotten."""


@dataclass(slots=True)
class Program:
    """One child process, started again with a growing pause whenever it ends.

    once: it has a task to finish; exit status 0 ends it for good, and the user sees what it said.
    stop_signal: asks it to end soon, cutting its work short.
    """

    name: str
    command: Sequence[str]
    log: Path
    once: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    pass_fds: tuple[int, ...] = ()
    failures: int = field(default=0, init=False)
    done: bool = field(default=False, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _due: float = field(default=0.0, init=False)
    _log_start: int = field(default=0, init=False)

    def said(self) -> list[str]:
        """What it wrote since it was last started, by lines; of much, the end."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - 4096))
            return [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]

    def last_words(self) -> str:
        """The last line that it wrote."""
        return (self.said() or ["it said nothing"])[-1]

    def tend(self, directory: Path, say: Callable[[str], None]) -> None:
        """Start it where that is due; notice that it ended."""
        if self._process is None:
            if not self.done and time.monotonic() >= self._due:
                self._start(directory)
            return
        status = self._process.poll()
        if status is None:
            _rotate(self.log)
            return
        self.kill()  # what it started and left behind
        if self.once and status == 0:
            self.done = True
            for line in self.said():
                say(line)
            return
        ran_s = time.monotonic() - self._started
        self.failures = 1 if ran_s > _HEALTHY_S else self.failures + 1
        pause_s = min(2.0 ** (self.failures - 1), _LONGEST_PAUSE_S) if self.failures > 1 else 0.0
        self._due = time.monotonic() + pause_s
        how = f"signal {-status}" if status < 0 else f"exit status {status}: {self.last_words()}"
        again = f"in {pause_s:.0f} s" if pause_s else "now"
        if self.failures.bit_count() == 1:  # the 1st, 2nd, 4th, 8th… time: what goes on failing is old news
            say(f"{self.name} ended ({how})")
            say(f"  starting it again {again}; more in {self.log}")

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End it at once, and everything in its session that it started."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _start(self, directory: Path) -> None:
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        with self.log.open("ab") as log:  # appending, so that _rotate may cut it short under the writer
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                self.command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        self._started = time.monotonic()


def stop_all(programs: Sequence[Program], *, patience_s: float, hurry: Callable[[], bool]) -> None:
    """Ask all to stop; kill those that take longer than `patience_s`, or than the user likes: hurry()."""
    for program in programs:
        program.ask_to_stop()
    deadline = time.monotonic() + patience_s
    while not all(program.ended() for program in programs) and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
    for program in programs:
        program.kill()


def _rotate(log: Path) -> None:
    if log.stat().st_size > _LOG_BYTES:
        with contextlib.suppress(OSError):  # a full disk: what is old goes all the more
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
