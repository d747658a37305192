"""Which server a URL means, and whether it may be asked: the one place that reads URLs and judges addresses."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, unquote, urljoin, urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

PORTS = {"http": frozenset((80, 8080)), "https": frozenset((443, 8443))}
"""Where web servers listen. Others are open only in networks that the site allows: a URL shall probe nobody's ports."""

_USUAL = {"http": 80, "https": 443}
_LONGEST_URL = 8000
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f.:]+")
_KEPT = "/?:@!$&'()*+,;=-._~%[]|"
"""Letters of a path or query that go out as they are; all others as UTF-8 in %XX."""

# IANA's registries of special-purpose addresses, as of 2025, and 168.63.129.16, where Azure's machines ask for secrets.
# Python's `is_global` changed from release to release, and calls 64:ff9b::/96, behind which lies any IPv4, global.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out; mapped and translated IPv4, private, link-local and multicast lie outside."""


class NotFetched(Exception):
    """What the URL names could not be had. The message is for the user and names no credentials.

    code: stable and machine-readable. retryable: the same may succeed later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code, self.retryable = code, retryable


@dataclass(frozen=True, slots=True)
class Target:
    """path: with the query, as it is sent. login: what Basic authentication sends, or None."""

    scheme: str
    host: str
    port: int
    path: str
    login: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """As the header Host has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL[self.scheme] else f"{host}:{self.port}"


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet, not to some network nearby, a protocol, or a cloud's inside."""
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


def check_url(url: str) -> None:
    """Raise NotFetched where it can be seen without asking anybody that this URL cannot be fetched."""
    target_of(url)


def without_secrets(url: str) -> str:
    """The URL to be shown and logged: no user, password, query (which may sign for somebody) or fragment."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "an unreadable URL"


def name_in(url: str) -> str:
    """The last part of the URL's path: a file name as somebody else calls it."""
    return unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")


def target_of(url: str) -> Target:
    """A URL as this module understands it. Raises NotFetched."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    unclear = len(url) > _LONGEST_URL or any(letter <= " " or letter in "\x7f\\" for letter in url)
    if unclear or parts.scheme not in PORTS or not _HOST.fullmatch(host):
        raise NotFetched(
            "url-invalid",
            "That is no address that can be fetched. Nothing was fetched; write it as https://example.org/film.mp4.",
        )
    login = None
    if parts.username is not None:
        given = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = base64.b64encode(given.encode(errors="replace")).decode()
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    path = f"{quote(parts.path, safe=_KEPT) or '/'}{query}"
    return Target(parts.scheme, host, _USUAL[parts.scheme] if port is None else port, path, login)


def judged(target: Target, allowed: Sequence[Network]) -> list[Address]:
    """The addresses of its host, asked for once. Raises NotFetched where one of them is not to be reached."""
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(ip_address(answer[4][0]) for answer in answers))
    except (OSError, ValueError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
            raise broken(target.host, "its name could not be looked up") from error
        raise NotFetched(
            "host-unknown",
            f"There is no server of the name {target.host}. Nothing was fetched; check the address.",
        ) from error
    strangers = [each for each in addresses if not any(each in network for network in allowed)]
    if not all(is_public(each) for each in strangers):
        raise NotFetched(
            "address-refused",
            f"{target.host} is not on the public internet, and this site fetches from nowhere else. Nothing was "
            "fetched; an administrator may allow its network.",
        )
    if strangers and target.port not in PORTS[target.scheme]:
        raise NotFetched(
            "address-refused",
            f"Port {target.port} of {target.host} is none where web servers usually listen. Nothing was fetched; an "
            "administrator may allow its network.",
        )
    return addresses


def redirected(url: str, target: Target, onward: str) -> tuple[str, Target]:
    """The next URL, and its target with the login only where it is for the same server. Raises NotFetched."""
    url = urljoin(url, onward)
    following = target_of(url)
    if target.scheme == "https" and following.scheme != "https":
        raise NotFetched(
            "fetch-refused",
            f"{target.host} leads from https to plain http, which anybody on the way could change. Nothing was "
            "fetched; if you trust that, give the plain address itself.",
        )
    return url, replace(following, login=target.login if following.origin == target.origin else None)


def broken(host: str, what: str) -> NotFetched:
    return NotFetched(
        "fetch-failed",
        f"The file could not be had from {host}: {what}. What is here already is untouched; try again later.",
        retryable=True,
    )
