"""What a user's URL names is fetched from the public internet, or from nowhere."""

import socket
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faces.fetching import Download, Limits, NotFetched, check_url, is_public, open_url, without_secrets
from faces.fetching import download as downloads
from tests.fetching.server import LOOPBACK, Handler, WebServer, certificate, file, redirect, web_server

LIMITS = Limits(most_bytes=10_000_000, within_s=60)
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server(file(CONTENT)) as served:
        yield served


def fetched(url: str, limits: Limits = LIMITS, **how: Any) -> tuple[Download, bytes]:
    with open_url(url, limits, allowed=LOOPBACK, **how) as download:
        return download, b"".join(download)


def refused(url: str, **how: Any) -> NotFetched:
    with pytest.raises(NotFetched) as error:
        fetched(url, **how)
    return error.value


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names resolve to these addresses, one answer after the other; the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if not any(letter.isalpha() for letter in host):  # an address, which is nobody's to resolve
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_file_comes_whole_with_what_the_server_says_of_it(server: WebServer) -> None:
    download, content = fetched(f"{server.url}/films/Evening%20news.mp4?sig=1")
    assert content == CONTENT
    assert (download.name, download.start, download.length, download.etag) == (
        "Evening news.mp4",
        0,
        len(CONTENT),
        '"one"',
    )
    assert server.asked[0][0] == "/films/Evening%20news.mp4?sig=1"
    assert server.asked[0][1]["Host"] == f"127.0.0.1:{server.port}"
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="news.mp4"', "news.mp4"),
        ("attachment; filename*=UTF-8''%C3%A5r.mp4", "år.mp4"),
        ("attachment; filename*=klingon''a.mp4", "a.mp4"),
        ("attachment", "x"),
    ],
)
def test_a_file_is_named_by_the_sender_or_by_its_path(server: WebServer, header: str, name: str) -> None:
    server.answer = file(CONTENT, Content_Disposition=header)
    assert fetched(f"{server.url}/x")[0].name == name


def test_what_broke_off_goes_on_where_it_stood(server: WebServer) -> None:
    server.answer = file(CONTENT, break_at=100_000)
    pieces: list[bytes] = []
    with open_url(server.url, LIMITS, allowed=LOOPBACK) as download, pytest.raises(NotFetched) as broke:
        pieces.extend(download)
    here = b"".join(pieces)
    assert broke.value.retryable
    assert 0 < len(here) <= 100_000
    server.answer = file(CONTENT)
    download, rest = fetched(server.url, start=len(here), etag=download.etag)
    assert (download.start, download.length) == (len(here), len(CONTENT))
    assert here + rest == CONTENT


def test_another_file_by_now_or_a_server_without_ranges_begins_anew(server: WebServer) -> None:
    server.answer = file(CONTENT, etag='"two"')
    download, content = fetched(server.url, start=1000, etag='"one"')
    assert (download.start, download.etag, content) == (0, '"two"', CONTENT)
    server.answer = file(CONTENT, ranges=False)
    assert fetched(server.url, start=1000, etag='"one"')[1] == CONTENT
    server.answer = file(CONTENT, etag="")
    download, content = fetched(server.url, start=1000)
    assert (download.start, download.etag, content) == (0, "", CONTENT)


def test_a_part_that_the_server_has_not_is_asked_for_from_the_beginning(server: WebServer) -> None:
    def no_such_part(request: Handler) -> None:
        if request.headers["Range"]:
            request.send_error(416)
        else:
            file(CONTENT)(request)

    server.answer = no_such_part
    assert fetched(server.url, start=10**9, etag='"one"')[1] == CONTENT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: WebServer, status: int) -> None:
    server.answer = lambda request: (
        redirect("/there.mp4?x=1", status) if request.path == "/here" else file(CONTENT)
    )(request)
    download, content = fetched(f"{server.url}/here")
    assert (download.name, content) == ("there.mp4", CONTENT)


def test_redirects_without_end_end(server: WebServer) -> None:
    server.answer = redirect("/again")
    assert refused(server.url).code == "fetch-refused"
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://0/"]
)
def test_a_redirect_into_the_network_here_is_refused(server: WebServer, to: str) -> None:
    server.answer = redirect(to)
    assert refused(server.url).code == "address-refused"


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://example.org/x", "gopher://example.org/"])
def test_a_redirect_to_what_is_no_web_is_refused(server: WebServer, to: str) -> None:
    server.answer = redirect(to)
    assert refused(server.url).code == "url-invalid"


def test_loopback_is_refused_where_nobody_allowed_it(server: WebServer) -> None:
    for url in (server.url, f"http://localhost:{server.port}/", f"http://0177.1:{server.port}/"):
        with pytest.raises(NotFetched) as error:
            open_url(url, LIMITS)
        assert (error.value.code, error.value.retryable) == ("address-refused", False)
    assert server.asked == []


def test_a_name_with_a_good_and_a_bad_address_is_refused(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["127.0.0.1", "10.0.0.1"])
    assert refused(f"http://films.test:{server.port}/").code == "address-refused"
    assert server.asked == []


def test_the_address_that_was_judged_is_the_one_that_is_asked(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that answers differently the second time, as whoever rebinds a name has it, is not asked again."""
    asked = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    assert fetched(f"http://films.test:{server.port}/x")[1] == CONTENT
    assert asked == ["films.test"]
    assert server.asked[0][1]["Host"] == f"films.test:{server.port}"


def test_no_port_but_those_of_web_servers_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["93.184.215.14"])
    assert refused("http://films.test:25/").code == "address-refused"


def test_the_environment_s_proxies_are_not_used(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetched(server.url)[1] == CONTENT


def test_a_login_goes_to_the_server_that_it_was_given_for_and_to_no_other(server: WebServer) -> None:
    with web_server(file(CONTENT)) as other:
        server.answer = lambda request: (
            redirect(f"{other.url}/x") if request.path == "/2" else redirect("/2")
        )(request)
        fetched(f"http://ada:s%C3%A9cret@127.0.0.1:{server.port}/1")
        assert [headers.get("Authorization") for _, headers in server.asked] == [
            "Basic YWRhOnPDqWNyZXQ=",
            "Basic YWRhOnPDqWNyZXQ=",
        ]
        assert "Authorization" not in other.asked[0][1]


def test_what_is_shown_of_a_url_holds_no_secret() -> None:
    url = "https://ada:secret@films.example:8443/a/b.mp4?signature=abc#part"
    assert without_secrets(url) == "https://films.example:8443/a/b.mp4"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "films/x.mp4",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://a b/",
        "http://a\\@b/",
        "http://a/\r\nX: y",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://a:99999/",
        "http://" + "a" * 9000,
        "//example.org/x",
        "http://-a/",
    ],
)
def test_what_is_no_url_is_said_at_once(url: str) -> None:
    with pytest.raises(NotFetched) as error:
        check_url(url)
    assert error.value.code == "url-invalid"


def test_names_and_paths_of_any_script_are_urls() -> None:
    check_url("https://bücher.example/ä/film.mp4?q=ø")


def test_a_certificate_is_good_for_the_name_not_for_the_address(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resolving(monkeypatch, ["127.0.0.1"])
    chain = certificate("films.test", tmp_path / "films.pem")
    with web_server(file(CONTENT), chain) as secure:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nobody"))
        assert "certificate" in str(refused(f"https://films.test:{secure.port}/"))
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        assert fetched(f"https://films.test:{secure.port}/")[1] == CONTENT
        assert "certificate" in str(refused(f"https://others.test:{secure.port}/"))
        secure.answer = redirect(server.url)
        assert "plain http" in str(refused(f"https://films.test:{secure.port}/"))
    assert server.asked == []


def test_more_than_the_limit_is_refused_whether_it_was_announced_or_not(server: WebServer) -> None:
    few = Limits(most_bytes=100_000, within_s=60)

    def without_a_length(request: Handler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(CONTENT)

    for answer in (file(CONTENT), without_a_length):
        server.answer = answer
        assert refused(server.url, limits=few).code == "too-large"


@pytest.mark.parametrize(
    ("status", "retryable"), [(404, False), (403, False), (500, True), (503, True), (429, True), (206, False)]
)
def test_a_server_that_gives_nothing_is_said_with_what_it_said(
    server: WebServer, status: int, retryable: bool
) -> None:
    server.answer = lambda request: request.send_error(status)
    error = refused(server.url)
    assert (error.code, error.retryable) == ("fetch-refused", retryable)
    assert str(status) in str(error)


def test_a_packed_answer_is_refused(server: WebServer) -> None:
    server.answer = file(CONTENT, Content_Encoding="gzip")
    assert refused(server.url).code == "fetch-refused"


def trickling_headers(request: Handler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        request.wfile.write(b"X")
        time.sleep(0.05)


def trickling_chunk(request: Handler) -> None:
    """A chunk whose length never ends: not one byte of the file comes."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        request.wfile.write(b"0")
        time.sleep(0.05)


def trickling_body(request: Handler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        request.wfile.write(b"X")
        time.sleep(0.05)


def silence(request: Handler) -> None:
    time.sleep(3)


@pytest.mark.parametrize("answer", [trickling_headers, trickling_chunk, trickling_body, silence])
def test_who_trickles_is_hung_up_on(
    server: WebServer, answer: Callable[[Handler], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_SILENCE_S", 0.5)
    monkeypatch.setattr(downloads, "_WINDOW_S", 0.5)
    server.answer = answer
    error = refused(server.url)
    assert (error.code, error.retryable) == ("fetch-failed", True)


def test_a_whole_download_has_its_time(server: WebServer) -> None:
    server.answer = trickling_body
    assert refused(server.url, limits=Limits(most_bytes=10**6, within_s=0.5, slowest_bytes_s=1)).retryable


NOT_PUBLIC = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        *(
            "::/128",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
            "2001:db8::/32",
            "fd00:ec2::254/128",
        ),
    )
]
EMBEDDING: list[Callable[[int], IPv6Address]] = [
    lambda v4: IPv6Address(v4),
    lambda v4: IPv6Address((0xFFFF << 32) | v4),
    lambda v4: IPv6Address((0x2002 << 112) | (v4 << 80) | 1),
    lambda v4: IPv6Address((0x0064FF9B << 96) | v4),
    lambda v4: IPv6Address((0x0064FF9B0001 << 80) | v4),
    lambda v4: IPv6Address((0x20010000 << 96) | (v4 ^ 0xFFFFFFFF)),
]
"""IPv4 inside of IPv6: compatible, mapped, 6to4, NAT64 of both kinds, Teredo."""


@given(st.data())
def test_no_address_of_a_network_that_is_not_the_internet_is_public(data: st.DataObject) -> None:
    network = data.draw(st.sampled_from(NOT_PUBLIC))
    first, last = int(network[0]), int(network[-1])
    kind = type(network[0])
    assert not is_public(kind(data.draw(st.integers(first, last))))


@given(st.integers(0, 2**32 - 1), st.sampled_from(EMBEDDING))
def test_no_ipv4_address_goes_by_way_of_an_ipv6_one(v4: int, embed: Callable[[int], IPv6Address]) -> None:
    assert not is_public(embed(v4))


@given(st.integers(0, 2**32 - 1))
def test_what_python_calls_global_and_no_more_is_public(v4: int) -> None:
    address = IPv4Address(v4)
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))
