"""`manage.py faces_benchmark`: how quickly a library of any size follows, and how quickly videos are scanned."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from faces import networks
from faces.benchmarks import figures, identity, peer_scans, scanning
from faces.benchmarks.programme import compose
from faces.benchmarks.scan_peers import PEERS
from faces.benchmarks.scratch import scratch_database
from faces.conf import faces_settings
from faces.identity.model import embedders, measures, model_judging_by


class Command(BaseCommand):
    help = "Measure on this machine, with made-up libraries or your videos; nothing of yours is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        of_identity = kinds.add_parser("identity", help="the identity engine, in a database of its own")
        of_identity.add_argument(
            "--tracks", default="100000,1000000", help="sizes of library, with commas between"
        )
        of_identity.add_argument(
            "--people", type=int, default=10_000, help="named beforehand; no more than a tenth of the tracks"
        )
        of_identity.add_argument("--runs", type=int, default=5, help="how often each naming is repeated")
        of_identity.add_argument(
            "--hnsw",
            action="store_true",
            help="compare with an HNSW index even above 100,000 tracks: minutes",
        )
        of_scan = kinds.add_parser(
            "scan", help="scanning, in every mode, beside decoding alone and what others use"
        )
        of_scan.add_argument(
            "--programme",
            type=float,
            metavar="MINUTES",
            help="compose a programme of these videos, 1920 × 1080 at 25 frames a second, and measure by that",
        )
        of_scan.add_argument(
            "--peers",
            nargs="*",
            choices=list(PEERS),
            metavar="PEER",
            help=f"compare with what others use, in environments of its own: {', '.join(PEERS)}; all, if none is named",
        )
        of_scan.add_argument(
            "--peers-every",
            type=int,
            default=200,
            metavar="MS",
            help="from frame to frame that peers look at, as Dramatis does; 0: every frame",
        )
        of_scan.add_argument(
            "--cache", type=Path, default=Path(".peers"), help="where environments and programmes are kept"
        )
        of_scan.add_argument("videos", nargs="+", type=Path, metavar="VIDEO")
        of_scan.add_argument(
            "--people", type=Path, help="a folder of photographs for each person, to score names by"
        )
        of_scan.add_argument(
            "--ways", nargs="*", choices=scanning.WAYS, default=list(scanning.WAYS), help="all, unless given"
        )
        for kind in (of_identity, of_scan):
            kind.add_argument("--json", type=Path, help="a file for all figures")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        kept: Path | None = options["json"]
        kinds: dict[str, Callable[..., Any]] = {"identity": self._identity, "scan": self._scan}
        ended = signal.signal(signal.SIGTERM, signal.default_int_handler)  # tidies up as after Ctrl-C
        try:
            document = kinds[what](**options)
        finally:
            signal.signal(signal.SIGTERM, ended)
        if kept is not None:
            kept.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _identity(self, *, tracks: str, people: int, runs: int, hnsw: bool, **_: Any) -> Any:
        found = {}
        for size in _sizes(tracks):
            with scratch_database(self._say):
                found[size] = identity.measure(size, self._say, people=people, runs=runs, hnsw=hnsw)
        self._say("\n" + figures.table(found))
        return {size: [figure.as_json() for figure in measured] for size, measured in found.items()}

    def _scan(
        self,
        *,
        videos: list[Path],
        people: Path | None,
        ways: list[str],
        peers: list[str] | None,
        peers_every: int,
        programme: float | None,
        cache: Path,
        **_: Any,
    ) -> Any:
        if missing := [str(path) for path in videos if not path.is_file()]:
            raise CommandError(f"{', '.join(missing)}: no such file. Nothing was measured.")
        namer, preferred = None, embedders()[0]
        if people is not None:
            known = scanning.gallery(people, networks.loaded(preferred))
            suited = min(measures(preferred), key=lambda offered: abs(offered.thresholds.people - len(known)))
            namer = scanning.namer_of(known, model_judging_by(suited))
            self._say(f"{len(known)} people by their photographs")
        if programme is not None:
            videos = [compose(videos, programme, cache, self._say)]
        found = scanning.measure(
            videos,
            networks.loader(preferred),
            self._say,
            namer=namer,
            ways=ways,
            hardware=faces_settings().hardware_decoding,
        )
        if peers is not None:
            found += peer_scans.measure(
                videos,
                peers or list(PEERS),
                self._say,
                folder=cache,
                people=people,
                weights=networks.folders(),
                every_ms=peers_every,
            )
        self._say("\n" + scanning.table(found))
        return [asdict(one) for one in found]

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _sizes(given: str) -> list[int]:
    sizes = [part.strip().replace("_", "") for part in given.split(",")]
    if not all(size.isdecimal() and int(size) >= 1000 for size in sizes):
        raise CommandError("--tracks takes numbers from 1000 on, with commas between. Nothing was done.")
    return [int(size) for size in sizes]
