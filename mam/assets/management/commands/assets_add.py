"""`manage.py assets_add PATH…`: put files and folders into the library."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from mam.assets import library, rendering
from mam.assets.models import Asset

SUFFIXES = frozenset(
    [
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".mxf"),
        *(".wmv", ".flv", ".ogv", ".3gp"),
        *(".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".gif", ".tif", ".tiff"),
    ]
)
_POLL_S = 0.5
_COLLECTION_LENGTH = Asset._meta.get_field("collection").max_length or 0


class Command(BaseCommand):
    help = (
        "Add videos and pictures: files, and whatever of them is found in folders. What the library has, from the "
        "same path or with the same content, is skipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", help="file them under this collection")
        parser.add_argument("--again", action="store_true", help="add also what the library has")
        parser.add_argument("--wait", action="store_true", help="until every one of them is ready or failed")

    def handle(
        self,
        *args: Any,
        paths: list[Path],
        collection: str | None,
        again: bool,
        wait: bool,
        **options: Any,
    ) -> None:
        if len(collection or "") > _COLLECTION_LENGTH:
            raise CommandError(
                f"A collection's name has at most {_COLLECTION_LENGTH} characters; nothing was added"
            )
        files = list(dict.fromkeys(file for path in paths for file in _media(path)))
        known = set(Asset.objects.values_list("original_path", "size")) if not again else set()
        added: list[Asset] = []
        refused = 0
        for file in tqdm(files, unit="file", disable=None):
            path = _written(file)
            try:
                if (path, file.stat().st_size) in known:
                    continue
                with file.open("rb") as content:
                    added.append(
                        library.add(
                            File(content),
                            file.name,
                            collection=collection,
                            original_path=path,
                            same_content=again,
                        )
                    )
            except library.AlreadyHere as here:
                self.stdout.write(f"{path}: already here as “{here.asset.title}”")
            except OSError as error:
                refused += 1
                self.stderr.write(f"{path}: {error.strerror or error}; not added, the others go on")
        self.stdout.write(f"added {len(added)}, skipped {len(files) - len(added) - refused} known")
        failed = self._wait_for(added) if wait else 0
        if refused or failed:
            raise CommandError(f"{refused} could not be added, {failed} could not be scanned")

    def _wait_for(self, added: list[Asset]) -> int:
        """Show the scans' progress until all have ended; how many failed."""
        waiting = [asset.pk for asset in added]
        failed = 0
        with tqdm(total=100 * len(added), unit="%", disable=None) as bar:
            while waiting:
                time.sleep(_POLL_S)
                shown = rendering.assets(list(Asset.objects.filter(pk__in=waiting)))  # some may be deleted
                ended = [asset for asset in shown if asset["status"] in ("ready", "failed")]
                for asset in ended:
                    failed += asset["status"] == "failed"
                    why = f": {asset['error']['detail']}" if asset["error"] else ""
                    with bar.external_write_mode():
                        self.stdout.write(f"{asset['title']}: {asset['status']}{why}")
                going_on = [asset for asset in shown if asset not in ended]
                waiting = [asset["id"] for asset in going_on]
                done = 100 * (len(added) - len(waiting)) + sum(100 * asset["progress"] for asset in going_on)
                bar.update(round(done) - bar.n)
        return failed


def _written(file: Path) -> str:
    """Its path in characters that can be stored and shown, whatever bytes the file system has in it."""
    return os.fsencode(file).decode(errors="backslashreplace")


def _media(path: Path) -> Iterator[Path]:
    """The file itself, or all media in a folder, in order. Raises CommandError for what is neither."""
    if path.is_dir():
        yield from sorted(
            found.absolute()
            for found in path.rglob("*")
            if found.suffix.lower() in SUFFIXES and found.is_file()
        )
    elif path.is_file():
        yield path.absolute()
    else:
        why = "is neither a file nor a folder" if path.exists() else "does not exist"
        raise CommandError(f"{_written(path)} {why}; nothing was added")
