"""`manage.py assets_add PATH…`: put files and folders, and what URLs name, into the library."""

from __future__ import annotations

import re
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.fetching import NotFetched, check_url
from mam.assets import fetches, rendering, sheets
from mam.assets.intake import Intake, NoSuchMedia, Outcome, media
from mam.assets.models import Asset
from mam.assets.originals import written

_URL = re.compile("https?://", re.IGNORECASE)
_POLL_S = 0.5
_COLLECTION_LENGTH = Asset._meta.get_field("collection").max_length or 0


def _source(named: str) -> Path | str:
    """A path, or a URL as it was written."""
    return named if _URL.match(named) else Path(named)


class Command(BaseCommand):
    help = (
        "Add videos and pictures: files, whatever of them is found in folders, and what the workers are to fetch from "
        "https://… What the library has, from the same path or with the same content, is skipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=_source, metavar="PATH")
        parser.add_argument("--collection", help="file them under this collection")
        parser.add_argument(
            "--metadata",
            type=Path,
            metavar="FILE.csv",
            help=f"what to file each under; columns: file, {', '.join(sheets.COLUMNS)}",
        )
        parser.add_argument(
            "--in-place",
            action="store_true",
            help="leave the originals where they are; one that had been moved is found again by its content",
        )
        parser.add_argument("--again", action="store_true", help="add also what the library has")
        parser.add_argument("--wait", action="store_true", help="until every one of them is ready or failed")

    def handle(
        self,
        *args: Any,
        paths: list[Path | str],
        collection: str | None,
        metadata: Path | None,
        in_place: bool,
        again: bool,
        wait: bool,
        **options: Any,
    ) -> None:
        if len(collection or "") > _COLLECTION_LENGTH:
            raise CommandError(
                f"A collection's name has at most {_COLLECTION_LENGTH} characters; nothing was added"
            )
        try:
            urls = list(dict.fromkeys(path for path in paths if isinstance(path, str)))
            folders = [path for path in paths if isinstance(path, Path)]
            files = list(dict.fromkeys(file for path in folders for file in media(path)))
            for url in urls:
                check_url(url)
        except (NoSuchMedia, NotFetched) as error:
            raise CommandError(f"{error}; nothing was added") from error
        if urls and in_place:
            raise CommandError("what comes from a URL cannot stay in its place; nothing was added")
        about = self._told_by(metadata, files) if metadata else {}
        intake = Intake(in_place=in_place, again=again)
        became: Counter[Outcome] = Counter()
        added: list[Asset] = []
        for file in tqdm(files, unit="file", disable=None):
            try:
                taken = intake.take(file, **{"collection": collection, **about.get(file, {})})
            except OSError as error:
                self.stderr.write(f"{written(file)}: {error.strerror or error}; not added, the others go on")
                continue
            became[taken.outcome] += 1
            if taken.outcome is Outcome.ADDED and taken.asset is not None:
                added.append(taken.asset)
            elif taken.asset is not None:
                self.stdout.write(f"{written(file)}: {taken}")
        refused = len(files) - became.total()
        for url in urls:
            if not again and fetches.known(url):
                became[Outcome.KNOWN] += 1
                continue
            added.append(fetches.request(url, collection=collection, same_content=again))
        skipped = became[Outcome.KNOWN] + became[Outcome.DUPLICATE]
        again_there = became[Outcome.FOUND_AGAIN]
        self.stdout.write(
            f"added {len(added)}, skipped {skipped} known"
            + (f", found {again_there} again" if again_there else "")
        )
        failed = self._wait_for(added) if wait else 0
        if refused or failed:
            raise CommandError(f"{refused} could not be added, {failed} could not be scanned")

    def _told_by(self, sheet: Path, files: list[Path]) -> dict[Path, dict[str, Any]]:
        """What the sheet says of these files. Rows that cannot be used are said; CommandError where none can."""
        try:
            read = sheets.read(sheet)
        except sheets.SheetUnreadable as error:
            raise CommandError(f"{written(sheet)}: {error}; nothing was added") from error
        if read.unused:
            self.stderr.write(f"columns that mean nothing here: {', '.join(read.unused)}")
        paths = sheets.Paths((written(file), file) for file in files)
        about: dict[Path, dict[str, Any]] = {}
        for row in read.rows:
            match paths.ending_with(row.file):
                case [file] if file not in about:
                    about[file] = row.about
                case [_]:
                    read.refused.append(f"line {row.line}: {row.file} has a row already")
                case []:
                    read.refused.append(f"line {row.line}: no file {row.file} is being added")
                case several:
                    read.refused.append(
                        f"line {row.line}: {len(several)} files are called {row.file}; write more of the path"
                    )
        for message in read.refused:
            self.stderr.write(message)
        return about

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
