"""Which faces, of a million, lie near one another: blocked matrix products within cells, and between near cells.

The radius is folded into the product. With rho = (radius + crowding) / 2 of each face,

    |x - y|² + s(x) + s(y) - (rho(x) + rho(y))² = [-2x, -2 rho(x), t(x), 1] · [y, rho(y), 1, t(y)],
    t(x) = |x|² + s(x) - rho(x)²,

so that one comparison with 0 finds the pairs. Up to `EXACT` faces every one is compared with every other; beyond,
each cell of a k-means partition is compared with the cells nearest to it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]
"""(k, 2) rows."""
Rows = NDArray[np.int64]
Kept = MutableMapping[str, NDArray[np.signedinteger[Any]]]
"""What long work has found so far, by a name that says of what."""

NEIGHBOURS = 24
"""Near faces of one face that are considered, at most; the others are found by the groups that these become."""

EXACT = 30_000
"""Faces up to which every one is compared with every other."""
_PROBED = 32
"""Cells that a cell is compared with, of twice the root of all faces. Of 100,000 they held 98.7 % of a face's near."""
_ROWS = 512
_COLUMNS = 8192
"""Rows and columns of one product: 16 MiB."""
_VARIANCE = 0.999
"""Share of the variance that comparing keeps."""
_SLACK = np.float32(2e-5)
"""More than float32 errs by in a product; whoever uses the pairs measures them again."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Faces, or groups of them.

    vectors: (n, dim) float32.  spread: (n,), what is added to squared distances.  crowding: (n,).
    """

    vectors: NDArray[np.float32]
    spread: NDArray[np.float64]
    crowding: NDArray[np.float64]


class Folder(MutableMapping[str, NDArray[np.signedinteger[Any]]]):
    """A file for each thing found, written whole or not at all, so that interrupted work goes on where it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, name: str) -> NDArray[np.signedinteger[Any]]:
        try:
            found: NDArray[np.signedinteger[Any]] = np.load(self._path(name), allow_pickle=False)
            return found
        except FileNotFoundError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, found: NDArray[np.signedinteger[Any]]) -> None:
        partial = self._path(name).with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, found)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path(name))

    def __delitem__(self, name: str) -> None:
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self._folder.glob("*.npy")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._path(name).exists()

    def clear(self) -> None:
        """Remove everything, what was not written to its end as well."""
        for path in self._folder.iterdir():
            path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.npy"


def neighbours(
    points: Points, radius: float, progress: Callable[[float], object], kept: Kept | None = None
) -> Pairs:
    """(k, 2) int64 rows, the lower first, no pair twice: each row's nearest NEIGHBOURS within the radius.

    Nearest are those that lie deepest within the radius, |x - y|² - (rho(x) + rho(y))². Pairs just outside of it may be
    among them. progress: told 0 to 1. kept: cells that an interrupted search among the same points has left there are
    not searched again.
    """
    n = len(points.vectors)
    cell_of, probed = _cells(points.vectors)
    order = np.argsort(cell_of, kind="stable")
    bounds = np.searchsorted(cell_of[order], np.arange(len(probed) + 1))
    right = _augmented(points, radius, order)
    name = _digest(points, radius) if kept is not None else ""
    found: list[NDArray[np.int32]] = []
    for cell, others in enumerate(probed):

        def search(cell: int = cell, others: Rows = others) -> NDArray[np.int32]:
            rows = slice(int(bounds[cell]), int(bounds[cell + 1]))
            near = np.concatenate([np.arange(bounds[other], bounds[other + 1]) for other in others])
            return _cell_pairs(right, order, rows, near)

        found.append(remembered(kept, f"{name}-{cell}", search))
        progress((cell + 1) / len(probed))
    keys = np.concatenate([pairs[:, 0].astype(np.int64) * n + pairs[:, 1] for pairs in found])
    found.clear()
    keys.sort()
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    return np.stack(np.divmod(keys, n), axis=1)


def remembered(kept: Kept | None, name: str, find: Callable[[], NDArray[np.int32]]) -> NDArray[np.int32]:
    """What is kept under that name, or else is found now, and then kept."""
    if kept is not None and name in kept:
        return kept[name].astype(np.int32, copy=False)
    found = find()
    if kept is not None:
        kept[name] = found
    return found


def scrambled(a: Rows, b: Rows) -> NDArray[np.uint32]:
    """A number for each pair that is as good as drawn by chance, the same every time."""
    mixed = a.astype(np.uint32) * np.uint32(2654435761) ^ b.astype(np.uint32) * np.uint32(2246822519)
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(3266489917)
    scattered: NDArray[np.uint32] = mixed ^ (mixed >> np.uint32(13))
    return scattered


def _cells(vectors: NDArray[np.float32]) -> tuple[Rows, list[Rows]]:
    """Each row's cell, and for each cell those that it is compared with."""
    n = len(vectors)
    if n <= EXACT:
        blocks = -(-n // (4 * _ROWS))
        return np.arange(n) // (4 * _ROWS), [np.roll(np.arange(blocks), -own) for own in range(blocks)]
    count = 2 * int(np.sqrt(n))
    chance = np.random.default_rng(0)
    sample = vectors[np.sort(chance.choice(n, min(n, 50 * count), replace=False))]
    centres = sample[np.sort(chance.choice(len(sample), count, replace=False))]
    for _ in range(8):
        nearest = _nearest(sample, centres)
        order = np.argsort(nearest, kind="stable")
        begins = np.searchsorted(nearest[order], np.arange(count))
        filled = np.flatnonzero(np.bincount(nearest, minlength=count))
        sums = np.add.reduceat(sample[order], begins[filled], axis=0, dtype=np.float64)
        centres = centres.copy()
        centres[filled] = sums / np.bincount(nearest, minlength=count)[filled, None]
    squared = np.einsum("ij,ij->i", centres, centres)
    apart = squared[:, None] + squared - 2 * centres @ centres.T
    np.fill_diagonal(apart, -1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :_PROBED]
    return _nearest(vectors, centres), list(near)


def _nearest(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> Rows:
    """The nearest centre of each row."""
    half = np.einsum("ij,ij->i", centres, centres) / 2
    found = np.empty(len(vectors), np.int64)
    for at in range(0, len(vectors), _COLUMNS):
        found[at : at + _COLUMNS] = (vectors[at : at + _COLUMNS] @ centres.T - half).argmax(axis=1)
    return found


def _augmented(points: Points, radius: float, order: Rows) -> NDArray[np.float32]:
    """[y, rho(y), 1, t(y)] of every row, in the given order; y from the mean, where float32 is finest.

    Of y, only those principal components are kept that have nearly all the variance: dlib's 128 numbers have 80 that
    vary at all. Distances can only seem less by that.
    """
    n, dim = points.vectors.shape
    mean = points.vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    axes = np.eye(dim, dtype=np.float32)
    if n >= _COLUMNS:
        sample = (points.vectors[:: 1 + n // 50_000] - mean).astype(np.float64)
        variance, directions = np.linalg.eigh(sample.T @ sample)
        dropped = int(np.searchsorted(np.cumsum(variance), (1 - _VARIANCE) * variance.sum()))
        axes = directions[:, dropped:].astype(np.float32)
        dim -= dropped
    rho = np.maximum((radius + points.crowding[order]) / 2, 0)
    right = np.empty((n, dim + 3), np.float32)
    for at in range(0, n, _COLUMNS):
        part = slice(at, at + _COLUMNS)
        right[part, :dim] = (points.vectors[order[part]] - mean) @ axes
    right[:, dim] = rho
    right[:, dim + 1] = 1
    squared = np.einsum("ij,ij->i", right[:, :dim], right[:, :dim])
    right[:, dim + 2] = squared + points.spread[order] - rho**2
    return right


def _cell_pairs(right: NDArray[np.float32], order: Rows, rows: slice, others: Rows) -> NDArray[np.int32]:
    """The near pairs of one cell's rows with `others`, (k, 2), all numbered as before the ordering."""
    across = right[others]
    found = [np.empty((0, 2), np.int32)]
    for at in range(rows.start, rows.stop, _ROWS):
        block = np.arange(at, min(at + _ROWS, rows.stop))
        left = -2 * right[block]
        left[:, -2] = right[block, -1]
        left[:, -1] = 1
        bound = np.full(len(block), _SLACK, np.float32)
        row, column, depth = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
        for part in _parts(len(others)):
            new = _hits(left @ across[part].T, bound, block, others[part])
            row, column, depth = np.append(row, new[0]), np.append(column, new[1]), np.append(depth, new[2])
            kept = np.lexsort((depth, row))
            begins = np.searchsorted(row[kept], np.arange(len(block)))
            kept = kept[np.arange(len(kept)) - begins[row[kept]] < NEIGHBOURS]
            row, column, depth = row[kept], column[kept], depth[kept]
            full = np.flatnonzero(np.bincount(row, minlength=len(block)) == NEIGHBOURS)
            bound[full] = depth[np.searchsorted(row, full, side="right") - 1]
        pairs = np.stack([order[block[row]], order[column]], axis=1)
        found.append(np.sort(pairs, axis=1).astype(np.int32))
    return np.unique(np.concatenate(found), axis=0)


def _parts(columns: int) -> Iterator[slice]:
    """Of what a cell is compared with, first a little, mostly its own: the bounds that it gives spare work later."""
    yield slice(0, _ROWS)
    for first in range(_ROWS, columns, _COLUMNS):
        yield slice(first, first + _COLUMNS)


def _hits(
    product: NDArray[np.float32],
    bound: NDArray[np.float32],
    rows: Rows,
    columns: Rows,
) -> tuple[Rows, Rows, NDArray[np.float32]]:
    """(row of the product, which of `columns`, depth) of what lies within each row's bound.

    Of a row that has very many, the deepest. Copies of one picture are equally near: chance decides among them, not
    the order, lest all meet in a few.
    """
    row, column = np.divmod(np.flatnonzero(product <= bound[:, None]), len(columns))
    crowded = np.bincount(row, minlength=len(rows)) > 4 * NEIGHBOURS
    if crowded.any():
        many = np.flatnonzero(crowded)
        rough = product[many] + _jitter(rows[many, None], columns)
        deepest = np.argpartition(rough, NEIGHBOURS, axis=1)[:, : NEIGHBOURS + 1]
        few = ~crowded[row]
        row = np.append(row[few], np.repeat(many, NEIGHBOURS + 1))
        column = np.append(column[few], deepest.ravel())
    depth = product[row, column]
    column = columns[column]
    depth = depth + _jitter(rows[row], column)
    other = rows[row] != column  # nobody is their own neighbour
    return row[other], column[other], depth[other]


def _jitter(row: Rows, column: Rows) -> NDArray[np.float32]:
    return (scrambled(row, column) >> np.uint32(8)).astype(np.float32) * np.float32(1e-5 / (1 << 24))


def _digest(points: Points, radius: float) -> str:
    said = hashlib.blake2b(repr((radius, NEIGHBOURS, _PROBED)).encode(), digest_size=8)
    for array in (points.vectors, points.spread, points.crowding):
        said.update(np.ascontiguousarray(array).data)
    return said.hexdigest()
