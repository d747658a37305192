"""`manage.py assets_sweep`: find files that no row names, and delete them where that is said."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from mam.assets.leftovers import DAY, leftovers


class Command(BaseCommand):
    help = "List files that were being stored when their process was killed, and that nothing refers to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete them")
        parser.add_argument(
            "--hours",
            type=float,
            default=DAY / timedelta(hours=1),
            help="only older ones; default: %(default)g",
        )

    def handle(self, *args: Any, delete: bool, hours: float, **options: Any) -> None:
        count = size = 0
        for left in leftovers(older_than=timedelta(hours=hours)):
            count, size = count + 1, size + left.bytes
            self.stdout.write(left.name)
            if delete:
                left.delete()
        done = "deleted" if delete else "found; --delete deletes them"
        self.stdout.write(f"{count} files, {size / 2**20:.1f} MB, {done}")
