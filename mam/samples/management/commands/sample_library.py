"""`manage.py sample_library`: three short videos to try the product with."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.vision import VisionError
from mam.samples import work


class Command(BaseCommand):
    help = "Compose three sample videos from public-domain portraits and add them; those already there stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anyway", action="store_true", help="also into a library that holds other videos"
        )

    def handle(self, *args: Any, anyway: bool, **options: Any) -> None:
        if not anyway and not work.may_be_added():
            raise CommandError(
                "The library holds videos already; nothing was added. Say --anyway to add samples."
            )
        with tqdm(total=100, unit="%", disable=None) as bar:

            def show(share: float) -> None:
                bar.update(round(share * 100) - bar.n)

            try:
                added = work.add_samples(on_progress=show)
            except (VisionError, OSError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"added {len(added)} videos; they are being scanned")
