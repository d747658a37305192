"""All the SQL that speaks of vectors and of intervals. Judgement lives in `resolve`, writing in `decisions`.

Vectors of two models are never compared: every query names its model. Distances are computed in the database on the
stored half-precision vectors, in an incremental update and in a full resolution alike, so that both see one figure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from faces.identity.resolve import Candidate, PersonId, Said, Statement

TrackId = int

_ROUNDING = 1e-6
"""More than two ways to compute one distance in double precision can differ by."""

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


def tracks_within(radius: float, people: Collection[PersonId], *, model: str) -> set[TrackId]:
    """Every track whose faceprint lies within `radius` of one of these people, spread included. Exact, or a hair more.

    One pass over the narrow faceprints for each person, with nothing joined: the planner takes a distance for a third
    of the table. No index may drop a row. `radius` is in the model's own metric (L2).
    """
    within: set[TrackId] = set()
    for vector, spread in _rows(
        """
        SELECT vector::text, spread FROM faces_exemplar
         WHERE person_id = ANY(%s) AND model = %s AND faceprint_id IS NULL AND spread <= %s
        """,
        [list(people), model, radius**2],
    ):
        reach = math.sqrt(radius**2 - spread) + _ROUNDING
        within.update(
            row[0]
            for row in _rows(
                """
                SELECT track_id FROM faces_faceprint
                 WHERE model = %s AND track_id IS NOT NULL AND vector <-> %s::halfvec <= %s
                """,
                [model, vector, reach],
            )
        )
    return within


def tracks_about(people: Collection[PersonId]) -> set[TrackId]:
    """Every track whose stored answer mentions one of these people, as name, suggestion or runner-up."""
    if not people:
        return set()
    return {
        row[0]
        for row in _rows(
            "SELECT track_id FROM faces_resolution WHERE person_id = ANY(%(p)s) OR runner_up_id = ANY(%(p)s)",
            {"p": list(people)},
        )
    }


def candidates(tracks: Collection[TrackId], radius: float, *, model: str) -> dict[TrackId, list[Candidate]]:
    """For each track, every person within `radius` of its faceprint, with the exemplar that is most like it."""
    found: dict[TrackId, list[Candidate]] = defaultdict(list)
    for track, person, exemplar, distance in _rows(
        """
        SELECT near.track_id, near.person_id, alike.faceprint_id, near.distance
          FROM (SELECT f.track_id, f.vector, m.person_id, m.model,
                       sqrt((f.vector <-> m.vector) ^ 2 + m.spread) AS distance
                  FROM faces_faceprint f
                  JOIN faces_exemplar m ON m.model = f.model AND m.faceprint_id IS NULL
                 WHERE f.model = %(model)s AND f.track_id = ANY(%(tracks)s)
               ) AS near
         CROSS JOIN LATERAL (
                SELECT e.faceprint_id FROM faces_exemplar e
                 WHERE e.person_id = near.person_id AND e.model = near.model AND e.faceprint_id IS NOT NULL
                 ORDER BY e.vector <-> near.vector, e.faceprint_id LIMIT 1
               ) AS alike
         WHERE near.distance <= %(radius)s
        """,
        {"radius": radius, "model": model, "tracks": list(tracks)},
    ):
        found[track].append(Candidate(person, distance, exemplar))
    return found


def people_near(vector: NDArray[np.float32], radius: float, *, model: str) -> list[Candidate]:
    """Every person within `radius` of a faceprint that is not stored, nearest first."""
    return [
        Candidate(person, distance)
        for person, distance in _rows(
            """
            SELECT person_id, distance FROM (
                SELECT person_id, sqrt((vector <-> %s::halfvec) ^ 2 + spread) AS distance
                  FROM faces_exemplar WHERE model = %s AND faceprint_id IS NULL
            ) AS near WHERE distance <= %s ORDER BY distance, person_id
            """,
            [_literal(vector), model, radius],
        )
    ]


def nearest_unknown(vector: NDArray[np.float32], radius: float, *, model: str) -> tuple[int, float] | None:
    """The unknown whose mean faceprint lies nearest, within `radius`: (id, distance), or None."""
    rows = _rows(
        """
        SELECT unknown_id, vector <-> %(v)s::vector AS distance FROM faces_unknowncentroid
         WHERE model = %(m)s ORDER BY distance, unknown_id LIMIT 1
        """,
        {"v": _literal(vector), "m": model},
    )
    return (rows[0][0], rows[0][1]) if rows and rows[0][1] <= radius else None


def statements(tracks: Collection[TrackId]) -> dict[TrackId, list[Statement]]:
    """What active decisions say of each track, oldest first; nothing is said of people who are no more."""
    said: dict[TrackId, list[Statement]] = defaultdict(list)
    for track, verdict, person in _rows(
        """
        SELECT a.track_id, d.verdict, d.person_id
          FROM faces_attachment a
          JOIN faces_anchor n ON n.id = a.anchor_id
          JOIN faces_decision d ON d.id = n.decision_id
          LEFT JOIN faces_person p ON p.id = d.person_id
         WHERE a.track_id = ANY(%s) AND d.active AND d.verdict = ANY(%s) AND NOT coalesce(p.retired, false)
         ORDER BY d.id, a.track_id
        """,
        [list(tracks), [said.value for said in Said]],
    ):
        said[track].append(Statement(Said(verdict), person))
    return said


def tracks_spoken_of(person: PersonId) -> set[TrackId]:
    """Every track that some active decision says is, or is not, this person."""
    return {
        row[0]
        for row in _rows(
            """
            SELECT DISTINCT a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.person_id = %s AND d.active
            """,
            [person],
        )
    }


def tracks_said_to_be(person: PersonId) -> set[TrackId]:
    """Every track that some active decision says is this person; a later decision may say otherwise."""
    return {
        row[0]
        for row in _rows(
            """
            SELECT DISTINCT a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.person_id = %s AND d.active AND d.verdict = 'is'
            """,
            [person],
        )
    }


def _literal(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(format(value, ".9g") for value in vector.tolist()) + "]"


def _rows(sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
