"""Which tracks of a whole library are one person: average linkage under constraints. No database, no names.

Groups are joined while the root of the mean squared distance between their members, relieved of crowding, is within the
radius. Such a mean is |m₁ − m₂|² + v₁ + v₂ of the groups' means and variances, so a group of any size costs one vector;
and one blurred face between two people joins one of them, or neither, but does not chain the two together. Weights by
quality let such a face count little. All of it is deterministic: nothing hangs on the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity.gallery import Faces

_BRUTE = 30_000
"""Up to so many faces every pair is looked at; beyond, each is compared within the nearest cells alone."""
_BLOCK = 1024
_EDGES = 400_000
"""Pairs of groups measured at once: 400 MB of differences."""
_PROBES, _LAPS = 16, 4
_HELD = 20_000_000
"""Pairs kept before all but each face's nearest are dropped: 400 MB."""
_SLACK = 1e-3
_LEAST_WEIGHT = 0.05

Pairs = NDArray[np.int64]
"""(k, 2) rows."""
Directed = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""Who, towards whom, and how near: three times (k,)."""


@dataclass(frozen=True, slots=True)
class GroupingRule:
    """radius: groups nearer than this are one. crowding: how much of it distances are relieved of, 0 to 1.

    reach: only groups that hold two faces as near as this are looked at. neighbours: of so many per face.
    """

    radius: float
    crowding: float
    reach: float
    neighbours: int = 24


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """What holds the grouping; row i of every array is the same face.

    shot, start_ms, end_ms: (n,) int64. Two faces of one shot that overlap in time are two people.
    together: (n,) int64. Rows of one label ≥ 0 are one group, whatever else is said.
    apart: (k, 2) rows that are two people.
    """

    shot: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    together: NDArray[np.int64]
    apart: Pairs


def group(
    faces: Faces,
    quality: NDArray[np.float32],
    ids: NDArray[np.int64],
    constraints: Constraints,
    rule: GroupingRule,
    progress: Callable[[float], object] = lambda done: None,
) -> NDArray[np.int64]:
    """(n,) int64: a label for each row, the same for those that are one person; labels count up from 0.

    faces: n of them. quality: (n,) 0 to 1. ids: (n,) distinct, by which ties are broken. progress: told 0 to 1.
    """
    order = np.argsort(ids)
    ordered = faces[order]
    near = near_pairs(ordered, rule, lambda done: progress(done * 0.8))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    held = Constraints(
        constraints.shot[order],
        constraints.start_ms[order],
        constraints.end_ms[order],
        constraints.together[order],
        back[constraints.apart],
    )
    labels = _linked(ordered, quality[order], near, held, rule)
    progress(1.0)
    return labels[back]


def propose_split(
    faces: Faces,
    quality: NDArray[np.float32],
    ids: NDArray[np.int64],
    constraints: Constraints,
    rule: GroupingRule,
) -> list[NDArray[np.int64]]:
    """Rows of 2 to 5 parts that a mixed group may fall into, the smallest first; none where it is of one piece.

    It is divided where its parts would not have been joined at 0.9 of the radius, or share a picture.
    """
    stricter = GroupingRule(rule.radius * 0.9, rule.crowding, rule.reach, len(ids))
    free = Constraints(
        constraints.shot, constraints.start_ms, constraints.end_ms, np.full(len(ids), -1), constraints.apart
    )
    labels = group(faces, quality, ids, free, stricter)
    if labels.max(initial=0) == 0:
        return []
    parts = sorted(
        (np.flatnonzero(labels == label) for label in range(labels.max() + 1)), key=len, reverse=True
    )
    if len(parts) > 5:
        parts = [*parts[:4], np.sort(np.concatenate(parts[4:]))]
    return sorted(parts, key=lambda part: (len(part), int(part[0])))


def near_pairs(
    faces: Faces, rule: GroupingRule, progress: Callable[[float], object] = lambda done: None
) -> Pairs:
    """(k, 2) rows of faces within `rule.reach`, the lower row first; for each face its nearest `rule.neighbours`."""
    left, right = _widened(faces, rule)
    found: list[Directed] = []
    held = 0
    jobs = list(_cells(faces)) if len(faces) > _BRUTE else [(np.arange(len(faces)), np.arange(len(faces)))]
    for done, (asking, members) in enumerate(jobs):
        across = np.ascontiguousarray(right[members].T)
        for start in range(0, len(asking), _BLOCK):
            rows = asking[start : start + _BLOCK]
            excess = left[rows] @ across
            row, column = _smallest(excess, rule.neighbours + 1)  # itself among them
            a, b = rows[row], members[column]
            kept = a != b
            found.append((a[kept], b[kept], excess[row, column][kept]))
            held += len(found[-1][0])
            if held > _HELD:  # one face is asked about in several cells
                found = [_nearest(*_together(found), rule.neighbours)]
                held = len(found[0][0])
            if len(jobs) == 1:
                progress(min(start + _BLOCK, len(asking)) / len(asking))
        if len(jobs) > 1:
            progress((done + 1) / len(jobs))
    if not found:
        return np.empty((0, 2), np.int64)
    a, b, _ = _nearest(*_together(found), rule.neighbours)
    low, high = np.minimum(a, b), np.maximum(a, b)
    key = np.unique(low * len(faces) + high)
    return np.stack(np.divmod(key, len(faces)), axis=1)


def _smallest(excess: NDArray[np.float32], limit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, columns) of the entries within reach, of each row the `limit` smallest."""
    if excess.shape[1] > 4 * limit:
        columns = np.sort(np.argpartition(excess, limit, axis=1)[:, :limit], axis=1)
        row, place = np.nonzero(np.take_along_axis(excess, columns, 1) <= _SLACK)
        return row, columns[row, place]
    row, column = np.nonzero(excess <= _SLACK)
    return row, column


def _together(found: list[Directed]) -> Directed:
    a, b, excess = zip(*found, strict=True)
    return np.concatenate(a), np.concatenate(b), np.concatenate(excess)


def _nearest(a: NDArray[np.int64], b: NDArray[np.int64], excess: NDArray[np.float32], limit: int) -> Directed:
    """Of the directed pairs, each face's nearest `limit`."""
    order = np.lexsort((b, excess, a))
    a, b, excess = a[order], b[order], excess[order]
    first = np.searchsorted(a, a, "left")
    kept = np.arange(len(a)) - first < limit
    return a[kept], b[kept], excess[kept]


def _widened(faces: Faces, rule: GroupingRule) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, dim + 3) twice: a row of the one times a row of the other is ≤ 0 where the two faces are within reach."""
    x = faces.vectors.astype(np.float64)
    a = rule.reach / 2 + rule.crowding / 2 * faces.crowding.astype(np.float64)
    norm, one = (x**2).sum(1) - a**2, np.ones(len(x))
    left = np.column_stack([x, a, norm, one]).astype(np.float32)
    return left, np.column_stack([-2 * x, -2 * a, one, norm]).astype(np.float32)


def _cells(faces: Faces) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(asking, members): the faces of each cell, and those for whom it is among the nearest cells."""
    x = faces.vectors.astype(np.float32)
    count = int(2 * np.sqrt(len(x)))
    sample = x[np.linspace(0, len(x) - 1, min(len(x), count * 60), dtype=np.int64)]
    centres = sample[np.linspace(0, len(sample) - 1, count, dtype=np.int64)].copy()
    for _ in range(_LAPS):
        of = np.concatenate([cells[:, 0] for cells in _nearest_cells(sample, centres, 1)])
        members = np.bincount(of, minlength=count)
        sums = np.zeros_like(centres, np.float64)
        np.add.at(sums, of, sample)
        filled = members > 0
        centres[filled] = (sums[filled] / members[filled, None]).astype(np.float32)
    nearest = np.concatenate(list(_nearest_cells(x, centres, min(_PROBES, count))))
    home = np.argsort(nearest[:, 0], kind="stable")
    asking = np.argsort(nearest.ravel(), kind="stable")
    homes, asked = nearest[home, 0], nearest.ravel()[asking]
    for cell in range(count):
        at, to = np.searchsorted(homes, [cell, cell + 1])
        begin, end = np.searchsorted(asked, [cell, cell + 1])
        if at < to:
            yield asking[begin:end] // nearest.shape[1], home[at:to]


def _nearest_cells(
    x: NDArray[np.float32], centres: NDArray[np.float32], probes: int
) -> Iterator[NDArray[np.int64]]:
    half = (centres**2).sum(1) / 2
    for start in range(0, len(x), _BLOCK * 8):
        far = half - x[start : start + _BLOCK * 8] @ centres.T
        if probes == 1:
            yield far.argmin(axis=1)[:, None]
            continue
        best = np.argpartition(far, probes - 1, axis=1)[:, :probes]
        yield np.take_along_axis(best, np.argsort(np.take_along_axis(far, best, 1), axis=1, kind="stable"), 1)


def _linked(
    faces: Faces, quality: NDArray[np.float32], near: Pairs, constraints: Constraints, rule: GroupingRule
) -> NDArray[np.int64]:
    """(n,) labels. Round by round, every two groups that are each other's nearest become one.

    With them come those whose nearest is one of the two, where they lie within the radius of both together: the many
    faces of one person then take few rounds.
    """
    labels = _begun(constraints.together)
    edges, conflicts = _between(labels[near]), _between(labels[_conflicts(constraints)])
    groups = _Groups.of(faces, quality, labels)
    while len(edges := _without(edges, conflicts)):
        far = groups.apart(edges, rule)
        within = far <= rule.radius
        joined, followers = _nearest_together(edges[within], far[within], len(groups.mass))
        pairs = np.flatnonzero(joined != np.arange(len(joined)))
        if not len(pairs):
            break
        groups.add(pairs, joined[pairs])
        distance = groups.apart(followers, rule)
        _let_follow(joined, followers, distance, conflicts, rule)
        late = followers[joined[followers[:, 0]] == followers[:, 1], 0]
        groups.add(late, joined[late])
        kept, place = np.unique(joined, return_inverse=True)
        groups.keep(kept)
        labels, edges, conflicts = place[labels], _between(place[edges]), _between(place[conflicts])
    return labels


@dataclass(slots=True, eq=False)
class _Groups:
    """Sums over the members of each group, weighted by quality: (g,) of weights, of squared norms, of crowding, and
    (g, dim) of faceprints."""

    mass: NDArray[np.float64]
    squares: NDArray[np.float64]
    crowding: NDArray[np.float64]
    sums: NDArray[np.float64]

    @classmethod
    def of(cls, faces: Faces, quality: NDArray[np.float32], labels: NDArray[np.int64]) -> _Groups:
        weight = np.clip(quality, _LEAST_WEIGHT, 1).astype(np.float64)
        x = faces.vectors.astype(np.float64)
        return cls(
            np.bincount(labels, weight).astype(np.float64),
            np.bincount(labels, weight * (x**2).sum(1)).astype(np.float64),
            np.bincount(labels, weight * faces.crowding).astype(np.float64),
            np.stack([np.bincount(labels, weight * x[:, axis]) for axis in range(x.shape[1])], axis=1),
        )

    def add(self, goes: NDArray[np.int64], to: NDArray[np.int64]) -> None:
        for total in (self.mass, self.squares, self.crowding, self.sums):
            np.add.at(total, to, total[goes])

    def keep(self, kept: NDArray[np.int64]) -> None:
        self.mass, self.squares = self.mass[kept], self.squares[kept]
        self.crowding, self.sums = self.crowding[kept], self.sums[kept]

    def apart(self, pairs: Pairs, rule: GroupingRule) -> NDArray[np.float64]:
        """The root of the mean squared distance between the members of each two groups, relieved of crowding."""
        squared = np.empty(len(pairs))
        for start in range(0, len(pairs), _EDGES):
            some = pairs[start : start + _EDGES]
            mean = self.sums[some] / self.mass[some][..., None]
            spread = np.maximum(self.squares[some] / self.mass[some] - (mean**2).sum(2), 0)
            squared[start : start + _EDGES] = np.square(mean[:, 0] - mean[:, 1]).sum(1) + spread.sum(1)
        relief = rule.crowding / 2 * (self.crowding[pairs] / self.mass[pairs]).sum(axis=1)
        return np.asarray(np.sqrt(squared) - relief)


def _begun(together: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels to begin with: one for each face, or for those that must be one."""
    own = np.arange(len(together)) + together.max(initial=-1) + 1
    return _counted(np.where(together >= 0, together, own))


def _counted(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same labels, counted from 0 in the order in which they first occur."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]


def _between(pairs: Pairs) -> Pairs:
    """The distinct pairs of two different groups, the lower label first."""
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    if not len(pairs):
        return pairs
    width = pairs.max() + 1
    return np.stack(np.divmod(np.unique(pairs[:, 0] * width + pairs[:, 1]), width), axis=1)


def _without(edges: Pairs, conflicts: Pairs) -> Pairs:
    if not len(edges) or not len(conflicts):
        return edges
    width = max(edges.max(), conflicts.max()) + 1
    return edges[~np.isin(edges[:, 0] * width + edges[:, 1], conflicts[:, 0] * width + conflicts[:, 1])]


def _nearest_together(edges: Pairs, far: NDArray[np.float64], groups: int) -> tuple[NDArray[np.int64], Pairs]:
    """(groups,): which group each becomes part of, itself where it stays; and (follower, group) that may come along.

    Of edges equally short the first counts as shorter.
    """
    joined = np.arange(groups)
    if not len(edges):
        return joined, edges
    order = np.lexsort((edges[:, 1], edges[:, 0], far))
    rank = np.empty(len(edges), np.int64)
    rank[order] = np.arange(len(edges))
    shortest = np.full(groups, len(edges))
    np.minimum.at(shortest, edges[:, 0], rank)
    np.minimum.at(shortest, edges[:, 1], rank)
    mutual = edges[(shortest[edges[:, 0]] == rank) & (shortest[edges[:, 1]] == rank)]
    joined[mutual[:, 1]] = mutual[:, 0]
    root = np.full(groups, -1)
    root[mutual] = mutual[:, :1]
    pulled = np.flatnonzero((shortest < len(edges)) & (root < 0))
    nearest = edges[order[shortest[pulled]]]
    towards = root[np.where(nearest[:, 0] == pulled, nearest[:, 1], nearest[:, 0])]
    return joined, np.stack([pulled, towards], axis=1)[towards >= 0]


def _let_follow(
    joined: NDArray[np.int64],
    followers: Pairs,
    distance: NDArray[np.float64],
    conflicts: Pairs,
    rule: GroupingRule,
) -> None:
    """Let those into `joined` that are near enough, and in no picture with who is there or lies nearer."""
    near = distance <= rule.radius
    joined[followers[near, 0]] = followers[near, 1]
    far = np.full(len(joined), -1.0)  # those who are there already never wait
    far[followers[:, 0]] = distance
    while len(clash := conflicts[joined[conflicts[:, 0]] == joined[conflicts[:, 1]]]):
        a, b = clash.T
        waits = np.where((far[a] > far[b]) | ((far[a] == far[b]) & (a > b)), a, b)
        joined[waits] = waits


def _conflicts(constraints: Constraints) -> Pairs:
    """Rows that are two people: both in one picture at some moment, or said to be apart."""
    order = np.lexsort((constraints.start_ms, constraints.shot))
    shot, start, end = constraints.shot[order], constraints.start_ms[order], constraints.end_ms[order]
    found = [constraints.apart]
    rows = np.arange(len(order))  # those that may still overlap with the row `step` behind them
    for step in range(1, len(order)):
        rows = rows[rows + step < len(order)]
        rows = rows[(shot[rows + step] == shot[rows]) & (start[rows + step] < end[rows])]
        if not len(rows):
            break
        found.append(np.stack([order[rows], order[rows + step]], axis=1))
    return np.concatenate(found)
