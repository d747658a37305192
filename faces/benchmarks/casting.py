"""Who is where in a made-up library, and what their faces are like: drawn in memory, no row written.

Faceprints are drawn in the shape of dlib's as the crowding function knows it (its mean, its axes and the variance along
them), so that crowding means here what it means for real faces. Distances within a person and between people follow
LFW's: 0.42 ± 0.08 and 0.79 ± 0.10; the nearest of 5,000 others lies at 0.53 (median).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding

WITHIN, SHARED = 0.086, 0.32
"""Variance of one person's faceprints around their mean, and of everybody's around everybody's (LFW)."""
STAR_WITHIN = 0.03
"""Of those people who are measured by being named: their faces all match from one exemplar on."""
MAX_EXEMPLARS = 20
MATCHES = (5, 500, 20_000)
"""How many appearances follow when a star is named."""
STARS_OF_EACH = 3
_ASSET_TRACKS = 200
_BATCH = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Where faces in general lie. basis: (dim, dim) orthonormal rows; deviation: (dim,) along each of them."""

    mean: NDArray[np.float64]
    basis: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(cls, crowding: Crowding) -> Shape:
        """As large along the function's axes as it says; the rest of its scatter fades out along the others."""
        rank, dim = crowding.axes.shape
        basis = np.linalg.qr(np.vstack([crowding.axes, np.eye(dim)]).T)[0].T
        fading = 0.95 ** np.arange(dim - rank)
        fading *= (crowding.scatter - crowding.variances.sum()) / fading.sum()
        return cls(crowding.mean, basis, np.sqrt(np.concatenate([crowding.variances, fading])))

    def draw(self, rng: np.random.Generator, rows: int, variance: float) -> NDArray[np.float32]:
        """(rows, dim) around nothing, with that variance in all."""
        scale = self.deviation * np.sqrt(variance / (self.deviation**2).sum())
        drawn = rng.standard_normal((rows, len(scale)), np.float32)
        turned: NDArray[np.float32] = drawn @ (scale[:, None] * self.basis).astype(np.float32)
        return turned


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Who is where. Identities are numbered: people first (person i has the id i + 1), then stars, then strangers."""

    rng: np.random.Generator
    people: int
    sizes: NDArray[np.int64]
    confirmed: NDArray[np.int64]
    stars: dict[int, int]
    who: NDArray[np.int64]
    group: NDArray[np.int64]
    asset: NDArray[np.int64]
    shot: NDArray[np.int64]

    @property
    def tracks(self) -> int:
        return len(self.who)

    @property
    def strangers(self) -> int:
        return len(self.sizes) - self.people

    @property
    def groups(self) -> int:
        return int(self.group.max())

    @classmethod
    def draw(cls, rng: np.random.Generator, tracks: int, people: int) -> Plan:
        """So many tracks, two fifths of them, or more, of so many people who have a name."""
        often = 1 / np.arange(1, MAX_EXEMPLARS + 1)
        confirmed = rng.choice(MAX_EXEMPLARS, people, p=often / often.sum()) + 1
        fame = rng.pareto(1.2, people) + 0.01
        known = confirmed + (fame / fame.sum() * max(0.4 * tracks - confirmed.sum(), 0)).astype(np.int64)
        stars = [m for m in MATCHES for _ in range(STARS_OF_EACH) if m <= tracks // 20]
        starry = np.array([m + MAX_EXEMPLARS for m in stars], np.int64)
        left = tracks - int(known.sum() + starry.sum())
        seen = np.minimum(np.ceil(3 * rng.pareto(1.1, max(left, 1)) + 0.01), 2000).astype(np.int64)
        seen = seen[: int(np.searchsorted(np.cumsum(seen), left, "left")) + 1]
        seen[-1] -= seen.sum() - left
        sizes = np.concatenate([known, starry, seen[seen > 0]])
        who = np.repeat(np.arange(len(sizes)), sizes)
        rng.shuffle(who)
        asset = _assets(rng, tracks)
        return cls(
            rng,
            people,
            sizes,
            confirmed,
            {people + at: matches for at, matches in enumerate(stars)},
            who,
            _grouped(rng, who, sizes),
            asset,
            _shots(rng, who, asset),
        )

    def confirmed_tracks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(track, person) ids of everything confirmed beforehand: the first tracks of each person."""
        by_person = np.argsort(self.who, kind="stable")
        first = np.cumsum(self.sizes)[: self.people] - self.sizes[: self.people]
        place = np.arange(self.confirmed.sum()) - np.repeat(
            np.cumsum(self.confirmed) - self.confirmed, self.confirmed
        )
        tracks = by_person[np.repeat(first, self.confirmed) + place] + 1
        return tracks, np.repeat(np.arange(self.people) + 1, self.confirmed)


def _assets(rng: np.random.Generator, tracks: int) -> NDArray[np.int64]:
    """The asset, from 0, of each track; assets have some 200."""
    lengths = np.ceil(_ASSET_TRACKS * rng.lognormal(-0.125, 0.5, 2 * tracks // _ASSET_TRACKS + 20))
    return np.searchsorted(np.cumsum(lengths), np.arange(tracks), "right")


def _shots(rng: np.random.Generator, who: NDArray[np.int64], asset: NDArray[np.int64]) -> NDArray[np.int64]:
    """The shot, from 0, of each track within its asset: one to a few faces, hardly ever the same person twice."""
    begins = rng.random(len(who)) < 0.55
    begins[0] = True
    begins[1:] |= np.diff(asset) > 0
    for back in (1, 2, 3):
        begins[back:] |= who[back:] == who[:-back]
    number = np.cumsum(begins)
    first = number[np.flatnonzero(np.diff(asset, prepend=-1))]
    return number - first[asset]


def _grouped(rng: np.random.Generator, who: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The unknown, from 1, of each track: most of a person's in one, the others strewn; older ones first."""
    several = 1 + sizes // 12
    within = np.where(rng.random(len(who)) < 0.7, 0, (rng.random(len(who)) * several[who]).astype(np.int64))
    label = (np.cumsum(several) - several)[who] + within
    _, founder, group = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(founder), np.int64)
    rank[np.argsort(founder)] = np.arange(len(founder)) + 1
    return rank[group]


def faceprints(plan: Plan, shape: Shape) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """(tracks, dim), and the (identities, dim) around which they lie."""
    centres = shape.mean.astype(np.float32) + shape.draw(plan.rng, len(plan.sizes), SHARED - WITHIN)
    unlike = plan.rng.lognormal(0, 0.16, len(plan.sizes)).astype(np.float32)
    unlike[list(plan.stars)] = np.sqrt(STAR_WITHIN / WITHIN)
    vectors = np.empty((plan.tracks, len(shape.mean)), np.float16)
    for start in range(0, plan.tracks, _BATCH):
        who = plan.who[start : start + _BATCH]
        drawn = shape.draw(plan.rng, len(who), WITHIN)
        vectors[start : start + _BATCH] = centres[who] + unlike[who, None] * drawn
    return vectors, centres
