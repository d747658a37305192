"""`manage.py faces_scan`: queue scans, or run what is queued in this process."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces import networks, scanning
from faces.hints import SCAN_NEXT, hint
from faces.host import asset_model, host
from faces.models import JobState, Scan
from faces.vision import MODES, VisionError


class Command(BaseCommand):
    help = "Queue a new scan of assets. Every human decision about them is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("assets", nargs="*", metavar="ASSET", help="ids of assets")
        parser.add_argument("--all", action="store_true", help="every asset")
        parser.add_argument(
            "--mode",
            choices=list(MODES),
            default="",
            help="fast: key frames alone; thorough: the smallest faces too; else as settings.FACES says",
        )
        parser.add_argument(
            "--here", action="store_true", help="scan in this process until nothing is queued"
        )
        held = parser.add_mutually_exclusive_group()
        held.add_argument(
            "--pause", action="store_true", help="begin no scan until --resume; running ones stop soon"
        )
        held.add_argument("--resume", action="store_true", help="go on with what is queued")

    def handle(
        self, *args: Any, assets: list[str], all: bool, here: bool, mode: str = "", **options: Any
    ) -> None:
        if options["pause"]:
            self.stdout.write("paused" if scanning.pause() else "paused already")
        if options["resume"]:
            self.stdout.write("resumed" if scanning.resume() else "nothing was paused")
            hint(SCAN_NEXT)
        if here and Scan.paused():
            raise CommandError("scanning is paused, nothing was queued: --resume ends the pause")
        if (options["pause"] or options["resume"]) and not (assets or all or here):
            return
        if not (assets or all or here):
            raise CommandError("name assets, or say --all for every one; nothing was queued")
        rows = asset_model()._default_manager.all()
        if not all:
            try:
                rows = rows.filter(pk__in=assets)
                missing = len(set(assets)) - rows.count()
            except (ValueError, ValidationError) as error:
                raise CommandError(f"{', '.join(assets)}: no such ids; nothing was queued") from error
            if missing:
                raise CommandError(f"{missing} of these assets do not exist; nothing was queued")
        queued = 0
        for asset in rows.iterator():
            try:
                scanning.request_scan(asset, mode=mode)
            except scanning.ScanRefused as refused:
                self.stderr.write(f"{host().title(asset)}: {refused}")
                continue
            queued += 1
            if not here:
                hint(SCAN_NEXT)
        self.stdout.write(f"queued {queued}")
        if here:
            self._work_off()

    def _work_off(self) -> None:
        """Run whatever is queued, and tell what failed. Raises CommandError where something did."""
        try:
            self.stdout.write(f"reading with {networks.at_work()}")
        except VisionError as error:
            raise CommandError(str(error)) from error
        waiting = list(Scan.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True))
        with tqdm(total=len(waiting), unit="scan", disable=None) as bar:
            while scanning.scan_next(networks.loader()):
                bar.update()
        unhappy = Scan.objects.filter(pk__in=waiting).exclude(state=JobState.DONE).select_related("asset")
        for scan in unhappy:
            again = "; it is tried again later" if scan.state == JobState.QUEUED else ""
            self.stderr.write(f"{host().title(scan.asset)}: {scan.state}: {scan.error_detail}{again}")
        self.stdout.write(f"scanned {len(waiting) - len(unhappy)}, failed {len(unhappy)}")
        if unhappy:
            raise CommandError(f"{len(unhappy)} could not be scanned; nothing else is touched")
