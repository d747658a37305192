"""How quickly the library follows, and whether it follows exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from faces.benchmarks import peers
from faces.benchmarks.casting import MAX_EXEMPLARS, STAR_WITHIN, WITHIN
from faces.benchmarks.figures import Figure, line, timed
from faces.benchmarks.synthetic import Star, SyntheticLibrary, fill, rebuild_all
from faces.identity import admission, arrivals, following, queries
from faces.identity.model import current_model, measures, put_in_force
from faces.models import Faceprint, JobState, Person, Resolution, Scan, Track, Unknown
from faces.vision import BoxTrack

EXEMPLARS = (1, 5, MAX_EXEMPLARS)
NAME_TARGETS = {5: 500.0, 500: 500.0, 20_000: 2000.0}
TARGETS_UP_TO = 1_000_000
"""Tracks of a library that the targets are set for; of a larger one everything is measured, and nothing missed."""
NEW_TRACKS = 1000
LISTED_PEOPLE, LISTED_UNKNOWNS = 100_000, 1_000_000
HNSW_TRACKS = 100_000
"""Above, an index of all faceprints takes minutes to make."""
_PAGE_TARGET = 50.0

Say = Callable[[str], object]


@dataclass(slots=True)
class Bench:
    """Measures one library through the doors that people use: whole requests in this process, no network between."""

    library: SyntheticLibrary
    say: Say
    runs: int = 5
    hnsw: bool = False
    figures: list[Figure] = field(default_factory=list)
    _client: Client = field(default_factory=Client)

    def run(self) -> list[Figure]:
        """Every measure in turn; the library is afterwards what it was, but for rows that lists are measured with."""
        with override_settings(ALLOWED_HOSTS=["*"]):
            self._client.force_login(
                get_user_model()._default_manager.create_superuser("benchmark", password=None)
            )
            self.resolve_all()
            self.naming()
            self.previewing()
            self.admitting()
            self.listing()
        return self.figures

    def _figure(self, name: str, target_ms: float | None = None, note: str = "") -> Figure:
        made = self._unlisted(name, target_ms, note)
        self.figures.append(made)
        return made

    def _unlisted(self, name: str, target_ms: float | None = None, note: str = "") -> Figure:
        """A figure that is shown later, if at all."""
        return Figure(name, target_ms=target_ms if self.library.tracks <= TARGETS_UP_TO else None, note=note)

    def _done(self, figure: Figure) -> None:
        self.say(line(figure))

    def resolve_all(self) -> None:
        """First every answer is stored; then computed once more, and nothing may differ."""
        model = self.library.model
        points = self._figure(
            "everybody's points rebuilt, nothing new", note=f"{self.library.people:,} people"
        )
        with timed(points):
            rebuild_all(self.library.people, model)
        self._done(points)
        for name, write in (
            ("everything resolved and stored", True),
            ("everything resolved, nothing new", False),
        ):
            figure = self._figure(name, 120_000.0)
            batches = Figure("batches")
            began = [time.perf_counter()]

            def progress(_: int, batches: Figure = batches, began: list[float] = began) -> None:
                batches.times_ms.append((time.perf_counter() - began[0]) * 1000)
                began[0] = time.perf_counter()

            with timed(figure):
                changed = sum(1 for _ in following.resolve_all(model, write=write, progress=progress))
            figure.note = (
                f"{changed:,} answers; stops within {max(batches.times_ms) / 1000:.1f} s where interrupted"
            )
            if not write and changed:
                raise RuntimeError(f"{changed} answers differ from a recomputation")
            self._done(figure)
            if write:
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")

    def naming(self) -> None:
        compared: list[peers.Near] = []
        for matches, target in NAME_TARGETS.items():
            stars = self.library.of(matches)
            undo = self._unlisted(f"taken back, {matches:,} matches", 2000.0)
            for exemplars in EXEMPLARS if stars else ():
                figure = self._figure(f"name by {exemplars} of {exemplars + matches:,} tracks", target)
                figure.recall = 1.0
                for run in range(max(self.runs, len(stars))):
                    star = stars[run % len(stars)]
                    person, decision = self._name(
                        star, exemplars, figure, f"Star {matches} {exemplars} {run}"
                    )
                    if run < len(stars):
                        near = peers.brute_force(self.library, person)
                        figure.recall = min(figure.recall, self._recall(near, person))
                        figure.note = f"{len(near.normalised):,} within the outer radius"
                        compared += [near] if run == 0 else []
                    with timed(undo):
                        self._post("faces:undo", {"part": False}, decision)
                self._done(figure)
            if stars:
                self.figures.append(undo)
                self._done(undo)
        self._compare(compared)

    def previewing(self) -> None:
        figure = self._figure("preview, 500 matches", 400.0)
        for run in range(max(self.runs, 3)):
            for star in self.library.of(500):
                said = {"verdict": "is", "name": f"Preview {run}", "tracks": _texts(star.tracks[:5])}
                with timed(figure):
                    self._post("faces:preview", said, status=200)
        if figure.times_ms:
            self._done(figure)
        else:
            self.figures.remove(figure)

    def admitting(self) -> None:
        model = self.library.model
        several = self._figure(f"a new scan of {NEW_TRACKS:,} tracks", 2000.0)
        for _ in range(3):
            with _rolled_back():
                tracks = self._scanned(NEW_TRACKS)
                with timed(several):
                    admission.admit(tracks, model)
        several.note = f"{self.library.people:,} people, {self.library.unknowns:,} unknowns"
        self._done(several)
        grouped = self._figure("the unknown of a new track", 50.0)
        single = self._figure("one new track, all told")
        with _rolled_back():
            tracks = self._scanned(40)
            for track in tracks[:20]:
                with timed(grouped):
                    arrivals.admit([track], model.grouping)
            for track in tracks[20:]:
                with timed(single):
                    admission.admit([track], model)
        self._done(grouped)
        self._done(single)

    def listing(self) -> None:
        """With 100,000 people and a million unknowns, most of them mere rows."""
        people = max(LISTED_PEOPLE if self.library.tracks >= 100_000 else 1000, self.library.people)
        unknown = max(LISTED_UNKNOWNS if self.library.tracks >= 100_000 else 10_000, self.library.unknowns)
        _add_rows(people - Person.objects.count(), unknown - Unknown.objects.count())
        suggested = Resolution.objects.filter(band="suggested").values_list("person_id", flat=True).first()
        lists = [
            *(
                (f"people by {sort}", "faces:people", {"sort": sort})
                for sort in ("name", "screen_time", "recent")
            ),
            ("people whose name has “son 0042”", "faces:people", {"q": "son 0042"}),
            *(
                (f"unknowns by {sort}", "faces:unknowns", {"sort": sort})
                for sort in ("screen_time", "recent", "assets", "quality")
            ),
            ("unknowns, ignored", "faces:unknowns", {"band": "ignored"}),
            ("review", "faces:review", {}),
            ("review of one person", "faces:review", {"person": str(suggested or 1)}),
        ]
        for name, route, query in lists:
            first, later = (
                self._figure(f"{name}: first page", _PAGE_TARGET),
                self._unlisted(f"{name}: later pages", _PAGE_TARGET),
            )
            for _ in range(max(self.runs, 5)):
                with timed(first):
                    answer = self._get(reverse(route), query)
            self._done(first)
            while answer["next"] and len(later.times_ms) < 10:
                with timed(later):
                    answer = self._get(answer["next"], {})
            if later.times_ms:
                self.figures.append(later)
                self._done(later)

    def _name(self, star: Star, exemplars: int, figure: Figure, name: str) -> tuple[int, int]:
        said = {"verdict": "is", "name": name, "tracks": _texts(star.tracks[:exemplars])}
        with timed(figure):
            answer = self._post("faces:decisions", said)
        return int(answer["person"]["id"]), int(answer["id"])

    def _recall(self, near: peers.Near, person: int) -> float:
        """The share of tracks within the radius whose stored answer knows of this person.

        Not missed is who has two people nearer, or a face beside it with a better claim.
        """
        if not near.normalised:
            return 1.0
        tracks, distances = list(near.normalised), list(near.normalised.values())
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT n.track FROM unnest(%(t)s::bigint[], %(d)s::float8[]) AS n(track, distance)
                  LEFT JOIN faces_resolution r ON r.track_id = n.track
                 WHERE NOT coalesce(%(p)s IN (r.person_id, r.runner_up_id, r.yielded_id), false)
                   AND NOT coalesce(r.runner_up_distance <= n.distance, false) AND r.band <> 'confirmed'
                """,
                {"t": tracks, "d": distances, "p": person},
            )
            missing = {track for (track,) in cursor.fetchall()}
            cursor.execute(
                """
                SELECT count(*) FROM faces_resolution WHERE person_id = %s AND band <> 'confirmed'
                   AND NOT track_id = ANY(%s)
                """,
                [person, tracks],
            )
            if too_many := cursor.fetchone()[0]:
                raise RuntimeError(f"{too_many} tracks beyond the radius are named")
        excused = {track for track, other in queries.beside(missing) if other in near.normalised}
        return 1 - len(missing - excused) / len(tracks)

    def _compare(self, compared: Sequence[peers.Near]) -> None:
        """The same searches by others: the mere search, no answer stored."""
        searches = {"numpy, in memory": peers.numpy_search(self.library)}
        if peers.HAS_FAISS:
            searches["faiss IndexFlatL2, in memory"] = peers.faiss_search(self.library)
        else:
            self.say("faiss is NOT compared: pip install 'dramatis[benchmark]'")
        try:
            if self.hnsw:
                seconds = peers.hnsw_build(self.library)
                self.say(f"HNSW index over all faceprints made in {seconds:.0f} s")
                searches["pgvector HNSW"] = peers.hnsw_search(self.library)
            for name, search in searches.items():
                figure = self._figure(f"mere search by {name}")
                recalls = []
                for near in compared:
                    for _ in range(3):
                        with timed(figure):
                            found = search(near)
                    recalls.append(len(found & near.plain) / max(len(near.plain), 1))
                figure.recall = min(recalls, default=1.0)
                if figure.times_ms:
                    self._done(figure)
                else:
                    self.figures.remove(figure)
        finally:
            peers.hnsw_drop()
        figure = self._figure("mere search by tracks_within")
        # the people are gone again: points of those who were there before
        for person in range(1, 10):
            near = peers.brute_force(self.library, person)
            with timed(figure):
                found = queries.tracks_within(self.library.model.calibration, [person])
            recall = len(found & near.normalised.keys()) / max(len(near.normalised), 1)
            figure.recall = min(figure.recall if figure.recall is not None else 1.0, recall)
        self._done(figure)

    def _scanned(self, number: int) -> list[Track]:
        """Tracks of a new asset's scan, not shown yet: faces of stars, of strangers and of people known."""
        library, rng = self.library, np.random.default_rng(7)
        asset: Any = apps.get_model(settings.FACES_ASSET_MODEL).objects.create()
        scan = Scan.objects.create(asset=asset, version=1, live=True, state=JobState.DONE)
        who = rng.integers(0, len(library.centres), number)
        who[: number // 2] = rng.integers(0, library.people, number // 2)
        vectors = library.centres[who] + library.shape.draw(rng, number, (WITHIN + STAR_WITHIN) / 2)
        halves = vectors.astype(np.float16)
        boxes = BoxTrack(np.array([0, 900], np.int32), np.array([[9, 9, 80, 80]] * 2, np.float32)).to_bytes()
        tracks = Track.objects.bulk_create(
            Track(
                asset=asset,
                scan=scan,
                shot=at // 2 * 1000,
                start_ms=at // 2 * 1000,
                end_ms=at // 2 * 1000 + 900 + at % 2,
                boxes=boxes,
                quality=0.5,
                pack="",
                crops=[],
            )
            for at in range(number)
        )
        Faceprint.objects.bulk_create(
            Faceprint(
                track=track, model=library.model.name, vector=vector, quality=0.5, crowding=float(crowding)
            )
            for track, vector, crowding in zip(
                tracks, halves.astype(np.float32), library.model.crowding_of(halves), strict=True
            )
        )
        return tracks

    def _post(self, route: str, said: dict[str, Any], *arguments: int, status: int = 201) -> dict[str, Any]:
        answer = self._client.post(reverse(route, args=arguments), said, content_type="application/json")
        if answer.status_code != status:
            raise RuntimeError(f"{route} answered {answer.status_code}: {answer.content[:500]!r}")
        body: dict[str, Any] = answer.json()
        return body

    def _get(self, url: str, query: dict[str, str]) -> dict[str, Any]:
        answer = self._client.get(url, query) if query else self._client.get(url)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}: {answer.content[:500]!r}")
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def _rolled_back() -> Iterator[None]:
    with queries.identity_write():
        yield
        transaction.set_rollback(True)


def _texts(tracks: Sequence[int]) -> list[str]:
    return [str(track) for track in tracks]


def _add_rows(people: int, unknown: int) -> None:
    """People and unknowns of whom nothing but the row exists."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO faces_person (name, name_key, aliases, description, external_ids, first_name, retired, stranger,
                                      leeway, tracks, assets, screen_time_ms, to_review, uncounted, created)
            SELECT 'Listed ' || n, 'listed ' || n, '[]', '', '{}', 'Listed ' || n, false, false, 0,
                   n %% 100, n %% 40, random() * 1e7, 0, false, now() - n * interval '1 second'
              FROM generate_series(1, %s) AS n
            """,
            [people],
        )
        cursor.execute(
            """
            INSERT INTO faces_unknown (key, tracks, assets, ignored, asked, screen_time_ms, quality, covers,
                                       first_seen, last_seen, shown, uncounted)
            SELECT 'f' || lpad(to_hex(n), 15, '0'), 1 + n %% 20, 1 + n %% 9, 0, 0, random() * 1e7, random(), '[1]',
                   now(), now() - n * interval '1 second', false, false
              FROM generate_series(1, %s) AS n
            """,
            [unknown],
        )
        cursor.execute("VACUUM ANALYZE")


def measure(tracks: int, say: Say, *, people: int, runs: int, hnsw: bool) -> list[Figure]:
    """Fill an empty database with a library of so many tracks and measure it, judged as the manifest says for it."""
    suited = min(measures(), key=lambda offered: abs(offered.thresholds.people - min(people, tracks // 10)))
    put_in_force(suited, source="manifest", by=None)
    say(f"{tracks:,} tracks, judged by the manifest's thresholds for {suited.thresholds.people:,} people")
    library = fill(tracks, current_model(), say, people=people)
    return Bench(library, say, runs, hnsw=hnsw or tracks <= HNSW_TRACKS).run()
