"""Functions that read media, run in a process apart: what crashes, hangs or bloats a decoder takes no worker with it.

`call` and `each` run an importable function in a child process, which is kept for the next call while it stays slim.
The child is a fresh interpreter, never a fork: networks have threads, and connections to databases two ends. It opens
no file that it is lent but asks for its bytes, so storage of any kind serves it and its errors are raised here. It
guards against accidents; it is no sandbox, and what it sends is unpickled.

Weighed: Celery's time limits (a scan's length has no bound, its silence has one); multiprocessing's and concurrent's
pools (they import the main module again, and break whole when a child dies); pebble (no streams, no memory limit).
"""

import contextlib
import ctypes
import io
import itertools
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import psutil

from faces.vision.errors import DecoderLost, VisionError

T = TypeVar("T")

PATIENCE_S = 60.0
"""How long the child may show no sign of life: progress that it reports, or bytes that it never asked for before."""
MOST_BYTES = min(3 * 2**30, psutil.virtual_memory().total // 2)
"""Memory at which it is stopped. 8K with its reference frames takes less than half of 3 GB, all else far less."""
KEPT_BYTES = 500 * 2**20
"""A child larger than this after its work is not kept for the next."""

_START_S, _END_S = 60.0, 5.0
_LOOK_EVERY_S = 0.25
_REPORT_EVERY_S = 0.1
_BLOCK = 2**20
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_READ, _ITEM, _PROGRESS, _RAISED, _BROKE, _DONE = range(6)
_START = (
    "import sys; sys.path[:] = sys.argv[2:]; from faces.vision.apart import serve; serve(int(sys.argv[1]))"
)


class Broke(Exception):
    """The function raised what it never should; the message is the child's traceback."""


def call(
    function: Callable[..., T],
    *arguments: Any,
    on_progress: Callable[[int], None] | None = None,
    **named: Any,
) -> T:
    """What function(*arguments, **named, on_progress=…) returns. All as in `each`."""
    answers = _run(function, arguments, named, on_progress)
    with contextlib.closing(answers):
        (answer,) = answers
    return cast(T, answer)


def each(
    function: Callable[..., Iterator[T]],
    *arguments: Any,
    on_progress: Callable[[int], None] | None = None,
    **named: Any,
) -> Generator[T, None, None]:
    """What function(*arguments, **named, on_progress=…) yields, each as soon as it is there.

    Function and arguments are importable or picklable; open binary files among them are lent. on_progress is called
    here with the position last reported, in ms, several times a second, news or not; what it raises ends the child.
    Raises the function's VisionErrors, DecoderLost, and Broke.
    """
    return _run(function, arguments, named, on_progress)


def _run(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    on_progress: Callable[[int], None] | None,
) -> Generator[Any, None, None]:
    child = _take()
    try:
        yield from child.run((function, arguments, named), on_progress or (lambda _: None))
    finally:
        _keep(child)


# One child waits for this process's next call. More are started where several threads call at once.
_waiting: "list[_Child]" = []
os.register_at_fork(after_in_child=lambda: _waiting.clear())


def _take() -> "_Child":
    with contextlib.suppress(IndexError):
        child = _waiting.pop()
        if child.fit():
            return child
        child.end()
    return _Child()


def _keep(child: "_Child") -> None:
    if child.fit() and not _waiting:
        _waiting.append(child)
    else:
        child.end()


class _Child:
    """The process apart, seen from here."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), *sys.path],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        self._owner = os.getpid()
        self._connection: Connection[Any, Any] = Connection(ours.detach())
        self._memory = psutil.Process(self._process.pid)
        self._idle = True
        self._alive = self._looked = 0.0

    def __del__(self) -> None:
        self.end()

    def fit(self) -> bool:
        """Whether it can be given work."""
        return self._idle and self._process.poll() is None and self._bytes() <= KEPT_BYTES

    def end(self) -> None:
        """Be rid of it, whatever it does."""
        self._connection.close()
        if self._owner == os.getpid() and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def run(self, job: Any, on_progress: Callable[[int], None]) -> Generator[Any, None, None]:
        """What the job yields, or the one thing that it returns."""
        content, lent, name = _packed(job)
        seen: set[tuple[int, int]] = set()
        position_ms = 0
        self._idle = False
        self._alive = time.monotonic() + _START_S  # until it says that it begins
        with self._connected(name):
            self._connection.send_bytes(content)
        while True:
            while not self._heard(name) or self._look_due():
                self._look(name)
                on_progress(position_ms)
            with self._connected(name):
                what, *said = self._connection.recv()
            if what == _READ:
                number, at, length = said
                if (number, at // _BLOCK) not in seen:
                    seen.add((number, at // _BLOCK))
                    self._alive = time.monotonic()
                lent[number].seek(at)
                answer = lent[number].read(length)
                with self._connected(name):
                    self._connection.send_bytes(answer)
            elif what == _PROGRESS:
                (position_ms,) = said
                self._alive = time.monotonic()
            elif what == _ITEM:
                yield said[0]
                self._alive = time.monotonic()  # what the caller did meanwhile took the caller's time
            else:
                self._idle = True
                if what == _RAISED:
                    raise said[0]
                if what == _BROKE:
                    raise Broke(said[0])
                return

    @contextlib.contextmanager
    def _connected(self, name: str) -> Iterator[None]:
        """Raises DecoderLost where the connection, and nothing else, turns out to have ended."""
        try:
            yield
        except (EOFError, ConnectionError) as gone:
            try:
                status = self._process.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                status = self._process.wait()
            raise DecoderLost(_verdict(name, f"made the decoder {_end_of(status)}")) from gone

    def _heard(self, name: str) -> bool:
        with self._connected(name):
            return self._connection.poll(_LOOK_EVERY_S)

    def _look_due(self) -> bool:
        return time.monotonic() - self._looked >= _LOOK_EVERY_S

    def _look(self, name: str) -> None:
        """See whether it is well. Raises DecoderLost."""
        self._looked = time.monotonic()
        if self._looked - self._alive > PATIENCE_S:
            raise DecoderLost(
                _verdict(name, f"held the decoder up for {PATIENCE_S:.0f} s without any progress")
            )
        if self._bytes() > MOST_BYTES:
            raise DecoderLost(
                _verdict(name, f"made the decoder take more than {MOST_BYTES / 2**30:.1f} GB of memory")
            )

    def _bytes(self) -> int:
        """Its own memory; libraries, of which CUDA has gigabytes, are files that the system may drop."""
        try:
            memory = self._memory.memory_info()
            return int(memory.rss - getattr(memory, "shared", 0))
        except psutil.Error:  # it has ended, which its connection tells
            return 0


def _packed(job: Any) -> tuple[bytes, list[BinaryIO], str]:
    """A job as bytes, the files that it lends, and what the user calls the first of them, or of its paths."""
    lent: list[BinaryIO] = []

    class Packer(pickle.Pickler):
        def persistent_id(self, one: Any) -> tuple[int, int, str] | None:
            if not (hasattr(one, "read") and hasattr(one, "seek")):
                return None
            lent.append(one)
            one.seek(0, io.SEEK_END)
            return len(lent) - 1, one.tell(), _name(one)

    content = io.BytesIO()
    Packer(content).dump(job)
    names = (_name(one) for one in itertools.chain(lent, job[1]) if _name(one))
    return content.getvalue(), lent, next(names, "The file")


def _name(source: Any) -> str:
    name = source if isinstance(source, Path) else getattr(source, "name", None)
    return Path(name).name if isinstance(name, str | Path) else ""


def _verdict(name: str, what: str) -> str:
    return (
        f"{name} {what}. The file was left as it is, what was found in it is kept, and other files "
        "go on. Check that it plays elsewhere, then export it again or convert it, to H.264 in MP4 say."
    )


def _end_of(status: int) -> str:
    try:
        return f"crash ({signal.Signals(-status).name})" if status < 0 else f"end (exit status {status})"
    except ValueError:
        return f"crash (signal {-status})"


def serve(connection: int) -> None:
    """The child's life: one job after another from the socket of that number, until the other end is gone."""
    _behave()
    parent: Connection[Any, Any] = Connection(connection)
    with contextlib.suppress(EOFError, OSError):
        while True:
            _work(parent, parent.recv_bytes())


def _behave() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        with contextlib.suppress(OSError):  # a kernel short of memory takes this process before any other
            Path("/proc/self/oom_score_adj").write_text("1000")


def _work(parent: "Connection[Any, Any]", content: bytes) -> None:
    reported = 0.0

    def on_progress(position_ms: int) -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_EVERY_S:
            reported = time.monotonic()
            parent.send((_PROGRESS, position_ms))

    class Unpacker(pickle.Unpickler):
        def persistent_load(self, lent: tuple[int, int, str]) -> BinaryIO:
            return io.BufferedReader(_Lent(parent, *lent), _BLOCK // 4)

    try:
        function, arguments, named = Unpacker(io.BytesIO(content)).load()
        parent.send((_PROGRESS, 0))
        answer = function(*arguments, **named, on_progress=on_progress)
        for item in answer if isinstance(answer, Iterator) else (answer,):
            parent.send((_ITEM, item))
    except VisionError as error:
        parent.send((_RAISED, error))
    except Exception:  # noqa: BLE001  the child serves the next job whatever this one came to
        parent.send((_BROKE, traceback.format_exc()))
    else:
        parent.send((_DONE,))


class _Lent(io.RawIOBase):
    """A file of the parent's."""

    def __init__(self, parent: "Connection[Any, Any]", number: int, size: int, name: str) -> None:
        self._parent, self._number, self._size, self._at = parent, number, size, 0
        self.name = name or "The file"

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        self._parent.send((_READ, self._number, self._at, length))
        content = self._parent.recv_bytes()
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at
