"""Redis and RabbitMQ as others run them: real servers, each in a folder of its own and on this machine's ports alone.

BROKERS             by name, what makes one
needs(name)         a mark that skips, and says why, where Debian's package is not installed
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from kombu import Connection

from mam.embedded.processes import die_with_parent

_PATIENCE_S = 60


class Broker(ABC):
    """A server that can be killed and started again. It ends with the thread that started it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._errors: tuple[type[BaseException], ...] = Connection(self.url).connection_errors
        folder.mkdir()

    @property
    @abstractmethod
    def url(self) -> str:
        """CELERY_BROKER_URL."""

    @abstractmethod
    def _launch(self) -> None: ...

    @property
    def pid(self) -> int:
        """Of the server, which leads a process group of its own."""
        return self._processes[-1].pid

    def start(self) -> None:
        """Return when it answers a client."""
        self._launch()
        deadline = time.monotonic() + _PATIENCE_S
        while not self._answers():
            assert self._processes[-1].poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, f"no answer at {self.url}"
            time.sleep(0.1)

    def kill(self) -> None:
        """-9, and everything that it started."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.kill()

    def _spawn(self, command: Sequence[str | Path], **environment: str) -> None:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        self._processes.append(process)

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=5) as connection:
                connection.connect()
                return bool(connection.connected)
        except self._errors:
            return False


class Redis(Broker):
    """It writes nothing to disk, so that a kill loses every message."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> None:
        here = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder)
        self._spawn(["redis-server", *here, "--save", "", "--appendonly", "no"])


class RabbitMQ(Broker):
    """With an epmd, where Erlang's nodes find each other, of its own; as whatever user we are."""

    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    """Debian's command in the path runs as its own account and in its own folders only; this is what it calls."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._epmd_port, self._node_port = _free_port(), _free_port()
        (folder / "enabled_plugins").write_text("[].")

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def _launch(self) -> None:
        # our own, since the one that Erlang would start stays behind for ever
        self._spawn(["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"])
        self._spawn(
            [self.program],
            ERL_EPMD_PORT=str(self._epmd_port),
            ERL_EPMD_ADDRESS="127.0.0.1",
            RABBITMQ_NODENAME="dramatis@localhost",
            RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
            RABBITMQ_NODE_PORT=str(self.port),
            RABBITMQ_DIST_PORT=str(self._node_port),
            RABBITMQ_MNESIA_BASE=str(self.folder / "mnesia"),
            RABBITMQ_LOGS="-",
            RABBITMQ_PID_FILE=str(self.folder / "pid"),
            RABBITMQ_CONF_ENV_FILE=os.devnull,
            RABBITMQ_CONFIG_FILE=str(self.folder / "rabbitmq"),
            RABBITMQ_ENABLED_PLUGINS_FILE=str(self.folder / "enabled_plugins"),
            RUNNING_UNDER_SYSTEMD="true",  # be the server, no shell that waits for it
        )


BROKERS: dict[str, type[Broker]] = {"redis": Redis, "rabbitmq": RabbitMQ}


def needs(name: str) -> pytest.MarkDecorator:
    """Skips where the server is not installed."""
    there = {"redis": shutil.which("redis-server"), "rabbitmq": RabbitMQ.program.exists()}[name]
    return pytest.mark.skipif(
        not there, reason=f"NO {name.upper()} HERE, so it is not tested: apt-get install {name}-server"
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
