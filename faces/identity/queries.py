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

    One pass over the narrow faceprints for each person, with nothing joined: the planner takes a distance for a third
    of the table. No index may drop a row.
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
        within.update(
            row[0]
            for row in _rows(
                """
                SELECT track_id FROM faces_faceprint
                 WHERE model = %s AND track_id IS NOT NULL
                   AND sqrt((vector <-> %s::halfvec) ^ 2 + %s) - %s * crowding <= %s
                """
                if calibration.crowding or spread
                else """
                SELECT track_id FROM faces_faceprint
                 WHERE model = %s AND track_id IS NOT NULL AND vector <-> %s::halfvec <= %s
                """,
                [calibration.model, vector, spread, calibration.crowding / 2, reach]
                if calibration.crowding or spread
                else [calibration.model, vector, reach],
            )
        )
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


def albums(people: Collection[PersonId], model: str, dim: int) -> tuple[Album, Album]:
    """The faceprints that stand for these people, and those that humans said are not them."""
    rows = copied(
        """
        SELECT e.person_id, f.id, f.vector, f.crowding, e.refused
          FROM faces_exemplar e JOIN faces_faceprint f ON f.id = e.faceprint_id
         WHERE e.person_id = ANY(%s) AND e.model = %s ORDER BY e.person_id, f.id
        """,
        [list(people), model],
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


def beside(tracks: Collection[TrackId]) -> list[tuple[TrackId, TrackId]]:
    """(track, other) for every shown track that is in the same picture as one of these at some moment."""
    return [
        (track, other)
        for track, other in _rows(
            """
            SELECT t.id, o.id
              FROM faces_track t
              JOIN faces_track o ON o.scan_id = t.scan_id AND o.shot = t.shot AND o.id <> t.id
                                AND o.start_ms < t.end_ms AND o.end_ms > t.start_ms
              JOIN faces_resolution r ON r.track_id = o.id
             WHERE t.id = ANY(%s)
            """,
            [list(tracks)],
        )
    ]


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


def said_of_exemplars(person: PersonId) -> dict[tuple[str, int], str]:
    """The last word of active decisions on each of a person's faces: ("track" or "photo", id) → add or remove."""
    return {
        ("photo", photo) if photo is not None else ("track", track): verdict
        for verdict, photo, track in _rows(
            """
            SELECT d.verdict, d.photo_id, a.track_id
              FROM faces_decision d
              LEFT JOIN faces_anchor n ON n.decision_id = d.id
              LEFT JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.verdict IN ('add_exemplar', 'remove_exemplar')
               AND d.person_id IN (SELECT id FROM faces_person WHERE id = %(p)s OR merged_into_id = %(p)s)
               AND (d.photo_id IS NOT NULL OR a.track_id IS NOT NULL)
             ORDER BY d.id
            """,
            {"p": person},
        )
    }


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


def nearest_unknowns(
    vector: NDArray[np.float16], crowding: float, reach: float, limit: int, *, weight: float, model: str
) -> list[tuple[int, float]]:
    """The unknowns whose mean faceprints lie nearest to a face, nearest first: (id, distance) up to `reach`.

    By the index on the means: near enough for grouping between two passes, and quick at a million unknowns. weight:
    how much of the crowding distances are relieved of.
    """
    with connection.cursor() as cursor:
        # go on behind the means that were replaced since the last vacuum, which the index still knows
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
    return [
        (unknown, distance)
        for unknown, distance in _rows(
            f"""
            SELECT unknown_id, distance - %(w)s * (crowding + %(c)s) FROM (
                SELECT unknown_id, crowding, {_CENTRE} <-> %(v)s::halfvec({len(vector)}) AS distance
                  FROM faces_unknowncentroid WHERE model = %(m)s
                 ORDER BY {_CENTRE} <-> %(v)s::halfvec({len(vector)}) LIMIT %(l)s
            ) AS near ORDER BY 2, 1
            """.replace("DIM", str(len(vector))),  # noqa: S608  the only things put in are constants
            {"v": literal(vector), "m": model, "l": limit, "w": weight / 2, "c": crowding},
        )
        if distance <= reach
    ]


_CENTRE = "vector::halfvec(DIM)"


def pull_centre(unknown: int, vector: NDArray[np.float16], crowding: float, *, model: str) -> None:
    """Take one more member into a group's mean, or begin it.

    The mean in the index follows while the group is small, and then whenever it has grown by an eighth: a row that
    carries an indexed vector is dear to change, and a mean of many hardly moves.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO faces_unknowncentroid AS c (unknown_id, model, vector, crowding, members, placed)
            VALUES (%(u)s, %(m)s, %(v)s::vector, %(c)s, 1, 1)
            ON CONFLICT (unknown_id, model) DO UPDATE
               SET members = c.members + 1
            RETURNING members, placed
            """,
            {"u": unknown, "m": model, "v": literal(vector), "c": crowding},
        )
        members, placed = cursor.fetchone()
        if members > 1 and members >= placed + max(placed // 8, 1):
            cursor.execute(
                """
                UPDATE faces_unknowncentroid c
                   SET vector = m.vector, crowding = m.crowding, placed = c.members
                  FROM (SELECT avg(f.vector::vector) AS vector, avg(f.crowding) AS crowding
                          FROM faces_resolution r
                          JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(m)s
                         WHERE r.base_id = %(u)s) AS m
                 WHERE c.unknown_id = %(u)s AND c.model = %(m)s
                """,
                {"u": unknown, "m": model},
            )


def literal(vector: NDArray[np.floating[Any]]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(format(value, ".9g") for value in vector.tolist()) + "]"


def _rows(sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
