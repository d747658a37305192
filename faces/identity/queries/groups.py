"""Unknowns by their means, and the whole library for the global pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.identity.gallery import Faces
from faces.identity.resolve import TrackId
from faces.identity.wire import copied, faces_in, literal, native, rows_of


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
        faces=faces_in(rows),
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
        for out, left in rows_of(
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
        for yes, no in rows_of(
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
    for track, *near in rows_of(
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
        for unknown, mean, crowding, count in rows_of(
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
