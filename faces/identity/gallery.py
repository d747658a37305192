"""Everybody whom the library knows, as arrays: which of them lie near a face, exactly and for many faces at once.

Distances within the radius are computed here alone, in double precision and pair by pair, so that the answer for a
face is the same to the last bit whether it came alone or among a million.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity.resolve import Calibration, Candidate, PersonId

_FACES = 16_384
"""Faces whose near people are looked at at once."""
_TILE = 64
"""Faces compared in one matrix product …"""
_UNSHARED = 262_144
"""… of so few multiplications that OpenBLAS does not share them among its threads, which wait for one another by
spinning: beside other work, large products take up to four times as long as on one core, and small ones do not."""
_PRODUCT = 1_000_000
"""Pairs looked at at once: the results, 4 MB, still lie near the processor."""
_PAIRS = 50_000
"""Pairs of vectors compared at once in double precision: 100 MB."""
_SLACK = 1e-3
"""More than single precision can err in a squared distance of vectors of norm 2."""
_MANY, _SAMPLE = 500, 4000
_AXES = 48
"""Of dlib's 128 dimensions these many, the principal ones, hold 92 % of how people differ: where two faces are too far
apart in them alone, they are too far apart, and hardly another pair has to be looked at (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faceprints as stored; row i of both is one face.

    vectors: (n, dim) float16. crowding: (n,) float32.
    """

    vectors: NDArray[np.float16]
    crowding: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> Faces:
        return Faces(self.vectors[rows], self.crowding[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Single faceprints of people, those of one person side by side, people ascending.

    people: (n,) int64. prints: (n,) int64, ids of the faceprints. faces: n of them.
    """

    people: NDArray[np.int64]
    prints: NDArray[np.int64]
    faces: Faces


Albums = Callable[[Sequence[PersonId]], tuple[Album, Album]]
"""Of the people given: the faces that stand for them, and those of which humans said that they are not this person."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """The points that people are judged by.

    people: (g,) int64, ascending. points: g means of what humans said they are. spread: (g,) float64, see
    `resolve.spread`. leeway: (g,) float64. stranger: (g,) bool.
    """

    people: NDArray[np.int64]
    points: Faces
    spread: NDArray[np.float64]
    leeway: NDArray[np.float64]
    stranger: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.people)

    def candidates(self, faces: Faces, calibration: Calibration, albums: Albums) -> list[list[Candidate]]:
        """For each face, everybody within `calibration.suggested` of it, nearest first."""
        found: list[list[Candidate]] = [[] for _ in range(len(faces))]
        reach = calibration.suggested + self.leeway
        for start in range(0, len(faces), _FACES):
            part = faces[start : start + _FACES]
            rows, columns = near_pairs(part, self.points, self.spread, reach, calibration.crowding)
            examples, refused = albums(np.unique(self.people[columns]).tolist())
            for at in range(0, len(rows), _PAIRS):
                some = slice(at, at + _PAIRS)
                for row, candidate in self._judged(
                    part, rows[some], columns[some], examples, refused, calibration
                ):
                    found[start + row].append(candidate)
        for candidates in found:
            candidates.sort(key=lambda one: (one.distance, one.person))
        return found

    def _judged(
        self,
        faces: Faces,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        examples: Album,
        refused: Album,
        calibration: Calibration,
    ) -> Iterator[tuple[int, Candidate]]:
        plain = _distances(faces, rows, self.points, columns)
        distance = np.sqrt(plain**2 + self.spread[columns]) - _relief(
            faces, rows, self.points, columns, calibration.crowding
        )
        kept = distance <= calibration.suggested + self.leeway[columns]
        rows, columns, distance = rows[kept], columns[kept], distance[kept]
        _, example = _nearest(examples, self.people[columns], faces, rows, calibration.crowding)
        doubt, _ = _nearest(refused, self.people[columns], faces, rows, calibration.crowding)
        for row, person, apart, print_, leeway, doubted, stranger in zip(
            rows.tolist(),
            self.people[columns].tolist(),
            distance.tolist(),
            example.tolist(),
            self.leeway[columns].tolist(),
            (doubt < distance).tolist(),
            self.stranger[columns].tolist(),
            strict=True,
        ):
            yield (
                row,
                Candidate(
                    person,
                    apart,
                    print_ if print_ >= 0 else None,
                    leeway=leeway,
                    doubted=doubted,
                    stranger=stranger,
                ),
            )


def near_pairs(
    faces: Faces,
    points: Faces,
    spread: NDArray[np.float64],
    reach: NDArray[np.float64],
    crowding: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(row, column) of every pair of a face and a point within the point's reach, (g,); a few more.

    spread: (g,), what a point's squared distances are increased by. crowding: how much of it a distance is relieved of.
    With a = w/2 · crowding of the face and b = reach + w/2 · crowding of the point, a pair is near where
    |x − m|² + spread ≤ (a + b)². All of that is one matrix product of widened vectors, and one comparison. Many faces
    are compared along the principal axes of the points: distances are smaller along these alone, so nobody is missed.
    """
    x, m = faces.vectors.astype(np.float32), points.vectors.astype(np.float32)
    if len(x) > _MANY and len(m) > _MANY:
        axes = _principal_axes(m)
        x, m = _unshared(x, axes), _unshared(m, axes)
    a = crowding / 2 * faces.crowding.astype(np.float64)
    b = reach + crowding / 2 * points.crowding
    left = np.column_stack([x, a, (x**2).sum(1) - a**2, np.ones(len(x))]).astype(np.float32)
    right = np.column_stack([-2 * m, -2 * b, np.ones(len(m)), (m**2).sum(1) + spread - b**2]).astype(
        np.float32
    )
    return _not_above(left, right, _SLACK)


def _not_above(
    left: NDArray[np.float32], right: NDArray[np.float32], limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(row, column), in order, wherever the product of row and column of (n, k) and (m, k) is `limit` at the most."""
    height = min(_TILE, max(len(left), 1))
    width = max(_UNSHARED // (height * left.shape[1]), 1)
    tall, wide = _tiled(left, height), np.ascontiguousarray(_tiled(right, width).transpose(0, 2, 1))
    at_once = max(_PRODUCT // (height * width), 1)

    def within(tile: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        found = []
        for start in range(0, len(wide), at_once):
            small = np.matmul(tall[tile], wide[start : start + at_once]) <= limit
            block, row, column = np.unravel_index(np.flatnonzero(small), small.shape)
            found.append((row + tile * height, column + (block + start) * width))
        return found

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = [part for parts in threads.map(within, range(len(tall))) for part in parts]
    nothing = np.empty(0, np.int64)
    rows = np.concatenate([nothing, *(row for row, _ in found)])
    columns = np.concatenate([nothing, *(column for _, column in found)])
    real = (rows < len(left)) & (columns < len(right))
    rows, columns = rows[real], columns[real]
    order = np.lexsort((columns, rows))
    return rows[order], columns[order]


def _tiled(rows: NDArray[np.float32], height: int) -> NDArray[np.float32]:
    """(t, height, k): (n, k) rows in tiles; the last one is filled up."""
    filled = np.zeros((-(-len(rows) // height) * height, rows.shape[1]), np.float32)
    filled[: len(rows)] = rows
    return filled.reshape(-1, height, rows.shape[1])


def _unshared(rows: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """The product of (n, k) and (k, j), in products that no threads share."""
    tiles = _tiled(rows, max(_UNSHARED // matrix.size, 1))
    return np.asarray(np.matmul(tiles, matrix).reshape(-1, matrix.shape[1])[: len(rows)])


_axes_of: dict[tuple[int, int], NDArray[np.float32]] = {}


def _principal_axes(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(dim, k): the directions in which (n, dim) points differ most, at right angles and of unit length.

    Found anew when the points have become twice as many: others would be as right, and hardly less quick.
    """
    kind = points.shape[1], len(points).bit_length()
    if kind not in _axes_of:
        some = points[:: max(len(points) // _SAMPLE, 1)]
        apart = some - some.mean(axis=0)
        _, axes = np.linalg.eigh(apart.T @ apart)
        _axes_of[kind] = np.ascontiguousarray(axes[:, ::-1][:, :_AXES])
    return _axes_of[kind]


def _nearest(
    album: Album,
    people: NDArray[np.int64],
    faces: Faces,
    rows: NDArray[np.int64],
    crowding: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each pair of a person and a face, the album's nearest faceprint of that person: its distance and id.

    Infinity and −1 for people who are not in the album.
    """
    first = np.searchsorted(album.people, people, "left")
    count = np.searchsorted(album.people, people, "right") - first
    distance, print_ = np.full(len(people), np.inf), np.full(len(people), -1, np.int64)
    x, m = faces.vectors.astype(np.float32), album.faces.vectors.astype(np.float32)
    x_squared, m_squared = (x**2).sum(axis=1), (m**2).sum(axis=1)
    ends = np.cumsum(count)
    for start, stop in _runs(ends, _PAIRS):
        pair = np.repeat(np.arange(start, stop), count[start:stop])
        if not len(pair):
            continue
        before = np.repeat(ends[start:stop] - count[start:stop], count[start:stop])
        member = first[pair] + np.arange(len(pair)) + (ends[start - 1] if start else 0) - before
        squared = x_squared[rows[pair]] + m_squared[member] - 2 * np.vecdot(x[rows[pair]], m[member])
        likely = _may_be_least(pair, squared, crowding / 2 * album.faces.crowding[member])
        pair, member = pair[likely], member[likely]
        found = distances(faces, rows[pair], album.faces, member, crowding)
        order = np.lexsort((album.prints[member], found, pair))
        best = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
        distance[pair[best]], print_[pair[best]] = found[best], album.prints[member[best]]
    return distance, print_


def _may_be_least(
    pair: NDArray[np.int64], squared: NDArray[np.float32], relief: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(n,) which distances may be the least of their pair, (n,) ascending, as far as single precision can tell.

    squared: (n,), as they are before they are relieved of `relief`, (n,).
    """
    at_least = np.sqrt(np.maximum(squared - _SLACK, 0)) - relief
    at_most = np.sqrt(np.maximum(squared + _SLACK, 0)) - relief
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    sizes = np.diff(begins, append=len(pair))
    return np.asarray(at_least <= np.repeat(np.minimum.reduceat(at_most, begins), sizes))


def distances(
    a: Faces, rows: NDArray[np.int64], b: Faces, columns: NDArray[np.int64], crowding: float
) -> NDArray[np.float64]:
    """(n,): between the single faces a[rows[i]] and b[columns[i]], relieved of so much of the crowding of both."""
    return np.asarray(_distances(a, rows, b, columns) - _relief(a, rows, b, columns, crowding))


def _runs(ends: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Stretches of consecutive entries whose counts come to about `limit` at the most; ends: the running total."""
    start = 0
    while start < len(ends):
        done = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, done + limit, "right")), start + 1)
        yield start, stop
        start = stop


def _distances(
    a: Faces, rows: NDArray[np.int64], b: Faces, columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """L2 between a[rows[i]] and b[columns[i]], each pair by itself."""
    apart = a.vectors[rows].astype(np.float64) - b.vectors[columns].astype(np.float64)
    return np.asarray(np.sqrt(np.square(apart, out=apart).sum(axis=1)))


def _relief(
    a: Faces,
    rows: NDArray[np.int64],
    b: Faces,
    columns: NDArray[np.int64],
    crowding: float,
) -> NDArray[np.float64]:
    """What a distance is made less by because both faces lie near to faces in general."""
    both = a.crowding[rows].astype(np.float64) + b.crowding[columns].astype(np.float64)
    return np.asarray(crowding / 2 * both)
