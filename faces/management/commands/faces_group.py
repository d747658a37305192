"""`manage.py faces_group`: the global pass over those whom nobody has named."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.conf import faces_settings
from faces.identity import regrouping
from faces.identity.model import ModelSwitched, current_model
from faces.identity.neighbours import Folder
from faces.identity.queries import AlreadyRunning


class Command(BaseCommand):
    help = (
        "Group all unknown faces anew. Keys that people have seen are joined, never divided; decisions hold. "
        "Interrupted, it goes on where it was when it is started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        work = faces_settings().work_dir
        kept = Folder(work / "grouping") if work is not None else None
        try:
            with tqdm(total=100, unit="%", disable=None, bar_format="{l_bar}{bar}|") as bar:
                done = regrouping.regroup(current_model(), lambda part: bar.update(part * 100 - bar.n), kept)
        except (AlreadyRunning, ModelSwitched) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"looked at {done.tracks} tracks: {done.moved} changed their group, {done.joined} keys joined others"
        )
