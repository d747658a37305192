"""The whole site as users run it: `manage.py up` in a home of its own."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

from tests import material

PATIENCE_S = 120


class Site:
    """A running `manage.py up` and what it says."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.said: list[str] = []
        self.port = 0
        self._environment = environment
        self._password = environment.get("DRAMATIS_ADMIN_PASSWORD", "")
        self.process = start(home, "--port", "0", **environment)

    def hear(self, pattern: str) -> re.Match[str]:
        """Wait for a line like `pattern`."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"ended without saying {pattern!r}: {''.join(self.said)}")

    def ready(self) -> "Site":
        self.port = int(self.hear(r"^ready http://127\.0\.0\.1:(\d+)$")[1])
        return self

    def status(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        finally:
            connection.close()

    def api(self) -> "Api":
        """The REST API as the administrator, whose password was given, or said at the first start."""
        said = (found[1] for line in self.said if (found := re.search(r"password: (\S+)", line)))
        return Api(self.port).log_in(self._password or next(said))

    def manage(self, command: str, *arguments: str) -> str:
        """Run a management command beside it; what it says."""
        return subprocess.run(
            [sys.executable, "manage.py", command, *arguments],
            cwd=material.CHECKOUT,
            env=_environment(self.home, self._environment),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def processes(self) -> list[psutil.Process]:
        """Every process of this site."""
        return processes_of(self.home)

    def find(self, word: str) -> psutil.Process:
        """The first process with `word` in its command line."""
        return min(
            (each for each in self.processes() if word in each.cmdline()), key=lambda each: each.create_time()
        )


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process of a site: of its home by environment, or at work in its data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("DRAMATIS_HOME") == str(home)
            if ours or process.cwd() == str(home / "postgres"):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    elsewhere = ("DATABASE_URL", "CELERY_BROKER_URL")
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    weights = {"DRAMATIS_WEIGHTS": str(folder)} if (folder := material.weights_folder()) else {}
    return environment | {"DRAMATIS_HOME": str(home)} | weights | more


def start(home: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", *arguments],
        cwd=material.CHECKOUT,
        env=_environment(home, more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


class Api:
    """Calls of the REST API with a token. What is no success is an error of the test."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.headers["Connection"] = "close"

    def log_in(self, password: str) -> "Api":
        token = self.post("auth/token/", json={"username": "admin", "password": password}).json()["token"]
        self._session.headers["Authorization"] = f"Token {token}"
        return self

    def get(self, path: str, **query: Any) -> requests.Response:
        return self._checked("GET", path, params=query)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self._checked("POST", path, **body)

    def add(self, video: Path) -> str:
        """Upload a video, again where it is there; its id."""
        again = {"same_content": "true"}
        with video.open("rb") as content:
            return str(self.post("assets/", files={"file": (video.name, content)}, data=again).json()["id"])

    def call(
        self, method: str, path: str, headers: dict[str, str] | None = None, part: bytes = b""
    ) -> requests.Response:
        """One call of tus."""
        tus = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        answer = self._session.request(method, self.base + path, headers=tus | (headers or {}), data=part)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer

    def status(self, asset: str) -> str:
        return str(self.get(f"assets/{asset}/").json()["status"])

    def appearances(self, asset: str, form: str = "videobox") -> str:
        return self.get(f"assets/{asset}/appearances/", format=form).text

    def _checked(self, method: str, path: str, **how: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.base}/api/v1/{path}"
        answer = self._session.request(method, url, timeout=PATIENCE_S, **how)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer
