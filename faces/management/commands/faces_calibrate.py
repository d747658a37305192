"""`manage.py faces_calibrate`: how near is near enough in this library, and what another answer would change."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces import calibration
from faces.identity.calibrating import lacking
from faces.management.effects import tell
from faces.models import Resolution


class Command(BaseCommand):
    help = "List the thresholds that can be put in force; with --people, --own or --id, say what one would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--people", type=int, help="the manifest's thresholds for libraries of about so many people"
        )
        which.add_argument(
            "--own", action="store_true", help="those that this library's own decisions suggest"
        )
        which.add_argument("--id", dest="key", help="those listed by that id: former ones too, to go back")
        parser.add_argument("--apply", action="store_true", help="put them in force")

    def handle(
        self, *args: Any, people: int | None, own: bool, key: str | None, apply: bool, **options: Any
    ) -> None:
        found = calibration.overview()
        if people is None and not own and key is None:
            if apply:
                raise CommandError("say which: --people N, --own or --id ID. Nothing was changed.")
            self._list(found)
            return
        chosen = self._chosen(found, people) if key is None else self._listed(found, key)
        if chosen.switches:
            self.stdout.write("with another crowding function than the one in force")
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:

            def progress(done: int) -> None:
                bar.update(done - bar.n)

            if apply:
                try:
                    _, effect = calibration.apply(chosen, by=None, progress=progress)
                except calibration.InForce as error:
                    raise CommandError(str(error)) from error
                what = "answers were changed; these are in force. Apply the old ones to go back."
            else:
                effect = calibration.effect(chosen.measure, progress)
                what = "answers would change; add --apply to put this in force"
        tell(effect, self.stdout)
        self.stdout.write(f"of {effect.people} people, {effect.tracks} {what}")

    def _listed(self, found: calibration.Overview, key: str) -> calibration.Option:
        for option in found.options:
            if option.key == key:
                return option
        raise CommandError(f"nothing that is listed has the id {key}. Nothing was changed.")

    def _chosen(self, found: calibration.Overview, people: int | None) -> calibration.Option:
        source = "library" if people is None else "manifest"
        offered = [option for option in found.options if option.source == source and not option.former]
        fitting = [option for option in offered if people is None or option.thresholds.people == people]
        if fitting:
            return fitting[0]
        if people is None:
            raise CommandError(f"{lacking(found.evidence)} Nothing was changed.")
        sizes = ", ".join(str(option.thresholds.people) for option in offered)
        raise CommandError(f"the manifest has thresholds for {sizes} people. Nothing was changed.")

    def _list(self, found: calibration.Overview) -> None:
        self.stdout.write(f"{found.people} people have a name here")
        self.stdout.write("  source     people  named ≤  asked ≤  crowding  strangers named  id")
        for option in found.options:
            of = option.thresholds
            share = "?" if option.false_names is None else f"{option.false_names:.1%}"
            self.stdout.write(
                f"{'*' if option.in_force else ' '} {option.source:9} {of.people:7}  {of.auto:7.3f}"
                f"  {of.suggested:7.3f}  {of.crowding:8.2f}  {share:>15}  {option.key}"
                f"{'  (former)' if option.former else ''}{'  (other crowding function)' * option.switches}"
            )
        if not found.evidence.enough:
            self.stdout.write(lacking(found.evidence))
        if found.fitting.switches:
            self.stdout.write(
                "the manifest brings another crowding function than the one in force, with radii of its own: "
                f"--people {found.fitting.thresholds.people} says what it would change"
            )
        if found.outgrown:
            self.stdout.write(
                f"the library has outgrown what is in force: --people {found.fitting.thresholds.people} names fewer "
                "strangers"
            )
