"""Everybody whom the library knows, as arrays: which of them lie near a face, exactly and for many faces at once.

Distances within the radius are computed here alone, in double precision and pair by pair, so that the answer for a
face is the same to the last bit whether it came alone or among a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity.resolve import Calibration, Candidate, PersonId

_BLOCK = 512
"""Faces in one matrix product: its result with 10,000 people, 20 MB, still lies near the processor."""
_PAIRS = 50_000
"""Pairs of vectors compared at once in double precision: 100 MB."""
_SLACK = 1e-3
"""More than single precision can err in a squared distance of vectors of norm 2."""


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
        for start in range(0, len(faces), _BLOCK * 32):
            part = faces[start : start + _BLOCK * 32]
            rows, columns = self._near(part, calibration)
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

    def _near(self, faces: Faces, calibration: Calibration) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(row, column) of every pair of a face and a person that may lie within the radius; a few more.

        With a = w/2 · crowding of the face and b = radius + w/2 · crowding of the point, a pair is near where
        |x − m|² + spread ≤ (a + b)². All of that is one matrix product of widened vectors, and one comparison.
        """
        x, m = faces.vectors.astype(np.float64), self.points.vectors.astype(np.float64)
        a = calibration.crowding / 2 * faces.crowding.astype(np.float64)
        b = calibration.suggested + self.leeway + calibration.crowding / 2 * self.points.crowding
        left = np.column_stack([x, a, (x**2).sum(1) - a**2, np.ones(len(x))]).astype(np.float32)
        right = np.column_stack([-2 * m, -2 * b, np.ones(len(m)), (m**2).sum(1) + self.spread - b**2]).astype(
            np.float32
        )
        across = np.ascontiguousarray(right.T)
        rows, columns = [], []
        for start in range(0, len(left), _BLOCK):
            within = left[start : start + _BLOCK] @ across <= _SLACK
            row, column = np.divmod(np.flatnonzero(within), max(len(m), 1))
            rows.append(row + start)
            columns.append(column)
        empty = [np.empty(0, np.int64)]
        return np.concatenate(rows or empty), np.concatenate(columns or empty)

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
            faces, rows, self.points, columns, calibration
        )
        kept = distance <= calibration.suggested + self.leeway[columns]
        rows, columns, distance = rows[kept], columns[kept], distance[kept]
        _, example = _nearest(examples, self.people[columns], faces, rows, calibration)
        doubt, _ = _nearest(refused, self.people[columns], faces, rows, calibration)
        for i, row in enumerate(rows):
            column = columns[i]
            yield (
                int(row),
                Candidate(
                    int(self.people[column]),
                    float(distance[i]),
                    int(example[i]) if example[i] >= 0 else None,
                    leeway=float(self.leeway[column]),
                    doubted=bool(doubt[i] < distance[i]),
                    stranger=bool(self.stranger[column]),
                ),
            )


def _nearest(
    album: Album,
    people: NDArray[np.int64],
    faces: Faces,
    rows: NDArray[np.int64],
    calibration: Calibration,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each pair of a person and a face, the album's nearest faceprint of that person: its distance and id.

    Infinity and −1 for people who are not in the album.
    """
    first = np.searchsorted(album.people, people, "left")
    count = np.searchsorted(album.people, people, "right") - first
    distance, print_ = np.full(len(people), np.inf), np.full(len(people), -1, np.int64)
    ends = np.cumsum(count)
    for start, stop in _runs(ends, _PAIRS):
        pair = np.repeat(np.arange(start, stop), count[start:stop])
        if not len(pair):
            continue
        before = np.repeat(ends[start:stop] - count[start:stop], count[start:stop])
        member = first[pair] + np.arange(len(pair)) + (ends[start - 1] if start else 0) - before
        found = _distances(faces, rows[pair], album.faces, member) - _relief(
            faces, rows[pair], album.faces, member, calibration
        )
        order = np.lexsort((album.prints[member], found, pair))
        best = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
        distance[pair[best]], print_[pair[best]] = found[best], album.prints[member[best]]
    return distance, print_


def distances(
    a: Faces, rows: NDArray[np.int64], b: Faces, columns: NDArray[np.int64], calibration: Calibration
) -> NDArray[np.float64]:
    """(n,): between the single faces a[rows[i]] and b[columns[i]], in the calibration's measure."""
    return np.asarray(_distances(a, rows, b, columns) - _relief(a, rows, b, columns, calibration))


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
    calibration: Calibration,
) -> NDArray[np.float64]:
    """What a distance is made less by because both faces lie near to faces in general."""
    both = a.crowding[rows].astype(np.float64) + b.crowding[columns].astype(np.float64)
    return np.asarray(calibration.crowding / 2 * both)
