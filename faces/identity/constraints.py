"""What holds the grouping of unknowns: what shots show, and what humans said. No database, no names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.identity.neighbours import Pairs, Rows

NOBODY, SEVERAL = -1, -2
"""Who a group is of which humans have not said it, and one that holds two people all the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """What holds the grouping; row i of every array is the same face.

    shot, start_ms, end_ms: (n,) int64. Two faces of one shot that overlap in time are two people.
    together: (n,) int64. Rows of one label ≥ 0 are one group, whatever else is said.
    apart: (k, 2) rows that are two people.
    person: (n,) int64, who it is as a human said, or -1. Rows of two people never meet.
    refused: (k, 2) a row and a person; such a row never meets one of that person.
    """

    shot: Rows
    start_ms: Rows
    end_ms: Rows
    together: Rows
    apart: Pairs
    person: Rows
    refused: Pairs

    @classmethod
    def none(cls, n: int) -> Constraints:
        """Nothing is known of n faces: each is in a shot of its own."""
        nothing, nobody, no_pairs = np.zeros(n, np.int64), np.full(n, NOBODY), np.empty((0, 2), np.int64)
        return cls(np.arange(n), nothing, nothing, np.full(n, -1), no_pairs, nobody, no_pairs)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The constraints on faces by id. together: a label for each. apart: also who shares a picture."""

    together: Rows
    apart: Pairs
    person: Rows
    refused: Pairs

    @classmethod
    def of(cls, constraints: Constraints, order: Rows, place: Rows) -> Held:
        own = np.arange(len(order)) + constraints.together.max(initial=-1) + 1
        together = np.where(constraints.together >= 0, constraints.together, own)[order]
        apart = place[np.concatenate([constraints.apart, _in_one_picture(constraints)])]
        refused = np.stack([place[constraints.refused[:, 0]], constraints.refused[:, 1]], axis=1)
        return cls(together, apart, constraints.person[order], refused)

    def people(self, labels: Rows) -> Rows:
        """For each group, who it is: a person, NOBODY, or SEVERAL."""
        rows = np.flatnonzero(self.person >= 0)
        low = np.full(labels.max(initial=-1) + 1, np.iinfo(np.int64).max)
        high = np.full_like(low, NOBODY)
        np.minimum.at(low, labels[rows], self.person[rows])
        np.maximum.at(high, labels[rows], self.person[rows])
        return np.where((high >= 0) & (low != high), SEVERAL, high)


def _in_one_picture(constraints: Constraints) -> Pairs:
    """Rows that are in one picture at some moment. A photograph has no duration, but holds who is in it."""
    if not len(constraints.shot):
        return np.empty((0, 2), np.int64)
    start = constraints.start_ms - constraints.start_ms.min()
    length = np.maximum(constraints.end_ms - constraints.start_ms, 1)
    shot = np.unique(constraints.shot, return_inverse=True)[1].astype(np.int64)
    begins = shot * (int((start + length).max()) + 1) + start
    order = np.argsort(begins, kind="stable")
    begins, ends = begins[order], (begins + length)[order]
    count = np.searchsorted(begins, ends) - np.arange(len(order)) - 1  # those that begin before this one ends
    one = np.repeat(np.arange(len(order)), count)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([order[one], order[other]], axis=1)
