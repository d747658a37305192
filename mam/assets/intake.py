"""Files of this machine into the library, one by one: what there is, what is known, what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from django.core.files import File

from mam.assets import library
from mam.assets.models import Asset
from mam.assets.originals import address_of, lies_there, written

SUFFIXES = frozenset(
    [
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".mxf"),
        *(".wmv", ".flv", ".ogv", ".3gp"),
        *(".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".gif", ".tif", ".tiff"),
    ]
)


class NoSuchMedia(Exception):
    """A path that is neither a file nor a folder."""


class Outcome(Enum):
    ADDED = "added"
    KNOWN = "known from the same path"
    DUPLICATE = "already here"
    FOUND_AGAIN = "found again"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file, and the asset that it is; None where its path alone told."""

    outcome: Outcome
    asset: Asset | None = None

    def __str__(self) -> str:
        return f"{self.outcome.value} as “{self.asset.title}”" if self.asset else self.outcome.value


class Intake:
    """Takes files in, each once. What it knows it knows without reading: by path and size, in place also by time.

    in_place: originals stay where they are. again: take in also what the library has.
    """

    def __init__(self, *, in_place: bool = False, again: bool = False) -> None:
        self._in_place, self._again = in_place, again
        self._copied = set(Asset.objects.values_list("original_path", "size")) if not in_place else set()
        self._indexed = library.in_place()

    def take(self, file: Path, **about: Any) -> Taken:
        """about: what `library.add` takes, such as title and collection. Raises OSError; then nothing was added."""
        if not self._again and self._knows(file):
            return Taken(Outcome.KNOWN)
        try:
            if self._in_place:
                asset, new = library.add_in_place(file, same_content=self._again, **about)
                self._indexed[address_of(file)] = (asset.size, asset.modified)
                return Taken(Outcome.ADDED if new else Outcome.FOUND_AGAIN, asset)
            with file.open("rb") as content:
                asset = library.add(
                    File(content),
                    file.name,
                    original_path=written(file),
                    same_content=self._again,
                    **about,
                )
            self._copied.add((asset.original_path, asset.size))
            return Taken(Outcome.ADDED, asset)
        except library.AlreadyHere as here:
            return Taken(Outcome.DUPLICATE, here.asset)

    def _knows(self, file: Path) -> bool:
        if not self._in_place:
            return (written(file), file.stat().st_size) in self._copied
        size, at = self._indexed.get(address_of(file), (0, None))
        return at is not None and lies_there(file, size, at)


def media(path: Path) -> Iterator[Path]:
    """The file itself, or all media in a folder but hidden ones, in order; absolute paths. Raises NoSuchMedia."""
    if path.is_dir():
        yield from sorted(
            found.absolute()
            for found in path.rglob("*")
            if found.suffix.lower() in SUFFIXES and not _hidden(found.relative_to(path)) and found.is_file()
        )
    elif path.is_file():
        yield path.absolute()
    else:
        why = "is neither a file nor a folder" if path.exists() else "does not exist"
        raise NoSuchMedia(f"{written(path)} {why}")


def _hidden(path: Path) -> bool:
    """As systems hide what is no video of anybody's: half a download, a bin, macOS's “._” beside each file."""
    return any(part.startswith(".") for part in path.parts)
