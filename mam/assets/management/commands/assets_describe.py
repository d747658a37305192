"""`manage.py assets_describe FILE.csv`: what a sheet says of videos that are in the library."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from mam.assets import sheets
from mam.assets.models import Asset
from mam.assets.originals import written


class Command(BaseCommand):
    help = (
        "Write titles, dates, collections, catalogue ids, start time codes and reels from a CSV file into the library. "
        f"Columns: file, {', '.join(sheets.COLUMNS)}; a file is found by its name or more of its path. An empty cell "
        "changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sheet", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )

    def handle(self, *args: Any, sheet: Path, dry_run: bool, **options: Any) -> None:
        try:
            read = sheets.read(sheet)
        except sheets.SheetUnreadable as error:
            raise CommandError(f"{written(sheet)}: {error}. Nothing was changed.") from error
        if read.unused:
            self.stderr.write(f"columns that mean nothing here: {', '.join(read.unused)}")
        refused = list(read.refused)
        paths = sheets.Paths(Asset.objects.values_list("original_path", "pk").iterator())
        changed = 0
        described = set()
        for row in read.rows:
            match paths.ending_with(row.file):
                case [key] if key not in described:
                    described.add(key)
                    changed += self._describe(key, row, dry_run)
                case [_]:
                    refused.append(f"line {row.line}: {row.file} has a row already")
                case []:
                    refused.append(f"line {row.line}: no video was added from {row.file}")
                case several:
                    refused.append(
                        f"line {row.line}: {len(several)} videos were added from {row.file}; write more of the path"
                    )
        for message in refused:
            self.stderr.write(message)
        unchanged = len(read.rows) + len(read.refused) - len(refused) - changed
        self.stdout.write(
            f"{'would change' if dry_run else 'changed'} {changed}, {unchanged} are as the sheet says"
        )
        if refused:
            raise CommandError(
                f"{len(refused)} rows could not be used; the others {'would be' if dry_run else 'were'}"
            )

    def _describe(self, key: Any, row: sheets.Row, dry_run: bool) -> bool:
        """Whether anything is, or would be, another."""
        with transaction.atomic():
            asset = Asset.objects.select_for_update().filter(pk=key).first()
            if asset is None:  # deleted meanwhile
                return False
            new = {name: value for name, value in row.about.items() if getattr(asset, name) != value}
            if dry_run:
                for name, value in new.items():
                    self.stdout.write(f"{row.file}: {name}: {getattr(asset, name)} → {value}")
            elif new:
                Asset.objects.filter(pk=key).update(**new)
            return bool(new)
