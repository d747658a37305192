"""`manage.py faces_fetch_weights`: have the networks on this machine, verified."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.conf import faces_settings
from faces.vision import VisionError
from faces.vision.networks import Manifest, ensure_weights


class Command(BaseCommand):
    help = "Fetch and verify the weights of detector and embedder; what is here already is not fetched again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "networks",
            nargs="*",
            metavar="NETWORK",
            help="insist on that detector or embedder of the manifest",
        )
        parser.add_argument(
            "--reconsider",
            action="store_true",
            help="ask again for the preferred detector where a lesser one is here",
        )

    def handle(
        self, *args: Any, networks: Sequence[str] = (), reconsider: bool = False, **options: Any
    ) -> None:
        settings, manifest = faces_settings(), Manifest.load()
        for name in networks:
            try:
                manifest = manifest.only(name)
            except KeyError as error:
                known = ", ".join(network.name for network in Manifest.load().networks)
                raise CommandError(
                    f"the manifest knows no {name}, but {known}. Nothing was fetched."
                ) from error
        with tqdm(unit="B", unit_scale=True, disable=None, leave=False) as bar:

            def show(name: str, done: int, total: int) -> None:
                bar.set_description(name, refresh=False)
                bar.total = total
                bar.update(done - bar.n)

            try:
                found = ensure_weights(
                    settings.weights_dir,
                    settings.weights_folder,
                    manifest=manifest,
                    on_progress=show,
                    on_notice=self.stderr.write,
                    reconsider=reconsider,
                )
            except VisionError as error:
                raise CommandError(str(error)) from error
        for weights in found:
            self.stdout.write(f"{weights.passport.role}: {weights.passport.name}")
