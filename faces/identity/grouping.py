"""Which tracks of a whole library are one person: average linkage under constraints. No database, no names.

The distance of two groups is the root of the mean squared distance between their members, relieved of crowding:
sqrt(|m₁ − m₂|² + v₁ + v₂) − ½ (c₁ + c₂) of the groups' means, variances and mean crowding, so that a group of any size
costs one vector; and one blurred face between two people does not chain them together. Weights by quality let such a
face count little. Groups are joined while that distance is within the radius, the nearest two of all first: joining in
rounds every two that are each other's nearest gives the same. Nothing hangs on the order of rows.

A new track is held against the groups by the same rule, `GroupingRule.to_one`. `docs/benchmarks.md` has what was
compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from faces.identity.constraints import NOBODY, SEVERAL, Constraints, Held
from faces.identity.gallery import Faces
from faces.identity.neighbours import Kept, Pairs, Points, neighbours, remembered, scrambled

Labels = NDArray[np.int64]
Progress = Callable[[float], object]

_LEAST_WEIGHT = 0.05
_MOST_LEVELS = 12
"""Searches among groups, at most: the last ones of a million tracks find a few pairs each."""
_CHUNK = 1 << 16
"""Pairs or rows whose vectors are held in double precision at once: 64 MB."""
_STRICTER = 0.9
"""Of the radius, within which the parts of a mixed group hold together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingRule:
    """When two groups of tracks are one person, under one model.

    radius: within which they are, in a library of up to 100 tracks. tighter: what is taken from it for every tenfold of
    that, as among more people there are more who look alike. crowding: how much of it distances are relieved of, 0 to
    1. spread: variance of one person's faceprints around their mean, in general.
    """

    radius: float
    tighter: float
    crowding: float
    spread: float

    def within(self, tracks: int) -> float:
        """The radius in a library of so many tracks."""
        return self.radius - self.tighter * float(np.log10(max(tracks, 100) / 100))

    def variance(self, members: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,): what as many faces of one person usually have around their mean."""
        return self.spread * (1 - 1 / members)

    def to_one(
        self, squared: NDArray[np.float64], members: NDArray[np.int64], crowding: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n,) distances between a track and a group of which only the mean is at hand, made of so many members.

        squared: of the track and that mean. crowding: of both, summed.
        """
        return np.asarray(np.sqrt(squared + self.variance(members)) - self.crowding / 2 * crowding)


def group(
    faces: Faces,
    quality: NDArray[np.float32],
    ids: NDArray[np.int64],
    constraints: Constraints,
    rule: GroupingRule,
    progress: Progress = lambda done: None,
    kept: Kept | None = None,
) -> Labels:
    """(n,) int64: a label for each row, the same for those that are one person; labels count up from 0 by lowest id.

    faces: n of them. quality: (n,) 0 to 1. ids: (n,) distinct, by which ties are broken. progress: told 0 to 1. kept:
    what an interrupted pass over the same faces left there is not done again.
    """
    if not len(ids):
        progress(1.0)
        return np.empty(0, np.int64)
    order = np.argsort(ids, kind="stable")
    if not np.array_equal(order, np.arange(len(order))):
        faces, quality = faces[order], quality[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    radius = rule.within(len(ids))
    held = Held.of(constraints, order, place)
    labels = _counted(held.together)
    name = _digest(faces, quality, held, rule) if kept is not None else ""
    told = 0.0

    def tell(part: float, share: float) -> None:
        progress(told + share * part)

    for level in range(_MOST_LEVELS):
        share = (1 - told) * 0.8 if level else 0.9

        def joined(labels: Labels = labels, share: float = share) -> NDArray[np.int32]:
            groups = _Groups.of(faces, quality, labels, rule)
            pairs = neighbours(groups.points(), radius, lambda part: tell(part, share * 0.5), kept)
            joining = _Joining.begin(groups, held, labels, pairs, radius)
            del pairs
            return joining.run(lambda part: tell(0.5 + part / 2, share))[labels].astype(np.int32)

        after = remembered(kept, f"{name}-{level}", joined).astype(np.int64)
        told += share
        if after.max() == labels.max():
            break
        labels = after
    progress(1.0)
    return labels[place]


def propose_split(
    faces: Faces,
    quality: NDArray[np.float32],
    ids: NDArray[np.int64],
    constraints: Constraints,
    rule: GroupingRule,
    tracks: int,
) -> list[NDArray[np.int64]]:
    """Rows of 2 to 5 parts that a mixed group may fall into, the smallest first; none where it is of one piece.

    It is divided where its parts would not have been joined at 0.9 of the radius of a library of so many tracks, or
    share a picture.
    """
    stricter = replace(rule, radius=rule.within(tracks) * _STRICTER, tighter=0.0)
    free = replace(constraints, together=np.full(len(ids), -1))
    labels = group(faces, quality, ids, free, stricter)
    if labels.max(initial=0) == 0:
        return []
    parts = sorted(
        (np.flatnonzero(labels == label) for label in range(labels.max() + 1)), key=len, reverse=True
    )
    if len(parts) > 5:
        parts = [*parts[:4], np.sort(np.concatenate(parts[4:]))]
    return sorted(parts, key=lambda part: (len(part), int(part[0])))


@dataclass(slots=True, eq=False)
class _Groups:
    """Of g groups (g,): weight, mean squared distance from the mean, mean crowding as far as it relieves; and (g, dim)
    means."""

    mean: NDArray[np.float32]
    weight: NDArray[np.float64]
    scatter: NDArray[np.float64]
    crowding: NDArray[np.float64]

    @classmethod
    def of(cls, faces: Faces, quality: NDArray[np.float32], labels: Labels, rule: GroupingRule) -> _Groups:
        """Of the faces with each label, 0 to g - 1, weighted by quality."""
        weight = np.clip(quality, _LEAST_WEIGHT, 1).astype(np.float64)
        order = np.argsort(labels, kind="stable")
        first = np.flatnonzero(np.diff(labels[order], prepend=-1))
        total = np.bincount(labels, weight).astype(np.float64)
        mean = np.empty((len(first), faces.vectors.shape[1]), np.float32)
        scatter = np.empty(len(first))
        ends = np.append(first, len(order))
        starts = np.unique(np.searchsorted(first, np.arange(0, len(order), _CHUNK))).tolist()
        for start, stop in pairwise([*starts, len(first)]):
            rows = order[ends[start] : ends[stop]]
            x, begin = faces.vectors[rows].astype(np.float64), first[start:stop] - ends[start]
            squares = np.add.reduceat(weight[rows] * np.einsum("ij,ij->i", x, x), begin)
            x *= weight[rows, None]
            means = np.add.reduceat(x, begin, axis=0) / total[start:stop, None]
            mean[start:stop] = means
            scatter[start:stop] = squares / total[start:stop] - np.einsum("ij,ij->i", means, means)
        scatter[np.diff(ends) == 1] = 0
        crowding = rule.crowding * np.bincount(labels, weight * faces.crowding) / total
        return cls(mean, total, np.maximum(scatter, 0), crowding)

    def points(self) -> Points:
        return Points(self.mean, self.scatter, self.crowding)

    def join(self, stays: Labels, goes: Labels) -> None:
        """Each of `goes` into the one of `stays` at the same place; none may be there twice."""
        for at in range(0, len(stays), _CHUNK):
            a, b = stays[at : at + _CHUNK], goes[at : at + _CHUNK]
            share = self.weight[b] / (self.weight[a] + self.weight[b])
            step = self.mean[b].astype(np.float64) - self.mean[a]
            between = share * (1 - share) * np.einsum("ij,ij->i", step, step)
            self.scatter[a] += share * (self.scatter[b] - self.scatter[a]) + between
            self.mean[a] += (share[:, None] * step).astype(np.float32)
            self.crowding[a] += share * (self.crowding[b] - self.crowding[a])
        self.weight[stays] += self.weight[goes]

    def apart(self, a: Labels, b: Labels) -> NDArray[np.float64]:
        """The distances between the groups a and b."""
        found = np.empty(len(a))
        for at in range(0, len(a), _CHUNK):
            i, j = a[at : at + _CHUNK], b[at : at + _CHUNK]
            step = self.mean[i].astype(np.float64) - self.mean[j]
            squared = np.einsum("ij,ij->i", step, step) + self.scatter[i] + self.scatter[j]
            found[at : at + _CHUNK] = np.sqrt(squared) - (self.crowding[i] + self.crowding[j]) / 2
        return found


@dataclass(slots=True, eq=False)
class _Joining:
    """Groups that become one, round by round. root: (g,) which group each has become part of, itself where it stays.

    conflicts: sorted numbers of pairs, low · g + high, that must not meet. refusals: of group · people + person.
    a, b, distance: the edges, pairs of groups within the radius of each other that may meet.
    """

    groups: _Groups
    radius: float
    root: Labels
    person: NDArray[np.int64]
    conflicts: Labels
    refusals: Labels
    people: int
    a: Labels
    b: Labels
    distance: NDArray[np.float64]

    @classmethod
    def begin(cls, groups: _Groups, held: Held, labels: Labels, pairs: Pairs, radius: float) -> _Joining:
        g, nothing = len(groups.weight), np.empty(0, np.int64)
        people = int(max(held.person.max(initial=0), held.refused[:, 1].max(initial=0))) + 1
        joining = cls(
            groups,
            radius,
            np.arange(g),
            held.people(labels),
            _numbers(labels[held.apart], g),
            np.unique(labels[held.refused[:, 0]] * people + held.refused[:, 1]),
            people,
            nothing,
            nothing,
            np.empty(0),
        )
        joining._add(_numbers(pairs, g))
        return joining

    def run(self, progress: Progress) -> Labels:
        """(g,) labels of the groups that are left, counted from 0 in order."""
        begun = len(self.a)
        touched = np.zeros(len(self.root), np.bool_)
        while len(self.a):
            stays, goes = self._nearest_together()
            self.groups.join(stays, goes)
            self.root[goes] = stays
            self._meet(stays, goes)
            touched[:] = False
            touched[stays] = touched[goes] = True
            self.conflicts = self._moved(self.conflicts, touched)
            moved = touched[self.a] | touched[self.b]
            ends = np.stack([self.root[self.a[moved]], self.root[self.b[moved]]], axis=1)
            self.a, self.b, self.distance = self.a[~moved], self.b[~moved], self.distance[~moved]
            self._add(_numbers(ends, len(self.root)))
            progress(1 - len(self.a) / begun)
        return _counted(_settled(self.root))

    def _add(self, numbers: Labels) -> None:
        """Make edges of those pairs that may meet and are within the radius."""
        a, b = np.divmod(_without(numbers, self.conflicts), len(self.root))
        allowed = self._may_meet(a, b)
        a, b = a[allowed], b[allowed]
        distance = self.groups.apart(a, b)
        near = distance <= self.radius
        self.a, self.b = np.append(self.a, a[near]), np.append(self.b, b[near])
        self.distance = np.append(self.distance, distance[near])

    def _may_meet(self, a: Labels, b: Labels) -> NDArray[np.bool_]:
        """Whether humans did not say that they are two people."""
        one, other = self.person[a], self.person[b]
        allowed: NDArray[np.bool_] = (one == NOBODY) | (other == NOBODY) | ((one == other) & (one != SEVERAL))
        if len(self.refusals):
            refusing = self.refusals // self.people
            for group, who in ((a, other), (b, one)):
                refused = np.isin(group * self.people + np.maximum(who, 0), self.refusals) & (who >= 0)
                allowed &= ~(refused | ((who == SEVERAL) & np.isin(group, refusing)))
        return allowed

    def _meet(self, stays: Labels, goes: Labels) -> None:
        """Those who go bring along who they are, and whom they refuse."""
        self.person[stays] = np.where(self.person[stays] == NOBODY, self.person[goes], self.person[stays])
        if len(self.refusals):
            group, person = np.divmod(self.refusals, self.people)
            self.refusals = np.unique(self.root[group] * self.people + person)

    def _moved(self, numbers: Labels, touched: NDArray[np.bool_]) -> Labels:
        """The numbers of the same pairs after a round."""
        a, b = np.divmod(numbers, len(self.root))
        moved = touched[a] | touched[b]
        ends = np.stack([self.root[a[moved]], self.root[b[moved]]], axis=1)
        both = np.append(numbers[~moved], _numbers(ends, len(self.root)))
        both.sort(kind="stable")  # of two sorted runs: quick
        return _distinct(both)

    def _nearest_together(self) -> tuple[Labels, Labels]:
        """Edges of which each end is the other's nearest, no group twice: the lower one stays, the other goes."""
        g = len(self.root)
        nearest = np.full(g, np.inf)
        np.minimum.at(nearest, self.a, self.distance)
        np.minimum.at(nearest, self.b, self.distance)
        mutual = (self.distance == nearest[self.a]) & (self.distance == nearest[self.b])
        a, b = self.a[mutual], self.b[mutual]
        # of ties, as among copies of one picture, many should be joined in one round: rank them as if by chance
        order = np.lexsort((b, a, scrambled(a, b)))
        a, b = a[order], b[order]
        first, rank = np.full(g, len(a)), np.arange(len(a))
        np.minimum.at(first, a, rank)
        np.minimum.at(first, b, rank)
        chosen = (first[a] == rank) & (first[b] == rank)
        return a[chosen], b[chosen]


def _counted(labels: Labels) -> Labels:
    """The same labels, counted from 0 in the order in which they first occur."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]


def _numbers(pairs: Pairs, g: int) -> Labels:
    """Distinct sorted numbers, low · g + high, of pairs of groups; none of a group with itself."""
    low, high = pairs.min(axis=1, initial=g), pairs.max(axis=1, initial=0)
    return _distinct(np.sort((low * g + high)[low != high]))


def _distinct(numbers: Labels) -> Labels:
    found: Labels = numbers[np.diff(numbers, prepend=-1) != 0]
    return found


def _without(numbers: Labels, others: Labels) -> Labels:
    """Those of some numbers that are not among others, which are sorted."""
    if not len(others):
        return numbers
    at = np.minimum(np.searchsorted(others, numbers), len(others) - 1)
    left: Labels = numbers[others[at] != numbers]
    return left


def _settled(root: Labels) -> Labels:
    """What each has become part of in the end."""
    while not np.array_equal(further := root[root], root):
        root = further
    return root


def _digest(faces: Faces, quality: NDArray[np.float32], held: Held, rule: GroupingRule) -> str:
    said = hashlib.blake2b(repr(rule).encode(), digest_size=8)
    for array in (
        faces.vectors, faces.crowding, quality, held.together, held.apart, held.person, held.refused
    ):  # fmt: skip
        said.update(np.ascontiguousarray(array).data)
    return said.hexdigest()
