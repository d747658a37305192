"""`manage.py assets_prepare`: make what earlier releases did not make of the videos in the library."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from faces.hints import hint
from mam.assets import preparing


class Command(BaseCommand):
    help = "Have the workers make filmstrips of the videos that have none. Scans and names are untouched."

    def handle(self, *args: Any, **options: Any) -> None:
        count = preparing.make_missing_filmstrips()
        if count:
            hint(preparing.PREPARE_NEXT)
        self.stdout.write(f"{count} queued")
