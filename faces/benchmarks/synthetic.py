"""A made-up library of any size in the database: what was drawn for it, and everything that people said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction
from numpy.typing import NDArray

from faces.benchmarks.casting import Plan, Shape, faceprints
from faces.benchmarks.loading import copy_rows, jsonb, without_indexes
from faces.identity import counts, exemplars, queries, unknowns
from faces.identity.model import Model
from faces.identity.people import name_key
from faces.models import Decision, JobState, Person, Scan, Verdict

_SHOT_MS = 4000
_SAMPLES = 15
_BATCH = 20_000
_LOADED = (
    "faces_track",
    "faces_faceprint",
    "faces_resolution",
    "faces_unknown",
    "faces_unknowncentroid",
    "faces_anchor",
    "faces_attachment",
)


@dataclass(frozen=True, slots=True)
class Star:
    """Somebody whom nobody has named yet, and the ids of all their tracks."""

    matches: int
    tracks: list[int]


@dataclass(slots=True)
class SyntheticLibrary:
    """What stands in the database. vectors: (n, dim) float16, crowding: (n,) float32 of the tracks 1 … n."""

    model: Model
    shape: Shape
    vectors: NDArray[np.float16]
    crowding: NDArray[np.float32]
    people: int
    unknowns: int
    stars: list[Star]
    centres: NDArray[np.float32] = field(repr=False)
    """(people and strangers, dim): around which their faces lie."""

    @property
    def tracks(self) -> int:
        return len(self.vectors)

    def of(self, matches: int) -> list[Star]:
        return [star for star in self.stars if star.matches == matches]


def fill(
    tracks: int, model: Model, say: Callable[[str], object], *, people: int = 10_000, seed: int = 1
) -> SyntheticLibrary:
    """Fill an empty database with a library of so many tracks. Its answers are still to be computed.

    Of `people` named beforehand, at most one for ten tracks, each has 1 to 20 confirmed tracks and of the others a
    share with a long tail; the rest are strangers. Raises ValueError for a model without a crowding function.
    """
    if model.crowding is None:
        raise ValueError(f"{model.name} has no crowding function to take the shape of faces from")
    plan = Plan.draw(np.random.default_rng(seed), tracks, min(people, tracks // 10))
    shape = Shape.of(model.crowding)
    vectors, centres = faceprints(plan, shape)
    crowding = np.concatenate(
        [model.crowding_of(vectors[start : start + _BATCH]) for start in range(0, tracks, _BATCH)]
    )
    say(f"{plan.people:,} people, {plan.strangers:,} strangers and {plan.groups:,} unknowns drawn")
    with without_indexes(_LOADED), transaction.atomic():
        assets = _store_assets(plan)
        _store_tracks(plan, assets, vectors, crowding, model)
        _store_decisions(plan, assets)
        _sql("ANALYZE")
        say("rows copied")
        unknowns.recentre(range(1, plan.groups + 1), model.grouping)
    _reset_sequences()
    _sql("VACUUM ANALYZE")
    say("indexes made")
    rebuild_all(plan.people, model)
    say("people's points made")
    for ids in _batches(plan.groups):
        counts.recount_unknowns(ids)
    _sql("VACUUM ANALYZE")
    by_person = np.argsort(plan.who, kind="stable")
    borders = np.cumsum(plan.sizes)
    stars = [
        Star(matches, (by_person[borders[at] - plan.sizes[at] : borders[at]] + 1).tolist())
        for at, matches in plan.stars.items()
    ]
    return SyntheticLibrary(model, shape, vectors, crowding, plan.people, plan.groups, stars, centres)


def rebuild_all(people: int, model: Model) -> None:
    """Make the points of the people 1 … `people`."""
    for some in _batches(people, 500):
        with queries.identity_write():
            exemplars.rebuild(some, model)


def _store_assets(plan: Plan) -> NDArray[Any]:
    """The primary keys of new assets, each with a live scan of the same number from 1, as COPY writes them."""
    model: Any = apps.get_model(settings.FACES_ASSET_MODEL)
    made = [model() for _ in range(int(plan.asset[-1]) + 1)]
    model.objects.bulk_create(made, batch_size=1000)
    Scan.objects.bulk_create(
        [
            Scan(pk=at + 1, asset=asset, version=1, live=True, state=JobState.DONE, progress=1.0)
            for at, asset in enumerate(made)
        ],
        batch_size=1000,
    )
    if isinstance(made[0].pk, UUID):
        return np.array([asset.pk.bytes for asset in made], "V16")
    wide = model._meta.pk.db_type(connection) == "bigint"
    return np.array([asset.pk for asset in made], np.int64 if wide else np.int32)


def _store_tracks(
    plan: Plan,
    assets: NDArray[Any],
    vectors: NDArray[np.float16],
    crowding: NDArray[np.float32],
    model: Model,
) -> None:
    n, rng, name = plan.tracks, plan.rng, model.name.encode()
    ids = np.arange(1, n + 1)
    start, end = _times(plan)
    crops = ", ".join(
        f'{{"kind": "chip", "at_ms": {at}, "offset": {at * 4000}, "length": 4000, "quality": 0.5}}'
        for at in range(4)
    )
    copy_rows(
        "faces_track",
        n,
        {
            "id": ids,
            "asset_id": assets[plan.asset],
            "scan_id": plan.asset + 1,
            "shot": (plan.shot * _SHOT_MS).astype(np.int32),
            "start_ms": start,
            "end_ms": end,
            "boxes": _boxes(start),
            "quality": rng.random(n),
            "yaw": rng.normal(0, 20, n),
            "pitch": rng.normal(0, 10, n),
            "pack": b"0/" + b"0" * 64,
            "crops": jsonb(f"[{crops}]"),
        },
    )
    copy_rows(
        "faces_faceprint",
        n,
        {
            "id": ids,
            "track_id": ids,
            "photo_id": None,
            "model": name,
            "vector": vectors,
            "quality": rng.random(n),
            "crowding": crowding.astype(np.float64),
        },
    )
    keys = np.array([b"%016x" % key for key in _distinct(rng, plan.groups)], "S16").view("V16")
    now = np.int64(800_000_000_000_000)
    copy_rows(
        "faces_unknown",
        plan.groups,
        {
            "id": np.arange(1, plan.groups + 1),
            "key": keys,
            **dict.fromkeys(("tracks", "assets", "ignored", "asked"), np.zeros(plan.groups, np.int32)),
            "screen_time_ms": np.zeros(plan.groups, np.int64),
            "quality": np.zeros(plan.groups),
            "covers": jsonb("[]"),
            "first_seen": now + np.arange(plan.groups),
            "last_seen": now + rng.integers(0, 10**12, plan.groups),
            "shown": np.zeros(plan.groups, bool),
            "uncounted": np.zeros(plan.groups, bool),
            **dict.fromkeys(("born_of_id", "split_from_id", "absorbed_by_id", "merged_into_id")),
        },
    )
    copy_rows(
        "faces_resolution",
        n,
        {
            "track_id": ids,
            "unknown_id": plan.group,
            "home_id": plan.group,
            "base_id": plan.group,
            "band": b"unknown",
            **dict.fromkeys(("person_id", "distance", "exemplar_id", "runner_up_id", "runner_up_distance")),
            **dict.fromkeys(("yielded_id", "yielded_distance")),
            "model": name,
        },
    )


def _store_decisions(plan: Plan, assets: NDArray[Any]) -> None:
    """Everybody who is known has a name by a decision on all their confirmed tracks."""
    named = [f"Person {number:06}" for number in range(1, plan.people + 1)]
    Person.objects.bulk_create(
        [Person(name=name, first_name=name, name_key=name_key(name)) for name in named], batch_size=1000
    )
    Decision.objects.bulk_create(
        [
            Decision(pk=person, verdict=Verdict.IS, person_id=person, by_name="benchmark")
            for person in range(1, plan.people + 1)
        ],
        batch_size=1000,
    )
    tracks, people = plan.confirmed_tracks()
    start, end = _times(plan)
    ids = np.arange(1, len(tracks) + 1)
    copy_rows(
        "faces_anchor",
        len(ids),
        {
            "id": ids,
            "decision_id": people,
            "asset_id": assets[plan.asset[tracks - 1]],
            "start_ms": start[tracks - 1],
            "end_ms": end[tracks - 1],
            "boxes": _boxes(start[tracks - 1]),
        },
    )
    copy_rows("faces_attachment", len(ids), {"id": ids, "anchor_id": ids, "track_id": tracks})


def _times(plan: Plan) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """start_ms and end_ms of each track: most of a shot's are on screen together, some one after another."""
    own = np.random.default_rng(2)
    shot = plan.shot * _SHOT_MS
    start = shot + own.integers(0, _SHOT_MS * 2 // 3, plan.tracks)
    end = np.minimum(start + own.integers(500, _SHOT_MS, plan.tracks), shot + _SHOT_MS)
    return start.astype(np.int32), end.astype(np.int32)


def _boxes(start: NDArray[np.int32]) -> NDArray[np.void]:
    """A BoxTrack's bytes for each track: the same box, five times a second."""
    rows = np.zeros((len(start), _SAMPLES), np.dtype([("at_ms", "<i4"), ("box", "<i2", (4,))]))
    rows["at_ms"] = start[:, None] + 200 * np.arange(_SAMPLES)
    rows["box"] = (100, 100, 80, 100)
    return rows.view(f"V{_SAMPLES * 12}").reshape(-1)


def _distinct(rng: np.random.Generator, count: int) -> list[int]:
    drawn = np.unique(rng.integers(0, 2**63, count + 100))
    rng.shuffle(drawn)
    found: list[int] = drawn[:count].tolist()
    return found


def _batches(count: int, size: int = _BATCH) -> list[list[int]]:
    """The ids 1 … count in lists of that size."""
    return [list(range(start, min(start + size, count + 1))) for start in range(1, count + 1, size)]


def _reset_sequences() -> None:
    tables: list[type[models.Model]] = list(apps.get_app_config("faces").get_models())
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(sql)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
