"""Faces and people by their vectors: who is there, and what may lie near them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity.gallery import Album, Faces, Gallery
from faces.identity.resolve import Calibration, PersonId, TrackId
from faces.identity.wire import ROUNDING, array, copied, faces_in, literal, native, rows_of


def tracks_within(calibration: Calibration, people: Collection[PersonId]) -> set[TrackId]:
    """Every track whose faceprint may lie within the outer radius of one of these people: exact, or a hair more.

    One pass over the narrow faceprints for each person, with nothing joined: no index may drop a row. The planner takes
    a distance for a third of the table; an aggregate tells it that little comes out, so that it shares the pass
    among workers. Squares are compared, for roots and powers of a million distances take longer than these.
    """
    within: set[TrackId] = set()
    for vector, spread, crowding, leeway in rows_of(
        """
        SELECT o.vector::text, o.spread, o.crowding, p.leeway
          FROM faces_point o JOIN faces_person p ON p.id = o.person_id
         WHERE o.person_id = ANY(%s) AND o.model = %s
        """,
        [list(people), calibration.model],
    ):
        reach = calibration.suggested + leeway + calibration.crowding / 2 * crowding + ROUNDING
        [(found,)] = rows_of(
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
        points=faces_in(rows),
        spread=native(rows["spread"]),
        leeway=native(rows["leeway"]),
        stranger=native(rows["stranger"]),
    )


def edition_of_albums(model: str) -> tuple[int, int]:
    """Another one whenever an album has changed: its rows are made and deleted, never rewritten, and no id returns."""
    [(rows, newest)] = rows_of(
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
    return Album(native(rows["person"]), native(rows["faceprint"]), faces_in(rows))


def faces_of_tracks(tracks: Collection[TrackId], model: str, dim: int) -> tuple[NDArray[np.int64], Faces]:
    """(n,) ids of those of the tracks that have a faceprint under this model, ascending, and their n faces."""
    rows = copied(
        """
        SELECT track_id, vector, crowding FROM faces_faceprint
         WHERE model = %s AND track_id = ANY(%s) ORDER BY track_id
        """,
        [model, array(tracks)],
        track=">i8",
        vector=dim,
        crowding=">f8",
    )
    return native(rows["track"]), faces_in(rows)


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
            (calibration.suggested + weight * asked.crowding.astype(np.float64) + ROUNDING).tolist(),
            weight,
            calibration.model,
        ],
        face=">i8",
        track=">i8",
        vector=asked.vectors.shape[1],
        crowding=">f8",
    )
    return native(rows["face"]) - 1, native(rows["track"]), faces_in(rows)


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
