"""Rows out of Postgres as they come, and many with vectors at once: COPY's binary form, read as one array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.identity.gallery import Faces

_HEADER_BYTES = 19  # signature, flags, and the length of an extension that nobody uses
_TRAILER_BYTES = 2
ROUNDING = 1e-4
"""More than pgvector's distance in single precision errs."""

Column = str | int
"""A numpy type in network order (">i8", ">f8", "?"), or the dimensions of a halfvec."""


def copied(sql: str, parameters: Sequence[Any] | Mapping[str, Any], **columns: Column) -> NDArray[np.void]:
    """The rows of a query whose columns are `columns`, in that order and none of them null, as a structured array.

    A halfvec's field is (dim,) float16; its rows must all have that many dimensions.
    """
    layout: list[tuple[Any, ...]] = [("_fields", ">i2")]
    for name, column in columns.items():
        layout.append((f"_length_{name}", ">i4"))
        if isinstance(column, int):
            layout += [(f"_dim_{name}", ">i2"), (f"_unused_{name}", ">i2"), (name, ">f2", (column,))]
        else:
            layout.append((name, column))
    dtype = np.dtype(layout)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT binary)", parameters) as copy,
    ):
        content = b"".join(bytes(block) for block in copy)
    rows, rest = divmod(len(content) - _HEADER_BYTES - _TRAILER_BYTES, dtype.itemsize)
    if rest:
        raise ValueError(f"the rows of {sql.split()[0:6]} are not all of the shape {dtype}")
    return np.frombuffer(content, dtype, count=rows, offset=_HEADER_BYTES)


def native(field: NDArray[Any]) -> NDArray[Any]:
    """A column as an array of its own, in this machine's byte order."""
    return np.ascontiguousarray(field.astype(field.dtype.newbyteorder("=")))


def faces_in(rows: NDArray[np.void]) -> Faces:
    """The faces of rows that have the columns `vector` and `crowding`."""
    return Faces(native(rows["vector"]), native(rows["crowding"]).astype(np.float32))


def literal(vector: NDArray[np.floating[Any]]) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(format(value, ".9g") for value in vector.tolist()) + "]"


def array(values: Iterable[object]) -> str:
    """Numbers, words without special characters and None as Postgres reads an array of them: to be cast to its type.

    For the many values that an array's adaptation takes, each by itself, as long as the query takes for them.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def rows_of(sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query, as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
