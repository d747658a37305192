"""A new generation of crowding: of every faceprint, every person's point and every group's mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.identity.wire import array, copied, native

_AT_ONCE = 20_000


def renew_crowding(
    model: str,
    dim: int,
    of: Callable[[NDArray[np.float16]], NDArray[np.float32]],
    of_points: Callable[[NDArray[np.float16], NDArray[np.float64]], NDArray[np.float32]],
) -> None:
    """Store what another function says of everything under this model. To be called inside `identity_write()`.

    of: takes (n, dim) faceprints. of_points: takes (n, dim) means of people and (n,) their spreads. A group's becomes
    the mean of all its members', also where its faceprint was made before the last few of them came.
    """
    after = 0
    while len(
        rows := copied(
            "SELECT id, vector FROM faces_faceprint WHERE model = %s AND id > %s ORDER BY id LIMIT %s",
            [model, after, _AT_ONCE],
            id=">i8",
            vector=dim,
        )
    ):
        _store("faces_faceprint", rows, of(native(rows["vector"])))
        after = int(rows["id"][-1])
    points = copied(
        "SELECT id, vector, spread FROM faces_point WHERE model = %s ORDER BY id",
        [model],
        id=">i8",
        vector=dim,
        spread=">f8",
    )
    _store("faces_point", points, of_points(native(points["vector"]), native(points["spread"])))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_unknowncentroid c SET crowding = n.crowding
              FROM (SELECT r.base_id, avg(f.crowding) AS crowding
                      FROM faces_resolution r
                      JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(model)s
                     GROUP BY r.base_id) AS n
             WHERE c.unknown_id = n.base_id AND c.model = %(model)s AND c.crowding <> n.crowding
            """,
            {"model": model},
        )


def _store(table: str, rows: NDArray[np.void], crowding: NDArray[np.float32]) -> None:
    """Write what has changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {table} f SET crowding = n.crowding
              FROM unnest(%s::bigint[], %s::float8[]) AS n(id, crowding)
             WHERE f.id = n.id AND f.crowding <> n.crowding
            """,  # noqa: S608  the only thing put in is one of two constants
            [array(rows["id"].tolist()), array(crowding.tolist())],
        )
