"""Unknowns by their means, and the whole library for the global pass."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.identity.gallery import Faces
from faces.identity.resolve import TrackId
from faces.identity.wire import ROUNDING, copied, faces_in, literal, native, rows_of

_FEW = 6
"""Faces that the database compares with a hundred thousand means sooner than it hands these out."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Every shown track that is a face, for the global pass; row i of every array is the same track, (n,) each.

    shot: equal where two tracks were in one shot of one scan. shown: somebody has seen the key of its home. person: who
    it is as a human said, or -1.
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
    person: NDArray[np.int64]

    def row_of(self, tracks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each of these tracks, or -1."""
        rows = np.minimum(np.searchsorted(self.tracks, tracks), max(len(self.tracks) - 1, 0))
        if not len(self.tracks):
            return np.full_like(tracks, -1)
        return np.where(self.tracks[rows] == tracks, rows, -1)


def library(
    model: str, dim: int, *, until: int | None = None, unknown: int | None = None, limit: int | None = None
) -> Library:
    """All shown faces under this model, by id, the last of them `until`; of one unknown those that nobody is named for,
    at most `limit`."""
    of_one = (
        "r.unknown_id = %(unknown)s AND r.band IN ('unknown', 'suggested')" if unknown is not None else "true"
    )
    rows = copied(
        f"""
        SELECT r.track_id, f.vector, f.crowding, f.quality, t.scan_id, t.shot::bigint, t.start_ms::bigint,
               t.end_ms::bigint, r.home_id, r.base_id, u.shown OR coalesce(m.shown, false),
               CASE WHEN r.band = 'confirmed' THEN r.person_id ELSE -1 END
          FROM faces_resolution r
          JOIN faces_track t ON t.id = r.track_id
          JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(model)s
          JOIN faces_unknown u ON u.id = r.home_id
          LEFT JOIN faces_unknown m ON m.id = u.merged_into_id
         WHERE r.band <> 'not_a_face' AND {of_one}
           AND (%(until)s::bigint IS NULL OR r.track_id <= %(until)s::bigint)
         ORDER BY r.track_id LIMIT %(limit)s
        """,  # noqa: S608  the only thing put in is one of two constants
        {"model": model, "until": until, "unknown": unknown, "limit": limit},
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
        person=">i8",
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
        person=native(rows["person"]),
    )


def size_of_library() -> int:
    """How many tracks are shown: counted as far as 10,000, beyond as Postgres estimates it."""
    [(counted, estimated)] = rows_of(
        """
        SELECT (SELECT count(*) FROM (SELECT 1 FROM faces_resolution LIMIT 10000) AS few),
               (SELECT reltuples::bigint FROM pg_class WHERE oid = 'faces_resolution'::regclass)
        """,
        [],
    )
    return int(counted) if counted < 10_000 else max(int(counted), int(estimated))


def tracks_denied() -> set[TrackId]:
    """The tracks of which a human said that they are not somebody, or took them out of a group."""
    return {
        track
        for (track,) in rows_of(
            """
            SELECT DISTINCT a.track_id FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id = d.id
              JOIN faces_attachment a ON a.anchor_id = n.id
             WHERE d.active AND d.verdict IN ('is_not', 'split')
            """,
            [],
        )
    }


def last_decision() -> int:
    """The id of the latest decision, 0 where there is none."""
    [(last,)] = rows_of("SELECT coalesce(max(id), 0) FROM faces_decision", [])
    return int(last)


def homes_spoken_of(since: int) -> set[int]:
    """The unknowns that hold a track of which later decisions speak, or which these take back."""
    return {
        home
        for (home,) in rows_of(
            """
            SELECT DISTINCT r.home_id
              FROM faces_decision d
              JOIN faces_anchor n ON n.decision_id IN (d.id, d.reverts_id)
              JOIN faces_attachment a ON a.anchor_id = n.id
              JOIN faces_resolution r ON r.track_id = a.track_id
             WHERE d.id > %s
            """,
            [since],
        )
    }


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


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Means of groups by their ids ascending; row i of all is one.

    unknowns: (n,). means: n faces. members, placed: (n,), the group's tracks, and how many of them made the mean.
    """

    unknowns: NDArray[np.int64]
    means: Faces
    members: NDArray[np.int64]
    placed: NDArray[np.int64]


def centres_near(asked: Faces, radius: float, crowding: float, *, model: str) -> Centres:
    """Every group whose mean may lie within the radius of one of the faces asked for, and others.

    Exact: an index on the means passes over 3 to 4 of 100 nearest ones. Of a few faces the database tells which groups
    are near; for many, comparing all means elsewhere is quicker, so that all are handed out.
    """
    reach = (radius + crowding / 2 * asked.crowding.astype(np.float64) + ROUNDING).tolist()
    asked_for = list(enumerate(zip(asked.vectors, reach, strict=True))) if len(asked) <= _FEW else []
    near = " OR ".join(
        f"(c.vector <-> %(v{i})s::halfvec) - %(w)s * c.crowding <= %(r{i})s" for i, _ in asked_for
    )
    parameters: dict[str, Any] = {"m": model, "w": crowding / 2}
    for i, (vector, within) in asked_for:
        parameters |= {f"v{i}": literal(vector), f"r{i}": within}
    rows = copied(
        f"""
        SELECT c.unknown_id, c.vector, c.crowding, c.members::bigint, c.placed::bigint
          FROM faces_unknowncentroid c WHERE c.model = %(m)s AND ({near or "true"}) ORDER BY 1
        """,  # noqa: S608  what is put in are numbered parameters
        parameters,
        unknown=">i8",
        vector=asked.vectors.shape[1],
        crowding=">f8",
        members=">i8",
        placed=">i8",
    )
    return Centres(native(rows["unknown"]), faces_in(rows), native(rows["members"]), native(rows["placed"]))


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
    """The mean of a group as it is stored. vector: (dim,), None where it stays as it is."""

    unknown: int
    vector: NDArray[np.float16] | None
    crowding: float
    members: int
    placed: int


def store_centres(centres: Sequence[Centre], *, model: str) -> None:
    """Write new means and changed ones; what stays, stays."""
    moved = [centre for centre in centres if centre.vector is not None]
    grown = [centre for centre in centres if centre.vector is None]
    with connection.cursor() as cursor:
        if moved:
            cursor.execute(
                """
                INSERT INTO faces_unknowncentroid (unknown_id, model, vector, crowding, members, placed)
                SELECT unknown, %s, vector::halfvec, crowding, members, placed
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
