import io
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from faces.vision import DecoderLost, MediaMissing, apart, poster, probe
from tests import poison
from tests.vision.tiny import pattern, write

CONTENT = bytes(range(256)) * 40_000


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write(tmp_path / "v.mp4", [(40 * i, pattern(i // 5)) for i in range(30)])


def children() -> set[psutil.Process]:
    """Those that read media for this process."""
    return {
        child for child in psutil.Process().children() if any("apart" in word for word in child.cmdline())
    }


def test_it_gives_what_the_function_gives(video: Path) -> None:
    assert apart.call(probe, video) == probe(video)
    with video.open("rb") as file:
        assert apart.call(probe, file) == probe(video)
        assert apart.call(poster, file, 600, width=80) == poster(video, 600, 80)


def test_a_file_is_lent_whatever_it_is() -> None:
    pieces = list(apart.each(poison.lines, io.BytesIO(CONTENT), 10_000))
    assert b"".join(reversed(pieces)) == CONTENT


def test_what_the_function_reports_is_told_here() -> None:
    told: list[int] = []
    assert list(apart.each(poison.lines, io.BytesIO(CONTENT), 10_000, on_progress=told.append))
    assert told == sorted(told, reverse=True)


def test_one_process_serves_one_call_after_another(video: Path) -> None:
    apart.call(probe, video)
    before = children()
    assert len(before) == 1
    with pytest.raises(MediaMissing, match=r"gone\.mp4"):
        apart.call(probe, video.with_name("gone.mp4"))
    with pytest.raises(apart.Broke, match="ZeroDivisionError"):
        apart.call(poison.stumble)
    apart.call(probe, video)
    assert children() == before


def test_several_threads_have_a_process_each(video: Path) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(apart.call(probe, video))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [probe(video)] * 2
    assert len(children()) <= 1


def test_errors_of_the_storage_are_raised_here() -> None:
    class Away(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError(104, "Connection reset by peer")

    with pytest.raises(ConnectionResetError, match="by peer"):
        apart.call(probe, Away(CONTENT))
    assert children() == set()


def test_a_chain_of_calls_that_is_left_early_leaves_no_process_behind() -> None:
    pieces = apart.each(poison.lines, io.BytesIO(CONTENT), 100)
    next(pieces)
    assert len(children()) == 1
    pieces.close()
    assert children() == set()


def stop(_: int) -> None:
    raise InterruptedError


def test_who_does_not_want_to_wait_ends_it() -> None:
    with pytest.raises(InterruptedError):
        apart.call(poison.hang, on_progress=stop)
    assert children() == set()


@pytest.mark.parametrize(
    ("strike", "said"),
    [
        (poison.crash, r"^v\.mp4 made the decoder crash \(SIGSEGV\)\. .*left as it is"),
        (poison.hang, r"^v\.mp4 held the decoder up for 1 s .*left as it is"),
        (poison.bloat, r"^v\.mp4 made the decoder take more than 0\.5 GB of memory\. .*left as it is"),
    ],
    ids=["crash", "hang", "bloat"],
)
def test_what_takes_the_process_down_is_an_error_and_the_next_file_is_read(
    strike: Callable[..., None], said: str, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 1.0 if strike is poison.hang else 60.0)
    monkeypatch.setattr(apart, "MOST_BYTES", 2**29)
    with pytest.raises(DecoderLost, match=said), video.open("rb") as file:
        apart.call(strike, file)
    assert children() == set()
    assert apart.call(probe, video) == probe(video)


def test_bytes_that_are_read_over_and_over_are_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 1.0)
    with pytest.raises(DecoderLost, match="without any progress"):
        apart.call(poison.circle, io.BytesIO(CONTENT))


def test_a_process_that_has_grown_is_not_kept(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "KEPT_BYTES", 1)
    apart.call(probe, video)
    assert children() == set()
