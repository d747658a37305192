"""`manage.py assets_watch FOLDER…`: take in whatever is put into folders, until Ctrl-C."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from mam.assets.intake import Intake, Taken
from mam.assets.models import Asset
from mam.assets.originals import written
from mam.assets.watching import Watch

_COLLECTION_LENGTH = Asset._meta.get_field("collection").max_length or 0


class Command(BaseCommand):
    help = (
        "Watch folders and add each video or picture when it has stopped growing, until Ctrl-C. Begun anew, it passes "
        "over what the library has."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
        parser.add_argument("--collection", help="file them under this collection")
        parser.add_argument(
            "--in-place",
            action="store_true",
            help="leave the originals where they are; one that had been moved is found again by its content",
        )
        parser.add_argument("--every", type=float, default=5, metavar="S", help="seconds between looks; 5")
        parser.add_argument(
            "--settle",
            type=float,
            default=10,
            metavar="S",
            help="how long a file stayed as it is, seconds; 10",
        )

    def handle(
        self,
        *args: Any,
        folders: list[Path],
        collection: str | None,
        in_place: bool,
        every: float,
        settle: float,
        **options: Any,
    ) -> None:
        for folder in folders:
            if not folder.is_dir():
                raise CommandError(f"{written(folder)} is no folder; nothing was begun")
        if len(collection or "") > _COLLECTION_LENGTH:
            raise CommandError(
                f"A collection's name has at most {_COLLECTION_LENGTH} characters; nothing was begun"
            )
        watch = Watch(folders, Intake(in_place=in_place), settle_s=settle, collection=collection)
        self.stdout.write(f"watching {', '.join(map(written, folders))}; Ctrl-C ends it")
        try:
            while True:
                self._look(watch)
                time.sleep(max(every, 0.1))
        except KeyboardInterrupt:
            self.stdout.write("no longer watching; what was added stays")

    def _look(self, watch: Watch) -> None:
        try:
            for file, became in watch.look(time.monotonic()):
                if isinstance(became, Taken):
                    self.stdout.write(f"{written(file)}: {became}")
                else:
                    self.stderr.write(f"{written(file)}: {became.strerror or became}; will be tried again")
        except Error as error:
            self.stderr.write(f"the database is away ({error}); looking again soon")
            connection.close()
