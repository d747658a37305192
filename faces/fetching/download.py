"""One answer of a server that is not trusted: asked for, followed, bounded, read."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

import certifi
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from faces.fetching.places import (
    Address,
    Network,
    NotFetched,
    Target,
    broken,
    judged,
    name_in,
    redirected,
    target_of,
)

T = TypeVar("T")

_MOST_REDIRECTS = 5
_CONNECT_S, _SILENCE_S = 10.0, 30.0
_WINDOW_S = 30.0
"""Of waiting, over which an answer's speed is measured."""
_PIECE = 256 * 1024
_MOST_TRIED = 8
"""Addresses of one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """most_bytes: of the whole file. within_s: for one request, reading included; slowest_bytes_s: less is cut off."""

    most_bytes: int
    within_s: float
    slowest_bytes_s: float = 1000.0


def open_url(
    url: str, limits: Limits, *, allowed: Sequence[Network] = (), start: int = 0, etag: str = ""
) -> Download:
    """Ask for what the URL names; the answer is open and not read yet. A context manager.

    allowed: networks that may be reached though they are not public, at any port. start: the bytes that are here, of
    the file that had this strong `etag`; the answer's own `start` says where it begins, at 0 where the file is another
    by now or the server knows no ranges. Raises NotFetched.
    """
    target, resume = target_of(url), start if etag else 0
    for _ in range(_MOST_REDIRECTS + 1):
        answer = _Answer(target, limits, allowed, _headers(target, resume, etag))
        try:
            onward = answer.location
            if onward is None:
                download = Download.of(answer, limits, name_in(url), resume)
                if download is not None:
                    return download
                resume = 0  # the server has no such part; from the beginning then
            else:
                url, target = redirected(url, target, onward)
        except BaseException:
            answer.close()
            raise
        answer.close()
    raise NotFetched(
        "fetch-refused",
        f"{target.host} leads on and on: after {_MOST_REDIRECTS} redirects there was still no file. Nothing was "
        "fetched; give the address that the last one leads to.",
    )


class Download:
    """An answer to be read once, piece by piece.

    name: as the sender calls the file; not to be trusted. start: where in the file the first piece belongs. length: of
    the whole file in bytes, where the server says so. etag: a strong one, or empty.
    """

    def __init__(
        self, answer: _Answer, limits: Limits, *, name: str, start: int, length: int | None, etag: str
    ) -> None:
        self._answer, self._limits = answer, limits
        self.name, self.start, self.length, self.etag = name, start, length, etag

    @classmethod
    def of(cls, answer: _Answer, limits: Limits, name: str, resume: int) -> Download | None:
        """Of an answer that is no redirect; None where it does not answer to the part that was asked for."""
        headers, status, start = answer.headers, answer.status, 0
        said = headers.get("Content-Length", "")
        length = int(said) if re.fullmatch(r"\d{1,18}", said, re.ASCII) else None
        if resume and status in (206, 416):
            match = re.fullmatch(
                r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", headers.get("Content-Range", ""), re.ASCII
            )
            if status == 416 or match is None or int(match[1]) != resume:
                return None
            start, length = resume, None if match[2] == "*" else int(match[2])
        elif status != 200:
            raise _not_given(answer)
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise NotFetched(
                "fetch-refused", f"{answer.host} sends the file packed, unasked. Nothing was fetched."
            )
        if length is not None and length > limits.most_bytes:
            raise _too_large(limits)
        etag = headers.get("ETag", "")
        return cls(
            answer,
            limits,
            name=_disposition(headers.get("Content-Disposition", "")) or name,
            start=start,
            length=length,
            etag=etag if re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', etag) else "",
        )

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, as they come. Raises NotFetched where the answer breaks off, is too long or too slow."""
        at, waited, got = self.start, 0.0, 0
        while True:
            asked = time.monotonic()
            piece = self._answer.read()
            waited, got, at = waited + time.monotonic() - asked, got + len(piece), at + len(piece)
            if not piece:
                break
            if at > self._limits.most_bytes:
                raise _too_large(self._limits)
            yield piece
            if waited >= _WINDOW_S:
                if got < waited * self._limits.slowest_bytes_s:
                    raise broken(self._answer.host, "it sent next to nothing for a while")
                waited, got = 0.0, 0
        if self.length is not None and at != self.length:
            raise broken(self._answer.host, "it ended before the file did")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._answer.close()


class _Answer:
    """A connection to a judged address, and what came of one request. Every call on it ends in time.

    A socket's own time limit begins anew with each byte that trickles in, so a thread watches, and hangs up.
    """

    def __init__(
        self, target: Target, limits: Limits, allowed: Sequence[Network], headers: dict[str, str]
    ) -> None:
        self.host = target.host
        self._ends = time.monotonic() + limits.within_s
        self._deadline: float | None = None
        self._over = threading.Event()
        self._cut = False
        self._wire: Any = None
        """The socket; the connection forgets it once the answer has begun."""
        self._connection: HTTPConnection | None = None
        self._response: HTTPResponse | None = None
        threading.Thread(target=self._watch, name="fetch-watch", daemon=True).start()
        try:
            self._connection = self._connect(target, judged(target, allowed))
            response = self._response = self._in_time(lambda: self._ask(target, headers))
        except BaseException:
            self.close()
            raise
        self.status, self.headers = response.status, response.headers

    @property
    def location(self) -> str | None:
        """Where a redirect leads."""
        to = self.headers.get("Location") if self.status in (301, 302, 303, 307, 308) else None
        return _as_utf8(to) if to else None

    def read(self) -> bytes:
        """What has come, at least a byte; nothing at the end. Raises NotFetched."""
        response = self._response
        assert response is not None
        piece: bytes = self._in_time(lambda: response.read1(_PIECE))
        if self._cut:  # an answer that tells no length ends in silence
            raise broken(self.host, "it took too long")
        return piece

    def close(self) -> None:
        self._over.set()
        for open_end in (self._response, self._connection):
            if open_end is not None:
                open_end.close()

    def _connect(self, target: Target, addresses: Sequence[Address]) -> HTTPConnection:
        refused: Exception | None = None
        for address in addresses[:_MOST_TRIED]:
            connection: HTTPConnection
            if target.scheme == "https":
                context = (
                    ssl.create_default_context()
                )  # the machine's own authorities, an intranet's among them
                context.load_verify_locations(certifi.where())
                connection = HTTPSConnection(
                    str(address),
                    target.port,
                    timeout=_CONNECT_S,
                    ssl_context=context,
                    server_hostname=target.host,
                )
            else:
                connection = HTTPConnection(str(address), target.port, timeout=_CONNECT_S)
            try:
                connection.connect()
            except (HTTPError, OSError) as error:
                refused = error
                connection.close()
                continue
            connection.timeout = _SILENCE_S
            self._wire = connection.sock
            return connection
        why = "its certificate is not good" if isinstance(refused, ssl.SSLError) else "it takes no connection"
        raise broken(target.host, why) from refused

    def _ask(self, target: Target, headers: dict[str, str]) -> HTTPResponse:
        assert self._connection is not None
        self._connection.request(
            "GET", target.path, headers=headers, preload_content=False, decode_content=False
        )
        return self._connection.getresponse()

    def _in_time(self, call: Callable[[], T]) -> T:
        self._deadline = min(time.monotonic() + _SILENCE_S, self._ends)
        try:
            return call()
        except (HTTPError, OSError, ValueError) as error:
            what = "it took too long" if self._cut else "the connection broke off"
            raise broken(self.host, what) from error
        finally:
            self._deadline = None

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            deadline = self._deadline
            if deadline is not None and time.monotonic() >= deadline:
                self._cut = True
                with suppress(OSError):  # of TLS too only the wire, so that whoever reads from it notices
                    socket.socket.shutdown(self._wire, socket.SHUT_RDWR)
                return


def _headers(target: Target, resume: int, etag: str) -> dict[str, str]:
    headers = {
        "Host": target.authority,
        "User-Agent": "Dramatis",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    if target.login is not None:
        headers["Authorization"] = f"Basic {target.login}"
    if resume:
        headers |= {"Range": f"bytes={resume}-", "If-Range": etag}
    return headers


def _disposition(header: str) -> str:
    """The file name of a Content-Disposition."""
    message = Message()
    message["Content-Disposition"] = re.sub(r"\s", " ", _as_utf8(header))
    try:
        return message.get_filename("")
    except (ValueError, LookupError):  # a made-up character set
        return ""


def _as_utf8(header: str) -> str:
    """A header, which was read as Latin-1, with what most servers mean."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _not_given(answer: _Answer) -> NotFetched:
    status = answer.status
    phrase = next((f" {known.phrase}" for known in HTTPStatus if known == status), "")
    return NotFetched(
        "fetch-refused",
        f"{answer.host} answers {status}{phrase}, and gives no file. Nothing was fetched; check the address, or "
        "whether one has to log in there.",
        retryable=status in (408, 425, 429) or status >= 500,
    )


def _too_large(limits: Limits) -> NotFetched:
    return NotFetched(
        "too-large",
        f"The file has more than {limits.most_bytes:,} bytes, which this site does not take. Nothing was fetched.",
    )
