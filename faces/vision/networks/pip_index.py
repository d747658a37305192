"""Finds an archive through the package index that pip is configured with, and reaches it as pip would.

Nothing is installed, built or run: all that comes out of here is where the archive lies.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

import requests
from packaging.utils import canonicalize_name
from pypi_simple import PYPI_SIMPLE_ENDPOINT, NoSuchProjectError, ProjectPage, PyPISimple
from pypi_simple.errors import UnsupportedContentTypeError, UnsupportedRepoVersionError

_SECTIONS = ("global", "install", "download", ":env:")
"""pip's configuration sections, the later one overruling the earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfig:
    """What pip's configuration says about reaching a package index.

    indexes: base URLs, http(s): or file:, credentials and all.
    find_links: further places with archives.
    cert, client_cert: a CA bundle and a client certificate. proxy: a proxy for everything.
    timeout_s: of one read.
    trusted_hosts: whose certificates are not asked for; our digests still are.
    """

    indexes: tuple[str, ...] = (PYPI_SIMPLE_ENDPOINT,)
    find_links: tuple[str, ...] = ()
    cert: str | None = None
    client_cert: str | None = None
    proxy: str | None = None
    timeout_s: float = 15.0
    trusted_hosts: tuple[str, ...] = ()

    @classmethod
    def read(cls) -> "PipConfig":
        """Ask pip itself, or where this Python has no pip, the PIP_… environment that it would read."""
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return cls.parse(asked.stdout)
        return cls._of({k[4:].lower().replace("_", "-"): v for k, v in os.environ.items() if k[:4] == "PIP_"})

    @classmethod
    def parse(cls, listing: str) -> "PipConfig":
        """Of the output of `pip config list`: lines of section.key='value'."""
        sections: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
        for line in listing.splitlines():
            name, equals, value = line.partition("=")
            section, dot, key = name.partition(".")
            if equals and dot and section in sections:
                sections[section][key] = str(ast.literal_eval(value))
        return cls._of({key: value for section in sections.values() for key, value in section.items()})

    @classmethod
    def _of(cls, said: Mapping[str, str]) -> "PipConfig":
        indexes = (said.get("index-url") or PYPI_SIMPLE_ENDPOINT, *said.get("extra-index-url", "").split())
        offline = said.get("no-index", "").lower() in ("1", "true", "yes", "on")
        return cls(
            indexes=() if offline else indexes,
            find_links=tuple(said.get("find-links", "").split()),
            cert=said.get("cert") or None,
            client_cert=said.get("client-cert") or None,
            proxy=said.get("proxy") or None,
            timeout_s=float(said.get("timeout") or said.get("default-timeout") or 15),
            trusted_hosts=tuple(said.get("trusted-host", "").split()),
        )

    def session(self) -> "requests.Session":
        """An HTTP session that trusts, presents and passes through what pip would."""
        return _Session(self)


class _Session(requests.Session):
    def __init__(self, config: PipConfig) -> None:
        super().__init__()
        self._trusted = config.trusted_hosts
        self.cert = config.client_cert
        if config.cert:
            self.verify = config.cert
        if config.proxy:
            self.proxies = {"http": config.proxy, "https": config.proxy}

    def merge_environment_settings(self, url, proxies, stream, verify, cert):  # type: ignore[no-untyped-def]  # as requests has it
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url if isinstance(url, str) else url.decode())
        if parts.hostname in self._trusted or parts.netloc.rpartition("@")[2] in self._trusted:
            settings["verify"] = False
        return settings


def archive_urls(
    project: str, archive: str, sha256: str, config: PipConfig, session: requests.Session
) -> Iterator[str]:
    """The places of an archive, best first: find-links folders, then the indexes in pip's order.

    Raises LookupError at the end, its message saying of each index why it was of no use. A place whose own
    digest contradicts `sha256` is left out.
    """
    problems: list[str] = []
    for place in config.find_links:
        folder = local_path(place) if place.startswith("file:") else Path(place).expanduser()
        if "://" not in place and (folder / archive).is_file():
            yield (folder / archive).resolve().as_uri()
    for index in config.indexes:
        try:
            page = _project_page(index, project, config, session)
        except (NoSuchProjectError, FileNotFoundError, NotADirectoryError):
            problems.append(f"{redacted(index)} does not know {project}")
            continue
        except (
            requests.RequestException,
            UnsupportedContentTypeError,
            UnsupportedRepoVersionError,
            OSError,
        ) as error:
            problems.append(f"{redacted(index)} does not answer: {reason(error)}")
            continue
        found = [package for package in page.packages if package.filename == archive]
        if not found:
            problems.append(f"{redacted(index)} has {project}, but not {archive}")
        for package in found:
            if package.digests.get("sha256", sha256) == sha256:
                yield _with_credentials(package.url, index)
            else:
                problems.append(f"{redacted(index)} has another {archive} than the one pinned")
    raise LookupError("; ".join(problems) or "pip is configured to ask no index")


def local_path(url: str) -> Path:
    """The path that a file: URL names."""
    return Path(url2pathname(urlsplit(url).path))


def redacted(url: str) -> str:
    """The URL without user name, password and query, fit to be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def reason(error: BaseException) -> str:
    """What went wrong, in a few words and without a URL's credentials."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refuses"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _project_page(index: str, project: str, config: PipConfig, session: requests.Session) -> ProjectPage:
    if not index.startswith("file:"):
        return PyPISimple(index, session=session).get_project_page(project, timeout=config.timeout_s)
    page = local_path(index) / canonicalize_name(project) / "index.html"
    return ProjectPage.from_html(project, page.read_bytes(), page.as_uri())


def _with_credentials(url: str, index: str) -> str:
    """Like pip, hand an index's credentials to the same host's archives, and to no other host."""
    parts, home = urlsplit(url), urlsplit(index)
    same = (parts.scheme, parts.hostname, parts.port) == (home.scheme, home.hostname, home.port)
    if same and parts.username is None and home.username is not None:
        return urlunsplit(parts._replace(netloc=home.netloc))
    return url
