"""`manage.py faces_resolve`: compute every name from nothing, and say or store what differs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from faces.identity import exemplars, following, queries
from faces.identity.model import current_model
from faces.models import Person, Resolution

_PEOPLE = 500
"""Rebuilt in one transaction: others wait about a second."""


class Command(BaseCommand):
    help = "Recompute who every track is. Names are derived: this changes nothing unless something was wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--full", action="store_true", help="recompute and store")
        which.add_argument("--verify", action="store_true", help="recompute, compare, report, change nothing")

    def handle(self, *args: Any, full: bool, verify: bool, **options: Any) -> None:
        model = current_model()
        if full:
            people = list(Person.objects.order_by("pk").values_list("pk", flat=True))
            with tqdm(total=len(people), unit="person", disable=None) as bar:
                for start in range(0, len(people), _PEOPLE):
                    some = people[start : start + _PEOPLE]
                    with queries.identity_write():
                        exemplars.rebuild(some, model)
                    bar.update(len(some))
        with tqdm(total=Resolution.objects.count(), unit="track", disable=None) as bar:
            differing = list(
                following.resolve_all(model, write=full, progress=lambda done: bar.update(done - bar.n))
            )
        for found in differing[:20]:
            self.stdout.write(f"track {found.track}: {found.before or 'stored answer'} → {found.after}")
        if verify and differing:
            raise CommandError(
                f"{len(differing)} stored answers differ; run with --full to store the computed ones"
            )
        self.stdout.write(f"{len(differing)} answers {'were changed' if full else 'differ'}")
