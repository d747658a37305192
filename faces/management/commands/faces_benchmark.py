"""`manage.py faces_benchmark identity`: how quickly a library of any size follows, on this machine."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faces.benchmarks.identity import measure, table
from faces.benchmarks.scratch import scratch_database


class Command(BaseCommand):
    help = (
        "Measure the identity engine on made-up libraries, in a database of their own; yours is not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["identity"])
        parser.add_argument(
            "--tracks", default="100000,1000000", help="sizes of library, with commas between"
        )
        parser.add_argument(
            "--people", type=int, default=10_000, help="named beforehand; no more than a tenth of the tracks"
        )
        parser.add_argument("--runs", type=int, default=5, help="how often each naming is repeated")
        parser.add_argument(
            "--hnsw",
            action="store_true",
            help="compare with an HNSW index even above 100,000 tracks: minutes",
        )
        parser.add_argument("--json", type=Path, help="a file for all figures")

    def handle(self, *args: Any, tracks: str, people: int, runs: int, hnsw: bool, **options: Any) -> None:
        sizes = _sizes(tracks)
        kept: Path | None = options["json"]
        ended = signal.signal(signal.SIGTERM, signal.default_int_handler)  # tidies up as after Ctrl-C
        try:
            figures = {}
            for size in sizes:
                with scratch_database(self._say):
                    figures[size] = measure(size, self._say, people=people, runs=runs, hnsw=hnsw)
        finally:
            signal.signal(signal.SIGTERM, ended)
        self._say("\n" + table(figures))
        if kept is not None:
            document = {size: [figure.as_json() for figure in found] for size, found in figures.items()}
            kept.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _sizes(given: str) -> list[int]:
    sizes = [part.strip().replace("_", "") for part in given.split(",")]
    if not all(size.isdecimal() and int(size) >= 1000 for size in sizes):
        raise CommandError("--tracks takes numbers from 1000 on, with commas between. Nothing was done.")
    return [int(size) for size in sizes]
