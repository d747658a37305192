"""What archivists know of their videos, as a sheet (CSV): a row for each file, by its name or more of its path."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from mam.assets.serializers import AssetPatch

COLUMNS = {
    "title": "title",
    "date": "broadcast_date",
    "collection": "collection",
    "catalogue_id": "catalogue_id",
    "timecode": "start_timecode",
    "reel": "reel",
}
"""The asset's field that each column tells; beside them `file`, without which there is no sheet."""

_DELIMITERS = (",", ";", "\t")  # the second is Excel's wherever a comma divides decimals
_FIELDS = {field: column for column, field in COLUMNS.items()}


class SheetUnreadable(Exception):
    """Nothing in the file can be used; the message says why."""


class RowRefused(Exception):
    """One row cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """line: where it ends in the file, from 1. about: the asset's fields that it tells; an empty cell tells nothing."""

    line: int
    file: str
    about: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """rows: those that can be used. refused: a message for each that cannot. unused: columns that mean nothing here."""

    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


Key = TypeVar("Key")


class Paths(Generic[Key]):
    """Finds by the end of a path: “evening.mp4”, “2026/evening.mp4” or all of it, in either system's slashes."""

    def __init__(self, paths: Iterable[tuple[str, Key]]) -> None:
        self._by_name: dict[str, list[tuple[list[str], Key]]] = {}
        for path, key in paths:
            if parts := _parts(path):
                self._by_name.setdefault(parts[-1], []).append((parts, key))

    def ending_with(self, end: str) -> list[Key]:
        wanted = _parts(end)
        same_name = self._by_name.get(wanted[-1], []) if wanted else []
        return [key for parts, key in same_name if parts[-len(wanted) :] == wanted]


def read(path: Path) -> Sheet:
    """The sheet in a CSV file: UTF-8, divided by comma, semicolon or tab. Raises SheetUnreadable."""
    sheet = Sheet()
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            heading = lines.readline()
            lines.seek(0)
            reader = csv.DictReader(lines, delimiter=max(_DELIMITERS, key=heading.count), strict=True)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            _check(reader.fieldnames)
            sheet.unused = [name for name in reader.fieldnames if name not in COLUMNS and name != "file"]
            for cells in _rows(reader, sheet.refused):
                try:
                    sheet.rows.append(_row(reader.line_num, cells))
                except RowRefused as refused:
                    sheet.refused.append(str(refused))
    except OSError as error:
        raise SheetUnreadable(error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise SheetUnreadable("it is not UTF-8; save it anew as “CSV UTF-8”") from error
    except csv.Error as error:
        raise SheetUnreadable(f"its heading cannot be read ({error})") from error
    return sheet


def _check(heading: list[str]) -> None:
    if "file" not in heading:
        raise SheetUnreadable(
            f"its first line names no column “file”; the columns are file, {', '.join(COLUMNS)}"
        )
    if twice := {name for name in heading if name and heading.count(name) > 1}:
        raise SheetUnreadable(f"it has several columns {', '.join(sorted(twice))}")


def _rows(reader: csv.DictReader[str], refused: list[str]) -> Iterator[dict[str, Any]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            refused.append(f"line {reader.reader.line_num}: {error}")  # the outer one counts good rows only


def _row(line: int, cells: dict[str, Any]) -> Row:
    """Raises RowRefused."""
    if None in cells:
        raise RowRefused(f"line {line}: more cells than the heading has; is one with a comma not in quotes?")
    told = {name: (cell or "").strip() for name, cell in cells.items()}
    if not told["file"]:
        raise RowRefused(f"line {line}: no file is named")
    asked = AssetPatch(data={_field: told[name] for name, _field in COLUMNS.items() if told.get(name)})
    if not asked.is_valid():
        name, errors = next(iter(asked.errors.items()))
        raise RowRefused(f"line {line}, {_FIELDS.get(str(name), name)}: {errors[0]}")
    return Row(line, told["file"], dict(asked.validated_data))


def _parts(path: str) -> list[str]:
    """Composed characters: macOS writes names decomposed, and sheets come from anywhere."""
    composed = unicodedata.normalize("NFC", path).replace("\\", "/")
    return [part for part in composed.split("/") if part not in ("", ".")]
