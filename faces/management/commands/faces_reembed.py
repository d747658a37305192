"""`manage.py faces_reembed`: another embedding model, from the stored crops; no video is opened."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces import calibration, reembedding
from faces.identity.model import embedders, measure_in_force
from faces.management.effects import tell
from faces.models import Faceprint, Resolution
from faces.vision import VisionError


class Command(BaseCommand):
    help = (
        "Make another model's faceprints of all stored crops, beside those in force, and say what it would change. "
        "Interrupted, it goes on where it was when it is started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--to", metavar="MODEL", help="an embedder of the manifest, or the one from before"
        )
        which.add_argument("--discard", metavar="MODEL", help="delete its faceprints; not those in force")
        parser.add_argument(
            "--apply", action="store_true", help="put the model in force, with its thresholds"
        )
        parser.add_argument(
            "--despite-missing",
            action="store_true",
            help="although crops are missing: these tracks are whom humans said, else nobody",
        )

    def handle(
        self,
        *args: Any,
        to: str | None,
        discard: str | None,
        apply: bool,
        despite_missing: bool,
        **options: Any,
    ) -> None:
        try:
            if discard is not None:
                self._discard(discard)
            elif to is not None:
                self._expect(to)
                self._embed(to)
                if apply:
                    self._apply(to, despite_missing)
                else:
                    self._foretell(to)
        except (calibration.InForce, reembedding.CropsMissing, VisionError) as error:
            raise CommandError(str(error)) from error

    def _expect(self, model: str) -> None:
        now = measure_in_force().model
        if model == now:
            raise CommandError(f"{model} is in force already. Nothing was changed.")
        if model not in embedders():
            others = ", ".join(name for name in embedders() if name != now) or "none but the one in force"
            raise CommandError(
                f"the manifest knows no embedder {model}, but {others}. Nothing was changed; "
                "models/manifest.toml says what a passport needs."
            )

    def _embed(self, model: str) -> None:
        with tqdm(total=reembedding.waiting(model), unit="face", disable=None) as bar:
            made = reembedding.embed(model, bar.update)
        there = Faceprint.objects.filter(model=model).count()
        self.stdout.write(f"{there} faceprints of {model} are there, {made} of them made now")
        if missing := reembedding.faceless(model):
            self.stdout.write(
                f"the crops of {missing} cannot be read: under {model} these are whom humans said, else nobody"
            )

    def _foretell(self, model: str) -> None:
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:
            effect = reembedding.effect(model, lambda done: bar.update(done - bar.n))
        tell(effect, self.stdout)
        self.stdout.write(
            f"of {effect.people} people, {effect.tracks} answers would change; add --apply to put {model} in force"
        )

    def _apply(self, model: str, despite_missing: bool) -> None:
        before = measure_in_force().model
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:
            effect = reembedding.apply(
                model,
                by=None,
                despite_missing=despite_missing,
                progress=lambda done: bar.update(done - bar.n),
            )
        tell(effect, self.stdout)
        self.stdout.write(
            f"of {effect.people} people, {effect.tracks} answers were changed; {model} is in force. --to {before} "
            f"--apply goes back, --discard {before} makes that impossible and searches quicker"
        )

    def _discard(self, model: str) -> None:
        with tqdm(total=Faceprint.objects.filter(model=model).count(), unit="face", disable=None) as bar:
            deleted = reembedding.discard(model, bar.update)
        self.stdout.write(f"{deleted} faceprints of {model} were deleted; the crops stay")
