"""Many rows with vectors out of Postgres at once: COPY's binary form, read as one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_HEADER_BYTES = 19  # signature, flags, and the length of an extension that nobody uses
_TRAILER_BYTES = 2
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
