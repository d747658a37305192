"""Millions of rows into Postgres: COPY's binary form, packed by numpy, indexes and foreign keys made afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any] | bytes | None
"""One value a row, in the width that the column has in Postgres (int32, int64, float64, bool; void for other things of
a fixed length); (n, dim) float16 or float32 for a halfvec or a vector; bytes or None: the same in every row."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_BLOCK = 50_000


def jsonb(text: str) -> bytes:
    """JSON as jsonb's binary form: a version, and the text."""
    return b"\x01" + text.encode()


def copy_rows(table: str, rows: int, columns: Mapping[str, Column]) -> None:
    """Add so many rows to a table."""
    dtype = _layout(columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(_SIGNATURE)
        for start in range(0, rows, _BLOCK):
            block = slice(start, min(start + _BLOCK, rows))
            copy.write(_packed(dtype, columns, block).tobytes())
        copy.write(b"\xff\xff")


@contextmanager
def without_indexes(tables: Collection[str]) -> Iterator[None]:
    """Within, these tables have neither foreign keys nor indexes, but for those that keep rows unique."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [list(tables)],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " WHERE NOT i.indisunique AND i.indrelid::regclass::text = ANY(%s)",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute("RESET maintenance_work_mem")


def _layout(columns: Mapping[str, Column]) -> np.dtype[np.void]:
    layout: list[tuple[Any, ...]] = [("_fields", ">i2")]
    for name, column in columns.items():
        layout.append((f"_length_{name}", ">i4"))
        if column is None:
            continue
        if isinstance(column, bytes):
            layout.append((name, f"V{len(column)}"))
        elif column.ndim == 2:
            layout += [(f"_dim_{name}", ">i2"), (f"_unused_{name}", ">i2")]
            layout.append((name, column.dtype.newbyteorder(">"), (column.shape[1],)))
        else:
            layout.append((name, column.dtype.newbyteorder(">")))
    return np.dtype(layout)


def _packed(dtype: np.dtype[np.void], columns: Mapping[str, Column], block: slice) -> NDArray[np.void]:
    rows = np.zeros(block.stop - block.start, dtype)
    rows["_fields"] = len(columns)
    for name, column in columns.items():
        if column is None:
            rows[f"_length_{name}"] = -1
            continue
        if isinstance(column, bytes):
            rows[f"_length_{name}"], rows[name] = len(column), np.void(column)
            continue
        rows[name] = column[block]
        rows[f"_length_{name}"] = dtype[name].itemsize
        if column.ndim == 2:
            rows[f"_length_{name}"] += 4
            rows[f"_dim_{name}"] = column.shape[1]
    return rows
