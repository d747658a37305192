"""The global pass over the unknowns: all tracks of the library grouped anew, and the keys brought along.

What people have seen under one key stays under one key: a pass joins such groups and adds to them, but does not divide
them. Decisions hold it: what humans split stays apart, whom they rejected or named differently is not grouped together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity import counts, queries, unknowns
from faces.identity.constraints import Constraints
from faces.identity.following import standings
from faces.identity.grouping import group, propose_split
from faces.identity.model import Model, deciding
from faces.identity.neighbours import Kept, Pairs
from faces.identity.resolve import TrackId
from faces.identity.unknowns import UnknownId
from faces.models import Resolution, Track

MOST_LOOKED_AT = 2_000
"""Tracks of one unknown that are looked at for a proposal to split it."""
_AT_ONCE = 2_000
"""Tracks that change their group in one transaction: nobody else decides meanwhile."""
_FINDING = 0.6
"""The part of a pass that is done when it is known who belongs together."""
_UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What a pass did: tracks looked at, tracks that changed their group, keys that became part of others."""

    tracks: int
    moved: int
    joined: int


@dataclass(slots=True)
class _Change:
    """One group as it is to be: `key` of the unknown that stays, or None for a new one."""

    key: UnknownId | None
    tracks: list[tuple[TrackId, UnknownId]]
    absorbed: list[UnknownId]


def regroup(
    model: Model, progress: Callable[[float], object] = lambda done: None, kept: Kept | None = None
) -> Regrouped:
    """Run a pass, or go on with one that was broken off.

    progress: told the part that is done, 0 to 1. kept: where a pass leaves what it has found until it ends: broken off,
    it goes on there with the same tracks, whatever has arrived meanwhile. Raises queries.AlreadyRunning, ModelSwitched.
    """
    with queries.alone():
        done = _regroup(model, progress, kept)
        if kept is not None:
            kept.clear()
        return done


def _regroup(model: Model, progress: Callable[[float], object], kept: Kept | None) -> Regrouped:
    said = queries.last_decision()
    library = queries.library(model.name, model.dim, until=_until(kept))
    labels = group(
        library.faces,
        library.quality,
        library.tracks,
        _constraints(library),
        model.grouping.rule,
        lambda part: progress(part * _FINDING),
        kept,
    )
    changes = _changes(library, labels)
    to_move = sum(len(change.tracks) for change in changes)
    seen = moved = joined = 0
    for batch in _batches(changes):
        with deciding(made_by=model.name):
            moved += _carry_out(batch, model, since=said)
        seen += sum(len(change.tracks) for change in batch)
        joined += sum(len(change.absorbed) for change in batch)
        progress(_FINDING + (1 - _FINDING) * seen / to_move)
    progress(1.0)
    return Regrouped(len(library.tracks), moved, joined)


def _until(kept: Kept | None) -> TrackId | None:
    """The last track that a pass looks at: of one that was broken off, the last that there was when it began."""
    if kept is None:
        return None
    if _UNTIL not in kept:
        last = Resolution.objects.order_by("-pk").values_list("pk", flat=True).first()
        kept[_UNTIL] = np.array([last or 0], np.int64)
    return int(kept[_UNTIL][0])


def proposed_parts(unknown: UnknownId, model: Model) -> list[list[TrackId]]:
    """2 to 5 groups of tracks that an unknown may be a mixture of, the smallest first; none where it is of one piece.

    Of the tracks that its key shows, at most MOST_LOOKED_AT, the earliest.
    """
    library = queries.library(model.name, model.dim, unknown=unknown, limit=MOST_LOOKED_AT)
    parts = propose_split(
        library.faces,
        library.quality,
        library.tracks,
        _constraints(library),
        model.grouping.rule,
        queries.size_of_library(),
    )
    return [library.tracks[part].tolist() for part in parts]


def _constraints(library: queries.Library) -> Constraints:
    pinned = library.bases != library.homes
    confirmed = set(library.person[library.person >= 0].tolist())
    refused = _pairs(
        (track, person)
        for track, standing in sorted(standings(queries.tracks_denied()).items())
        for person in sorted(standing.rejected & confirmed)
    )
    refused[:, 0] = library.row_of(refused[:, 0])
    apart = library.row_of(_pairs(queries.apart_by_splits()))
    return Constraints(
        shot=library.shot,
        start_ms=library.start_ms,
        end_ms=library.end_ms,
        together=np.where(library.shown | pinned, library.bases, -1),
        apart=apart[(apart >= 0).all(axis=1)],
        person=library.person,
        refused=refused[refused[:, 0] >= 0],
    )


def _pairs(found: Iterable[tuple[int, int]]) -> Pairs:
    return np.array(list(found), np.int64).reshape(-1, 2)


def _changes(library: queries.Library, labels: NDArray[np.int64]) -> list[_Change]:
    """How the groups that the pass found differ from the homes that tracks have. Tracks put elsewhere by a split stay.

    A home goes where its first track goes: the oldest of those that meet gives the key, the others become part of it.
    """
    free = np.flatnonzero(library.bases == library.homes)
    order = free[np.lexsort((library.tracks[free], labels[free]))]
    founder: dict[UnknownId, TrackId] = {}
    for row in free[np.argsort(library.tracks[free])].tolist():
        founder.setdefault(int(library.homes[row]), int(library.tracks[row]))
    changes = []
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        tracks = library.tracks[rows].tolist()
        homes = library.homes[rows].tolist()
        here = set(tracks)
        led = sorted({home for home in homes if founder[home] in here})
        key = led[0] if led else None
        if key is not None and all(home == key for home in homes):
            continue
        changes.append(
            _Change(key, [(t, h) for t, h in zip(tracks, homes, strict=True) if h != key], led[1:])
        )
    return changes


def _batches(changes: list[_Change]) -> Iterator[list[_Change]]:
    batch: list[_Change] = []
    held = 0
    for change in changes:
        batch.append(change)
        held += len(change.tracks)
        if held >= _AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _carry_out(changes: list[_Change], model: Model, since: int) -> int:
    """Move those of the tracks that are still where the pass saw them. Inside `queries.identity_write()`.

    Groups of which humans have spoken after the decision `since`, the last that the pass knew, wait for the next pass.
    """
    spoken_of = queries.homes_spoken_of(since)
    changes = [
        change
        for change in changes
        if spoken_of.isdisjoint({change.key, *(home for _, home in change.tracks)})
    ]
    now = dict(
        Resolution.objects.filter(
            track__in=[track for change in changes for track, _ in change.tracks]
        ).values_list("track_id", "home_id")
    )
    still = [[track for track, home in change.tracks if now.get(track) == home] for change in changes]
    founders = [
        min(tracks) for change, tracks in zip(changes, still, strict=True) if change.key is None and tracks
    ]
    by_id = Track.objects.in_bulk(founders)
    founded = iter(unknowns.found([by_id[founder] for founder in founders]))
    homes: dict[TrackId, UnknownId] = {}
    absorbed: dict[UnknownId, UnknownId] = {}
    for change, tracks in zip(changes, still, strict=True):
        if tracks:
            key = change.key if change.key is not None else next(founded).pk
            homes |= dict.fromkeys(tracks, key)
            absorbed |= dict.fromkeys(change.absorbed, key)
    moved = unknowns.rehome(homes, absorbed)
    unknowns.recentre(moved.bases, model.grouping)
    counts.recount_unknowns(moved.shown)
    return len(homes)
