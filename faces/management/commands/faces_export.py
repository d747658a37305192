"""`manage.py faces_export ASSET --format F`: who appears when, to a file or the terminal."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from faces.export import FORMATS, export
from faces.host import asset_model


class Command(BaseCommand):
    help = "Write an asset's appearances in one of the export formats."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("asset", metavar="ASSET", help="its id")
        parser.add_argument("--format", choices=sorted(FORMATS), default="json", dest="form")
        parser.add_argument("--output", type=Path, help="a file; default: the terminal")
        parser.add_argument("--include", nargs="*", choices=["suggested", "ignored"], default=[])

    def handle(
        self, *args: Any, asset: str, form: str, output: Path | None, include: list[str], **options: Any
    ) -> None:
        try:
            found = asset_model()._default_manager.filter(pk=asset).first()
        except (ValueError, ValidationError):
            found = None
        if found is None:
            raise CommandError(f"there is no asset {asset}")
        text, _ = export(found, form, include=include)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written: {error.strerror}; nothing was exported"
            ) from error
