"""`manage.py faces_resolve`: compute every name from nothing, and say or store what differs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.identity import counts, exemplars, following
from faces.identity.model import Model, ModelSwitched, current_model
from faces.models import Person, Resolution, Unknown

_AT_ONCE = 500
"""Figures of so many are looked at at once."""


class Command(BaseCommand):
    help = "Recompute who every track is. Names are derived: this changes nothing unless something was wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--full", action="store_true", help="recompute and store")
        which.add_argument("--verify", action="store_true", help="recompute, compare, report, change nothing")

    def handle(self, *args: Any, full: bool, verify: bool, **options: Any) -> None:
        model = current_model()
        if full:
            self._rebuild(model)
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:
            try:
                differing = list(
                    following.resolve_all(model, write=full, progress=lambda done: bar.update(done - bar.n))
                )
            except ModelSwitched as error:
                raise CommandError(str(error)) from error
        for found in differing[:20]:
            self.stdout.write(f"track {found.track}: {found.before or 'stored answer'} → {found.after}")
        miscounted = self._miscounted()
        if verify and (differing or miscounted):
            raise CommandError(
                f"{len(differing)} stored answers and the figures of {miscounted} people and unknowns differ; "
                "run with --full to store the computed ones"
            )
        self.stdout.write(f"{len(differing)} answers {'were changed' if full else 'differ'}")

    def _rebuild(self, model: Model) -> None:
        """What answers are made of; and have all figures counted anew when they are there."""
        people = list(Person.objects.values_list("pk", flat=True))
        with tqdm(total=len(people), unit="person", disable=None) as bar:
            exemplars.rebuild_all(model, bar.update)
        for unknowns in _parts(list(Unknown.objects.order_by("pk").values_list("pk", flat=True))):
            counts.owe((), unknowns)
        counts.owe(people, ())

    def _miscounted(self) -> int:
        found = 0
        counted: tuple[counts.Counted, ...] = (Person, Unknown)
        for rows in counted:
            for some in _parts(list(rows._default_manager.order_by("pk").values_list("pk", flat=True))):
                wrong = counts.miscounted(rows, some)
                for one in rows._default_manager.filter(pk__in=wrong)[: max(20 - found, 0)]:
                    self.stdout.write(f"{one}: its figures are not what a recount says")
                found += len(wrong)
        return found


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
