"""The global pass over the unknowns: all tracks of the library grouped anew, and the keys brought along.

What people have seen under one key stays under one key: a pass joins such groups and adds to them, but does not divide
them. Decisions hold it: what humans split stays apart, whom they rejected or named differently is not grouped together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity import counts, queries, unknowns
from faces.identity.grouping import Constraints, group, propose_split
from faces.identity.model import Model
from faces.identity.resolve import TrackId
from faces.identity.unknowns import UnknownId
from faces.models import Resolution, Track, Unknown

MOST_LOOKED_AT = 2_000
"""Tracks of one unknown that are looked at for a proposal to split it."""
_AT_ONCE = 2_000
"""Tracks that change their group in one transaction: nobody else decides meanwhile."""


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


def regroup(model: Model, progress: Callable[[float], object] = lambda done: None) -> Regrouped:
    """Run a pass. Broken off, it has done whole groups, and the next one does the rest.

    progress: told the part that is done, 0 to 1.
    """
    library = queries.library(model.name, model.dim)
    labels = group(
        library.faces,
        library.quality,
        library.tracks,
        _constraints(library, model.name),
        model.grouping.rule,
        progress,
    )
    moved = joined = 0
    for changes in _batches(_changes(library, labels)):
        with queries.identity_write():
            for change in changes:
                moved += _carry_out(change, model)
                joined += len(change.absorbed)
    return Regrouped(len(library.tracks), moved, joined)


def proposed_parts(unknown: UnknownId, model: Model) -> list[list[TrackId]]:
    """2 to 5 groups of tracks that an unknown may be a mixture of, the smallest first; none where it is of one piece.

    Of the tracks that its key shows, at most MOST_LOOKED_AT, the earliest.
    """
    library = queries.library(model.name, model.dim, unknown=unknown, limit=MOST_LOOKED_AT)
    parts = propose_split(
        library.faces, library.quality, library.tracks, _constraints(library, model.name), model.grouping.rule
    )
    return [library.tracks[part].tolist() for part in parts]


def _constraints(library: queries.Library, model: str) -> Constraints:
    row_of = {track: row for row, track in enumerate(library.tracks.tolist())}
    pairs = [*queries.apart_by_splits(), *queries.apart_by_names(model)]
    apart = [(row_of[a], row_of[b]) for a, b in pairs if a in row_of and b in row_of]
    pinned = library.bases != library.homes
    return Constraints(
        shot=library.shot,
        start_ms=library.start_ms,
        end_ms=library.end_ms,
        together=np.where(library.shown | pinned, library.bases, -1),
        apart=np.array(apart, np.int64).reshape(-1, 2),
    )


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
    for rows in np.split(order, starts[1:]):
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


def _carry_out(change: _Change, model: Model) -> int:
    """Move those of the tracks that are still where the pass saw them. Inside `queries.identity_write()`."""
    now = dict(
        Resolution.objects.filter(track__in=[track for track, _ in change.tracks]).values_list(
            "track_id", "home_id"
        )
    )
    still = [track for track, home in change.tracks if now.get(track) == home]
    if not still:
        return 0
    key = change.key
    if key is None:
        key = unknowns.found(Track.objects.get(pk=min(still))).pk
    Resolution.objects.filter(track__in=still).update(home_id=key)
    gone = Unknown.objects.filter(pk__in=change.absorbed).exclude(
        pk__in=Resolution.objects.filter(home__in=change.absorbed).values("home_id")
    )
    absorbed = list(gone.values_list("pk", flat=True))
    Unknown.objects.filter(pk__in=absorbed).update(absorbed_by=key)
    unknowns.reread({key, *absorbed})
    moved = unknowns.settle(still)
    unknowns.recentre(moved.bases, model.grouping)
    counts.recount_unknowns(moved.shown | {key, *absorbed})
    return len(still)
