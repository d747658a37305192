"""A running site whose processes are killed with -9 while it scans, and what must be true of it afterwards."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import psutil
import psycopg
import requests

from mam.embedded.postgres import EmbeddedPostgres
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.brokers import Broker
from tests.site import PATIENCE_S, Api, Site

T = TypeVar("T")
Track: TypeAlias = tuple[Any, ...]

_FORM = ClipForm(rate=Fraction(5), audio=False)
_PEOPLE = ("obama2", "astronaut", "grace_hopper", "biden", "obama3")


def clips(count: int) -> list[Path]:
    """So many different videos of a few seconds: two shots each, one person in the first, two in the second."""
    return [
        material.composed(
            [
                Scene(14 + 2 * number, None, (_card(_PEOPLE[number % 5], 350),)),
                Scene(
                    10, None, (_card(_PEOPLE[(number + 1) % 5], 400), _card(_PEOPLE[(number + 2) % 5], 850))
                ),
            ],
            _FORM,
        ).path
        for number in range(count)
    ]


def _card(portrait: str, x: float) -> Card:
    return Card(portrait, Pose(x, 330, 260), Pose(x + 60, 350, 280))


@dataclass
class Chaos:
    """One site under fire. Without a broker of its own, the queue is in its database."""

    site: Site
    api: Api
    broker: Broker | None
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)

    def add(self, video: Path) -> str:
        """Upload a video, asking again with the same Idempotency-Key until there is an answer; its id.

        Each is another file, and the same video: a box of MP4 that players pass over (ISO/IEC 14496-12, 8.1.2) is
        added.
        """
        key = uuid.uuid4()
        content = video.read_bytes() + struct.pack(">I4s16s", 24, b"free", key.bytes)
        files, headers = {"file": (video.name, content)}, {"Idempotency-Key": str(key)}
        return persistently(lambda: str(self.api.post("assets/", files=files, headers=headers).json()["id"]))

    def wait_for(self, assets: Sequence[str]) -> None:
        """Until all of them are ready. Raises AssertionError where one failed, or nothing goes on."""
        ready, deadline = 0, time.monotonic() + PATIENCE_S
        while ready < len(assets):
            states = Counter(str(persistently(partial(self._about, asset))["status"]) for asset in assets)
            assert not states["failed"], states
            if states["ready"] > ready:
                ready, deadline = states["ready"], time.monotonic() + PATIENCE_S
            assert time.monotonic() < deadline, f"nothing goes on: {states}"
            time.sleep(0.2)

    def strike(self, what: str) -> None:
        """Kill a worker, the web server, the database or the broker; the last comes back only now."""
        self.kills[what] += 1
        if what == "broker":
            assert self.broker
            self.broker.kill()
            time.sleep(self.chance.uniform(0, 1))
            self.broker.start()
            return
        with suppress(ValueError, FileNotFoundError, psutil.NoSuchProcess):  # it is being started just now
            if what == "database":
                pid = (self.site.home / "postgres" / "postmaster.pid").read_text().split()[0]
                _kill([psutil.Process(int(pid))])
            else:
                first = self.site.find({"web": "gunicorn", "worker": "celery"}[what])
                family = [first, *first.children(recursive=True)]
                # all of them, or one: the first, one that does the work, or one that reads media for it
                _kill(family if self.chance.random() < 0.5 else [self.chance.choice(family)])

    def _about(self, asset: str) -> Any:
        return self.api.get(f"assets/{asset}/").json()

    @property
    def targets(self) -> list[str]:
        return ["worker", "web", "database", *(["broker"] if self.broker else [])]


@contextmanager
def under_fire(home: Path, broker: Broker | None, seed: int) -> Iterator[Chaos]:
    """A site in a hurry (tests.end_to_end.hasty), ready. It ends with the block, and its broker too."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.end_to_end.hasty.settings",
        "DRAMATIS_ADMIN_PASSWORD": "of the tests",
    }
    if broker:
        broker.start()
        environment["CELERY_BROKER_URL"] = broker.url
    site = Site(home, **environment)
    try:
        yield Chaos(site.ready(), site.api(), broker, random.Random(seed))
    finally:
        site.process.kill()
        site.process.wait()
        if broker:
            broker.kill()


def persistently(ask: Callable[[], T]) -> T:
    """What it answers in the end, while servers go and come."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except (AssertionError, requests.RequestException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


class Aftermath:
    """What the database and the storage of a site hold."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._connection = psycopg.connect(EmbeddedPostgres(home).dsn(), autocommit=True)

    def tracks(self, asset: str) -> list[Track]:
        """All that was found in an asset, without the ids that the database gives."""
        return self._rows(
            "SELECT t.shot, t.start_ms, t.end_ms, t.boxes, t.quality, t.pack, t.crops::text, f.vector::text, r.band"
            " FROM faces_track t JOIN faces_faceprint f ON f.track_id = t.id"
            " LEFT JOIN faces_resolution r ON r.track_id = t.id WHERE t.asset_id = %s ORDER BY 1, 2, 4",
            asset,
        )

    def frame_times(self, asset: str) -> list[tuple[Any, ...]]:
        return self._rows(
            "SELECT start_ms, end_ms, count, times FROM faces_frametimes f JOIN faces_scan s ON s.id = f.scan_id"
            " WHERE s.asset_id = %s ORDER BY 1",
            asset,
        )

    def stuck(self) -> list[tuple[Any, ...]]:
        """Jobs that are not done, or still held."""
        return self._rows(
            "SELECT 'scan', id, state, attempt, error_code FROM faces_scan"
            " WHERE state <> 'done' OR lease_owner IS NOT NULL"
            " UNION ALL SELECT 'preparation', id, state, attempt, error_code FROM assets_preparation"
            " WHERE state <> 'done' OR lease_owner IS NOT NULL"
            " UNION ALL SELECT 'part', id, state, attempt, error_code FROM faces_part"
        )

    def orphan_rows(self) -> dict[str, int]:
        """Rows that belong to nothing, by what they are."""
        questions = {
            "assets": "SELECT count(*) FROM assets_asset a WHERE 1 <> "
            "(SELECT count(*) FROM faces_scan s WHERE s.asset_id = a.id)",
            "tracks": "SELECT count(*) FROM faces_track t WHERE NOT EXISTS"
            " (SELECT FROM faces_faceprint f WHERE f.track_id = t.id) OR NOT EXISTS"
            " (SELECT FROM faces_resolution r WHERE r.track_id = t.id) OR NOT EXISTS"
            " (SELECT FROM faces_scan s WHERE s.id = t.scan_id AND s.live)",
            "unknowns": "SELECT count(*) FROM faces_unknown u WHERE u.tracks > 0 AND NOT EXISTS"
            " (SELECT FROM faces_resolution r WHERE r.unknown_id = u.id)",
        }
        return {what: found for what, sql in questions.items() if (found := self._rows(sql)[0][0])}

    def stray_files(self) -> list[str]:
        """Files that no row names, and packs that are not what their name says."""
        (named,) = zip(
            *self._rows(
                "SELECT 'media/' || file FROM assets_asset UNION SELECT 'media/' || poster FROM assets_asset"
                " UNION SELECT 'media/' || proxy FROM assets_asset"
                " UNION SELECT 'media/' || filmstrip FROM assets_asset UNION SELECT 'faces/' || pack FROM faces_track"
            ),
            strict=True,
        )
        files = [
            path
            for folder in ("media", "faces", "uploads")
            for path in (self._home / folder).rglob("*")
            if path.is_file()
        ]
        broken = [
            f"{path}: broken"
            for path in files
            if path.suffix == ".faces" and hashlib.sha256(path.read_bytes()).hexdigest() != path.stem
        ]
        return [str(path) for path in files if str(path.relative_to(self._home)) not in named] + broken

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.encode(), parameters).fetchall()


def appearances(chaos: Chaos, asset: str) -> list[Any]:
    """Who appears when: the document's faces, in an order of their own."""
    document = json.loads(persistently(lambda: chaos.api.appearances(asset)))
    assert document["complete"]
    return sorted(document["faces"], key=json.dumps)


def same_tracks(found: Sequence[Track], expected: Sequence[Track]) -> bool:
    """But for the pack, which lies in each asset's own folder under a name of its content."""
    return [_placeless(track) for track in found] == [_placeless(track) for track in expected]


def _placeless(track: Track) -> Track:
    return (*track[:5], Path(track[5]).name, *track[6:])
