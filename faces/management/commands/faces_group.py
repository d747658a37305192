"""`manage.py faces_group`: the global pass over those whom nobody has named."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from faces.identity import regrouping
from faces.identity.model import current_model


class Command(BaseCommand):
    help = (
        "Group all unknown faces anew. Keys that people have seen are joined, never divided; decisions hold."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=100, unit="%", disable=None, bar_format="{l_bar}{bar}|") as bar:
            done = regrouping.regroup(current_model(), lambda part: bar.update(part * 100 - bar.n))
        self.stdout.write(
            f"looked at {done.tracks} tracks: {done.moved} changed their group, {done.joined} keys joined others"
        )
