"""What others scan videos with, each in an environment of its own: Dramatis depends on none of it.

An environment is made when first asked for, from a lock file beside this one that pins every package by hash, and kept.
A peer is a program that is run there and answers in JSON: see `frames.py`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[2]
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class PeerUnavailable(Exception):
    """The peer cannot be measured on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program of this package and the lock file of the environment that it is run in."""

    program: str
    lock: str

    def environment(self, folder: Path) -> Path:
        """Where under the folder its environment lies, or would lie. It is whole once it holds a file `complete`."""
        lock = _HERE / self.lock
        key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
        return folder.absolute() / f"{lock.stem}-{key}"

    def python(self, folder: Path) -> Path:
        """The interpreter of its environment, which is made first where there is none. Raises PeerUnavailable."""
        made = self.environment(folder)
        python = made / "bin" / "python"
        if not (made / "complete").is_file():
            shutil.rmtree(made, ignore_errors=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            _done([sys.executable, "-m", "venv", str(made)])
            _done([*pip, "--require-hashes", "-r", str(_HERE / self.lock)])
            (made / "complete").touch()
        return python

    def look(
        self,
        video: Path,
        folder: Path,
        *,
        people: Path | None,
        every_ms: int,
        detector: Path,
        embedder: Path,
        template: list[list[float]],
    ) -> dict[str, Any]:
        """What the program answers: see `frames.look`. Raises PeerUnavailable."""
        files = [str(video.absolute()), "--detector", str(detector), "--embedder", str(embedder)]
        known = ["--people", str(people.absolute())] if people is not None else []
        program = [str(self.python(folder)), "-m", f"{__name__}.{self.program}"]
        options = ["--every-ms", str(every_ms), "--template", json.dumps(template)]
        return dict(json.loads(_done([*program, *files, *known, *options])))


YUNET = "OpenCV's YuNet, dlib"
PEERS = {
    "dlib's detector, face_recognition": Peer("by_face_recognition", "dlib.lock"),
    "MTCNN, our embedder": Peer("by_mtcnn", "mtcnn.lock"),
    YUNET: Peer("by_yunet", "dlib.lock"),
}


def _done(command: list[str]) -> str:
    settings = [f"{name}={value}" for name, value in (_ONE_THREAD | {"PYTHONPATH": str(_ROOT)}).items()]
    done = subprocess.run(["env", *settings, *command], capture_output=True, text=True, cwd="/")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [
            f"it ended with {done.returncode}"
        ]
        raise PeerUnavailable(said[-1].strip())
    return done.stdout
