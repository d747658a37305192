"""All the SQL that speaks of vectors and of intervals. Judgement lives in `resolve`, writing in `decisions`.

Vectors of two models are never compared: every query names its model. A distance in SQL only finds rows that may be
near; `gallery` computes those that count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from faces.identity.gallery import Album, Faces, Gallery
from faces.identity.resolve import Calibration, Claim, PersonId, Said, Statement, TrackId, Verdict
from faces.identity.wire import copied, native

_ROUNDING = 1e-4
"""More than pgvector's distance in single precision errs."""

_IDENTITY_LOCK = 0x44524D53  # "DRMS"; any constant that this database uses for nothing else


@contextmanager
def identity_write() -> Iterator[None]:
    """A transaction in which nobody else decides or admits tracks: decisions are short, and an order among them
    spares every user a deadlock. Reading goes on undisturbed."""
    with transaction.atomic():
        lock_identity()
        yield


def lock_identity() -> None:
    """Wait until nobody else decides or admits, and keep it so until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IDENTITY_LOCK])


def tracks_within(calibration: Calibration, people: Collection[PersonId]) -> set[TrackId]:
    """Every track whose faceprint may lie within the outer radius of one of these people: exact, or a hair more.

    One pass over the narrow faceprints for each person, with nothing joined: no index may drop a row. The planner takes
    a distance for a third of the table; an aggregate tells it that little comes out, so that it shares the pass
    among workers. Squares are compared, for roots and powers of a million distances take longer than these.
    """
    within: set[TrackId] = set()
    for vector, spread, crowding, leeway in _rows(
        """
        SELECT o.vector::text, o.spread, o.crowding, p.leeway
          FROM faces_point o JOIN faces_person p ON p.id = o.person_id
         WHERE o.person_id = ANY(%s) AND o.model = %s
        """,
        [list(people), calibration.model],
    ):
        reach = calibration.suggested + leeway + calibration.crowding / 2 * crowding + _ROUNDING
        [(found,)] = _rows(
            """
            SELECT array_agg(track_id) FROM faces_faceprint
             WHERE halfvec_l2_squared_distance(vector, %(v)s::halfvec) + %(s)s
                   <= (%(r)s + %(w)s * crowding) * (%(r)s + %(w)s * crowding)
               AND track_id IS NOT NULL AND model = %(m)s
            """,
            {
                "v": vector,
                "s": spread,
                "r": reach,
                "w": calibration.crowding / 2,
                "m": calibration.model,
            },
        )
        within.update(found or ())
    return within


def tracks_about(people: Collection[PersonId]) -> set[TrackId]:
    """Every track whose stored answer mentions one of these people: as name, suggestion, runner-up or yielded."""
    if not people:
        return set()
    return {
        row[0]
        for row in _rows(
            """
            SELECT track_id FROM faces_resolution WHERE person_id = ANY(%(p)s)
             UNION SELECT track_id FROM faces_resolution WHERE runner_up_id = ANY(%(p)s)
             UNION SELECT track_id FROM faces_resolution WHERE yielded_id = ANY(%(p)s)
            """,
            {"p": list(people)},
        )
    }


def gallery(model: str, dim: int) -> Gallery:
    """Everybody who has a point under this model, as arrays."""
    rows = copied(
        """
        SELECT o.person_id, o.vector, o.crowding, o.spread, p.leeway, p.stranger
          FROM faces_point o JOIN faces_person p ON p.id = o.person_id
         WHERE o.model = %s ORDER BY o.person_id
        """,
        [model],
        person=">i8",
        vector=dim,
        crowding=">f8",
        spread=">f8",
        leeway=">f8",
        stranger="?",
    )
    return Gallery(
        people=native(rows["person"]),
        points=_faces(rows),
        spread=native(rows["spread"]),
        leeway=native(rows["leeway"]),
        stranger=native(rows["stranger"]),
    )


def edition_of_albums(model: str) -> tuple[int, int]:
    """Another one whenever an album has changed: its rows are made and deleted, never rewritten, and no id returns."""
    [(rows, newest)] = _rows(
        "SELECT count(*), coalesce(max(id), 0) FROM faces_exemplar WHERE model = %s", [model]
    )
    return rows, newest


def albums(people: Collection[PersonId] | None, model: str, dim: int) -> tuple[Album, Album]:
    """The faceprints that stand for these people, or for everybody, and those that humans said are not them."""
    rows = copied(
        """
        SELECT e.person_id, f.id, f.vector, f.crowding, e.refused
          FROM faces_exemplar e JOIN faces_faceprint f ON f.id = e.faceprint_id
         WHERE e.model = %s AND (%s OR e.person_id = ANY(%s)) ORDER BY e.person_id, f.id
        """,
        [model, people is None, list(people or ())],
        person=">i8",
        faceprint=">i8",
        vector=dim,
        crowding=">f8",
        refused="?",
    )
    examples, refused = rows[~rows["refused"]], rows[rows["refused"]]
    return _album(examples), _album(refused)


def _album(rows: NDArray[np.void]) -> Album:
    return Album(native(rows["person"]), native(rows["faceprint"]), _faces(rows))


def _faces(rows: NDArray[np.void]) -> Faces:
    return Faces(native(rows["vector"]), native(rows["crowding"]).astype(np.float32))


def faces_of_tracks(tracks: Collection[TrackId], model: str, dim: int) -> tuple[NDArray[np.int64], Faces]:
    """(n,) ids of those of the tracks that have a faceprint under this model, ascending, and their n faces."""
    rows = copied(
        """
        SELECT track_id, vector, crowding FROM faces_faceprint
         WHERE model = %s AND track_id = ANY(%s) ORDER BY track_id
        """,
        [model, list(tracks)],
        track=">i8",
        vector=dim,
        crowding=">f8",
    )
    return native(rows["track"]), _faces(rows)


def faces_near(asked: Faces, calibration: Calibration) -> tuple[NDArray[np.int64], NDArray[np.int64], Faces]:
    """Every track whose face may lie within the outer radius of one of the faces asked for; a few more.

    In one pass over the faceprints, however many are asked for. Answers (n,) which of them is near, (n,) the ids of the
    tracks, and their n faces.
    """
    weight = calibration.crowding / 2
    rows = copied(
        """
        WITH asked AS MATERIALIZED (
            SELECT face, vector::halfvec AS vector, reach
              FROM unnest(%s::text[], %s::float8[]) WITH ORDINALITY AS a(vector, reach, face)
        )
        SELECT a.face, f.track_id, f.vector, f.crowding
          FROM faces_faceprint f JOIN asked a ON (f.vector <-> a.vector) - %s * f.crowding <= a.reach
         WHERE f.model = %s AND f.track_id IS NOT NULL
        """,
        [
            [literal(vector) for vector in asked.vectors],
            (calibration.suggested + weight * asked.crowding.astype(np.float64) + _ROUNDING).tolist(),
            weight,
            calibration.model,
        ],
        face=">i8",
        track=">i8",
        vector=asked.vectors.shape[1],
        crowding=">f8",
    )
    return native(rows["face"]) - 1, native(rows["track"]), _faces(rows)


def beside(tracks: Collection[TrackId], arriving: Collection[TrackId] = ()) -> list[tuple[TrackId, TrackId]]:
    """(track, other) for every track that is in the same picture as one of these at some moment: shown, or arriving."""
    return [
        (track, other)
        for track, other in _rows(
            """
            SELECT t.id, o.id
              FROM faces_track t
              JOIN faces_track o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
              LEFT JOIN faces_resolution r ON r.track_id = o.id
             WHERE t.id = ANY(%s) AND (r.track_id IS NOT NULL OR o.id = ANY(%s))
            """,
            [list(tracks), list(arriving)],
        )
    ]


def unknowns_of(tracks: Collection[TrackId]) -> set[int]:
    """The unknowns that these tracks are shown under, while nobody is named."""
    return {
        row[0]
        for row in _rows(
            "SELECT DISTINCT unknown_id FROM faces_resolution WHERE track_id = ANY(%s)", [list(tracks)]
        )
    }


def spans(tracks: Collection[TrackId]) -> list[tuple[Any, int | None, int, int, int]]:
    """(asset, person, unknown, start_ms, end_ms) of these tracks as they are shown now."""
    return _rows(
        """
        SELECT t.asset_id, r.person_id, r.unknown_id, t.start_ms, t.end_ms
          FROM faces_track t JOIN faces_resolution r ON r.track_id = t.id WHERE t.id = ANY(%s)
        """,
        [list(tracks)],
    )


def tracks_of_scans_after(scan: int, about: int) -> list[tuple[int, TrackId]]:
    """(scan, track) of the shown tracks of the next scans, whole ones, in order, some `about` tracks in all."""
    return [
        (scan_, track)
        for scan_, track in _rows(
            """
            WITH next_ones AS (
                SELECT t.scan_id FROM faces_track t JOIN faces_resolution r ON r.track_id = t.id
                 WHERE t.scan_id > %(s)s ORDER BY t.scan_id LIMIT %(n)s
            )
            SELECT t.scan_id, t.id FROM faces_track t JOIN faces_resolution r ON r.track_id = t.id
             WHERE t.scan_id > %(s)s AND t.scan_id <= (SELECT max(scan_id) FROM next_ones) ORDER BY t.scan_id
            """,
            {"s": scan, "n": about},
        )
    ]


def claims(tracks: Collection[TrackId]) -> dict[TrackId, Claim]:
    """The stored claims of those of these tracks that have one."""
    return {
        track: Claim(distance, track, person)
        for track, person, distance in _rows(
            """
            SELECT track_id, coalesce(yielded_id, person_id),
                   CASE WHEN band = 'confirmed' THEN -1 ELSE coalesce(yielded_distance, distance, -1) END
              FROM faces_resolution
             WHERE track_id = ANY(%s)
               AND (yielded_id IS NOT NULL OR band IN ('confirmed', 'auto', 'ignored') AND person_id IS NOT NULL)
            """,
            [list(tracks)],
        )
    }


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of a track's answer."""

    model: str
    verdict: Verdict


def stored_answers(tracks: Collection[TrackId]) -> dict[TrackId, Stored]:
    """The stored answers of those of these tracks that are shown."""
    return {
        row[0]: Stored(row[1], Verdict(*row[2:]))
        for row in _rows(
            """
            SELECT track_id, model, band, person_id, distance, exemplar_id, runner_up_id, runner_up_distance,
                   yielded_id, yielded_distance
              FROM faces_resolution WHERE track_id = ANY(%s)
            """,
            [list(tracks)],
        )
    }


def rewrite_answers(answers: Sequence[tuple[TrackId, Verdict]], model: str) -> None:
    """Store these answers in the place of the old ones."""
    if not answers:
        return
    tracks, verdicts = zip(*answers, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_resolution r
               SET band = n.band, person_id = n.person, distance = n.distance, exemplar_id = n.exemplar,
                   runner_up_id = n.runner_up, runner_up_distance = n.runner_up_distance,
                   yielded_id = n.yielded, yielded_distance = n.yielded_distance, model = %s
              FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::bigint[], %s::bigint[],
                          %s::float8[], %s::bigint[], %s::float8[])
                   AS n(track, band, person, distance, exemplar, runner_up, runner_up_distance, yielded,
                        yielded_distance)
             WHERE r.track_id = n.track
            """,
            [
                model,
                list(tracks),
                *(
                    [getattr(verdict, name) for verdict in verdicts]
                    for name in (
                        "band",
                        "person",
                        "distance",
                        "exemplar",
                        "runner_up",
                        "runner_up_distance",
                        "yielded",
                        "yielded_distance",
                    )
                ),
            ],
        )


_SAID = (
    """CASE WHEN d.verdict <> 'split' THEN d.verdict WHEN d.unknown_id IS NULL THEN 'is' ELSE 'is_not' END"""
)
"""A split gives its tracks to a new person or, without a name, takes them from the person whose they were."""


def statements(tracks: Collection[TrackId]) -> dict[TrackId, list[Statement]]:
    """What active decisions say of each track, oldest first; nothing is said of people who are no more."""
    said: dict[TrackId, list[Statement]] = defaultdict(list)
    for track, verdict, person in _rows(
        f"""
        SELECT a.track_id, {_SAID} AS said, r.id
          FROM faces_attachment a
          JOIN faces_anchor n ON n.id = a.anchor_id
          JOIN faces_decision d ON d.id = n.decision_id
          LEFT JOIN faces_person p ON p.id = d.person_id
          LEFT JOIN faces_person r ON r.id = coalesce(p.merged_into_id, p.id)
         WHERE a.track_id = ANY(%s) AND d.active AND {_SAID} = ANY(%s)
           AND (r.id IS NULL AND d.verdict = 'not_a_face' OR NOT r.retired)
         ORDER BY d.id, a.track_id
        """,  # noqa: S608  the only thing put in is the constant above
        [list(tracks), [said.value for said in Said]],
    ):
        said[track].append(Statement(Said(verdict), person))
    return said


def tracks_spoken_of(people: Collection[PersonId]) -> set[TrackId]:
    """Every track of which some active decision speaks with one of these people in mind."""
    return {
        row[0]
        for row in _rows(
            """
            SELECT DISTINCT a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.person_id = ANY(%s)
            """,
            [list(people)],
        )
    }


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Every shown track that is a face, for the global pass; row i of every array is the same track, (n,) each.

    shot: equal where two tracks were in one shot of one scan. shown: somebody has seen the key of its home.
    """

    tracks: NDArray[np.int64]
    faces: Faces
    quality: NDArray[np.float32]
    shot: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    homes: NDArray[np.int64]
    bases: NDArray[np.int64]
    shown: NDArray[np.bool_]


def library(model: str, dim: int, *, unknown: int | None = None, limit: int | None = None) -> Library:
    """All shown faces under this model, by id; of one unknown those that nobody is named for, at most `limit`."""
    of_one = (
        "r.unknown_id = %(unknown)s AND r.band IN ('unknown', 'suggested')" if unknown is not None else "true"
    )
    rows = copied(
        f"""
        SELECT r.track_id, f.vector, f.crowding, f.quality, t.scan_id, t.shot::bigint, t.start_ms::bigint,
               t.end_ms::bigint, r.home_id, r.base_id, u.shown OR coalesce(m.shown, false)
          FROM faces_resolution r
          JOIN faces_track t ON t.id = r.track_id
          JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(model)s
          JOIN faces_unknown u ON u.id = r.home_id
          LEFT JOIN faces_unknown m ON m.id = u.merged_into_id
         WHERE r.band <> 'not_a_face' AND {of_one} ORDER BY r.track_id LIMIT %(limit)s
        """,  # noqa: S608  the only thing put in is one of two constants
        {"model": model, "unknown": unknown, "limit": limit},
        track=">i8",
        vector=dim,
        crowding=">f8",
        quality=">f8",
        scan=">i8",
        shot=">i8",
        start=">i8",
        end=">i8",
        home=">i8",
        base=">i8",
        shown="?",
    )
    scans, shots = native(rows["scan"]), native(rows["shot"])
    in_order = np.lexsort((shots, scans))
    new = np.append(True, (np.diff(scans[in_order]) != 0) | (np.diff(shots[in_order]) != 0))[: len(rows)]
    shot = np.empty(len(rows), np.int64)
    shot[in_order] = np.cumsum(new)
    return Library(
        tracks=native(rows["track"]),
        faces=_faces(rows),
        quality=native(rows["quality"]).astype(np.float32),
        shot=shot,
        start_ms=native(rows["start"]),
        end_ms=native(rows["end"]),
        homes=native(rows["home"]),
        bases=native(rows["base"]),
        shown=native(rows["shown"]),
    )


def apart_by_splits() -> list[tuple[TrackId, TrackId]]:
    """For every split in force: a track that was taken out, and one that was left behind."""
    return [
        (out, left)
        for out, left in _rows(
            """
            SELECT (SELECT min(track_id) FROM faces_resolution WHERE base_id = u.id),
                   (SELECT min(track_id) FROM faces_resolution WHERE base_id = u.split_from_id)
              FROM faces_unknown u JOIN faces_decision d ON d.id = u.born_of_id AND d.active
             WHERE u.split_from_id IS NOT NULL
            """,
            [],
        )
        if out is not None and left is not None
    ]


def apart_by_names(model: str) -> list[tuple[TrackId, TrackId]]:
    """Tracks of which humans said that they are not one person: an exemplar of somebody, and one that was refused."""
    return [
        (yes, no)
        for yes, no in _rows(
            """
            SELECT DISTINCT fy.track_id, fn.track_id
              FROM faces_exemplar n
              JOIN faces_exemplar y ON y.person_id = n.person_id AND y.model = n.model AND NOT y.refused
              JOIN faces_faceprint fn ON fn.id = n.faceprint_id AND fn.track_id IS NOT NULL
              JOIN faces_faceprint fy ON fy.id = y.faceprint_id AND fy.track_id IS NOT NULL
             WHERE n.model = %s AND n.refused
            """,
            [model],
        )
    ]


def who_is_spoken_of(people: Collection[PersonId]) -> list[tuple[PersonId, TrackId]]:
    """(person, track) wherever some active decision speaks of a track with one of these people in mind."""
    return [
        (person, track)
        for person, track in _rows(
            """
            SELECT DISTINCT d.person_id, a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.person_id = ANY(%s)
            """,
            [list(people)],
        )
    ]


def said_of_exemplars(people: Collection[PersonId]) -> dict[PersonId, dict[tuple[str, int], str]]:
    """The last word of active decisions on each of people's faces: ("track" or "photo", id) → add or remove."""
    said: dict[PersonId, dict[tuple[str, int], str]] = defaultdict(dict)
    for person, verdict, photo, track in _rows(
        """
        SELECT w.who, d.verdict, d.photo_id, a.track_id
          FROM faces_decision d
          JOIN (SELECT id, id AS who FROM faces_person WHERE id = ANY(%(p)s)
                 UNION ALL SELECT id, merged_into_id FROM faces_person WHERE merged_into_id = ANY(%(p)s)) AS w
            ON w.id = d.person_id
          LEFT JOIN faces_anchor n ON n.decision_id = d.id
          LEFT JOIN faces_attachment a ON a.anchor_id = n.id
         WHERE d.active AND d.verdict IN ('add_exemplar', 'remove_exemplar')
           AND (d.photo_id IS NOT NULL OR a.track_id IS NOT NULL)
         ORDER BY d.id
        """,
        {"p": list(people)},
    ):
        said[person][("photo", photo) if photo is not None else ("track", track)] = verdict
    return said


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """Faceprints, by their ids ascending; row i of all is one.

    ids: (n,). names: of each, ("track" or "photo", its id). vectors: (n, dim) float16. qualities: (n,) float64.
    """

    ids: NDArray[np.int64]
    names: list[tuple[str, int]]
    vectors: NDArray[np.float16]
    qualities: NDArray[np.float64]


def prints(tracks: Collection[TrackId], photos: Collection[int], *, model: str, dim: int) -> Prints:
    """The faceprints of these tracks and photographs."""
    rows = copied(
        """
        SELECT id, coalesce(track_id, 0), coalesce(photo_id, 0), vector, quality FROM (
            SELECT id, track_id, photo_id, vector, quality FROM faces_faceprint
             WHERE track_id = ANY(%(t)s) AND model = %(m)s
            UNION ALL
            SELECT id, track_id, photo_id, vector, quality FROM faces_faceprint
             WHERE photo_id = ANY(%(p)s) AND model = %(m)s
        ) AS found ORDER BY id
        """,
        {"t": list(tracks), "p": list(photos), "m": model},
        id=">i8",
        track=">i8",
        photo=">i8",
        vector=dim,
        quality=">f8",
    )
    names = [
        ("photo", photo) if photo else ("track", track)
        for photo, track in zip(rows["photo"].tolist(), rows["track"].tolist(), strict=True)
    ]
    return Prints(native(rows["id"]), names, native(rows["vector"]), native(rows["quality"]))


def who_confirmed(exemplars: Collection[int]) -> dict[int, str]:
    """For each of these faceprints, who said last that it is the person that it stands for."""
    if not exemplars:
        return {}
    return dict(
        _rows(
            """
            SELECT DISTINCT ON (1) print, by_name FROM (
                SELECT f.id AS print, d.id, d.by_name
                  FROM faces_faceprint f
                  JOIN faces_attachment a ON a.track_id = f.track_id
                  JOIN faces_anchor n ON n.id = a.anchor_id
                  JOIN faces_decision d ON d.id = n.decision_id AND d.active AND d.verdict IN ('is', 'split')
                 WHERE f.id = ANY(%(e)s)
                UNION ALL
                SELECT f.id, d.id, d.by_name
                  FROM faces_faceprint f
                  JOIN faces_decision d ON d.photo_id = f.photo_id AND d.active AND d.verdict = 'enrol'
                 WHERE f.id = ANY(%(e)s)
            ) AS said ORDER BY 1, id DESC
            """,
            {"e": list(exemplars)},
        )
    )


@dataclass(frozen=True, slots=True)
class Near:
    """An unknown near a face. distance: to its mean, plain. members: of which `placed` made that mean."""

    unknown: int
    distance: float
    crowding: float
    members: int
    placed: int


def nearest_unknowns(
    tracks: Collection[TrackId], limit: int, *, model: str, dim: int
) -> dict[TrackId, list[Near]]:
    """For each of these tracks, the unknowns whose mean faceprints lie nearest, nearest first.

    By the index on the means: near enough for grouping between two passes, and quick at a million unknowns.
    """
    found: dict[TrackId, list[Near]] = defaultdict(list)
    with connection.cursor() as cursor:
        # go on behind the means that were replaced since the last vacuum, which the index still knows
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
    centre, face = f"c.vector::halfvec({dim})", f"f.vector::halfvec({dim})"
    for track, *near in _rows(
        f"""
        SELECT f.track_id, n.* FROM faces_faceprint f CROSS JOIN LATERAL (
            SELECT c.unknown_id, {centre} <-> {face}, c.crowding, c.members, c.placed
              FROM faces_unknowncentroid c WHERE c.model = %(m)s ORDER BY {centre} <-> {face} LIMIT %(l)s
        ) AS n WHERE f.track_id = ANY(%(t)s) AND f.model = %(m)s ORDER BY 1, 3, 2
        """,  # noqa: S608  the only things put in are constants
        {"t": list(tracks), "m": model, "l": limit},
    ):
        found[track].append(Near(*near))
    return found


def sums_of_unknowns(
    unknowns: Collection[int], *, model: str
) -> dict[int, tuple[NDArray[np.float64], float, int]]:
    """Of the members of each: the sum of their faceprints, (dim,), the sum of their crowding, and how many they are."""
    if not unknowns:
        return {}
    return {
        unknown: (np.array(mean[1:-1].split(","), np.float64) * count, crowding * count, count)
        for unknown, mean, crowding, count in _rows(
            """
            SELECT r.base_id, avg(f.vector::vector)::text, avg(f.crowding), count(*)
              FROM faces_resolution r JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %s
             WHERE r.base_id = ANY(%s) GROUP BY 1
            """,
            [model, list(unknowns)],
        )
    }


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """The mean of a group as the index has it. vector: (dim,), None where it stays as it is."""

    unknown: int
    vector: NDArray[np.float32] | None
    crowding: float
    members: int
    placed: int


def store_centres(centres: Sequence[Centre], *, model: str) -> None:
    """Write new means and changed ones. A row that carries an indexed vector is dear to change: what stays, stays."""
    moved = [centre for centre in centres if centre.vector is not None]
    grown = [centre for centre in centres if centre.vector is None]
    with connection.cursor() as cursor:
        if moved:
            cursor.execute(
                """
                INSERT INTO faces_unknowncentroid (unknown_id, model, vector, crowding, members, placed)
                SELECT unknown, %s, vector::vector, crowding, members, placed
                  FROM unnest(%s::bigint[], %s::text[], %s::float8[], %s::int[], %s::int[])
                       AS n(unknown, vector, crowding, members, placed)
                    ON CONFLICT (unknown_id, model) DO UPDATE
                   SET vector = excluded.vector, crowding = excluded.crowding, members = excluded.members,
                       placed = excluded.placed
                """,
                [
                    model,
                    [centre.unknown for centre in moved],
                    [literal(centre.vector) for centre in moved if centre.vector is not None],
                    [centre.crowding for centre in moved],
                    [centre.members for centre in moved],
                    [centre.placed for centre in moved],
                ],
            )
        if grown:
            cursor.execute(
                """
                UPDATE faces_unknowncentroid c SET members = n.members
                  FROM unnest(%s::bigint[], %s::int[]) AS n(unknown, members)
                 WHERE c.unknown_id = n.unknown AND c.model = %s
                """,
                [[centre.unknown for centre in grown], [centre.members for centre in grown], model],
            )


def literal(vector: NDArray[np.floating[Any]]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(format(value, ".9g") for value in vector.tolist()) + "]"


def _rows(sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
