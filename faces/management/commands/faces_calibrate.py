"""`manage.py faces_calibrate`: how near is near enough in this library, and what another answer would change."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces import calibration
from faces.identity import people
from faces.models import Resolution


class Command(BaseCommand):
    help = "List the thresholds that can be put in force; with --people or --own, say what one would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--people", type=int, help="the manifest's thresholds for libraries of about so many people"
        )
        which.add_argument(
            "--own", action="store_true", help="those that this library's own decisions suggest"
        )
        parser.add_argument("--apply", action="store_true", help="put them in force")

    def handle(self, *args: Any, people: int | None, own: bool, apply: bool, **options: Any) -> None:
        offered = calibration.options()
        if people is None and not own:
            if apply:
                raise CommandError("say which: --people N or --own. Nothing was changed.")
            self._list(offered)
            return
        chosen = self._chosen(offered, people)
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:

            def progress(done: int) -> None:
                bar.update(done - bar.n)

            if apply:
                changed = sum(1 for _ in calibration.apply(chosen, by=None, progress=progress))
                self.stdout.write(f"in force; {changed} answers were changed. Apply the old ones to go back.")
                return
            effect = calibration.effect(chosen.thresholds, progress)
        for (before, after), count in sorted(effect.items(), key=lambda entry: -entry[1]):
            self.stdout.write(f"{count:8} tracks: {before} → {after}")
        self.stdout.write(f"{effect.total()} answers would change; add --apply to put this in force")

    def _chosen(self, offered: list[calibration.Option], people: int | None) -> calibration.Option:
        source = "library" if people is None else "manifest"
        fitting = [
            option
            for option in offered
            if option.source == source and (people is None or option.thresholds.people == people)
        ]
        if fitting:
            return fitting[0]
        if people is None:
            raise CommandError("this library has too few decisions to judge by. Nothing was changed.")
        sizes = ", ".join(str(option.thresholds.people) for option in offered if option.source == "manifest")
        raise CommandError(f"the manifest has thresholds for {sizes} people. Nothing was changed.")

    def _list(self, offered: list[calibration.Option]) -> None:
        self.stdout.write(f"{people.living().count()} people have a name here")
        self.stdout.write("  source     people  named ≤  asked ≤  crowding  strangers named")
        for option in offered:
            of = option.thresholds
            share = "?" if option.false_names is None else f"{option.false_names:.1%}"
            self.stdout.write(
                f"{'*' if option.in_force else ' '} {option.source:9} {of.people:7}  {of.auto:7.3f}"
                f"  {of.suggested:7.3f}  {of.crowding:8.2f}  {share:>15}"
            )
        if (suited := calibration.outgrown()) is not None:
            self.stdout.write(
                f"the library has outgrown what is in force: --people {suited.people} names fewer strangers"
            )
