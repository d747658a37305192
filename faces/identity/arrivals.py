"""New tracks find the unknown that they belong to, one after another, and all of it is written at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from faces.identity import queries
from faces.identity.gallery import Faces, distances, near_pairs
from faces.identity.queries import Centre, Centres
from faces.identity.resolve import TrackId
from faces.identity.unknowns import Grouping, UnknownId, birth_keys
from faces.models import Resolution, Track, Unknown


@dataclass(slots=True, eq=False)
class _Group:
    """A group that arriving tracks may join; a new one has no key until it is stored.

    order: the id or, of a new one, the row of its founder. age: what older groups go first by. vector: (dim,), its
    mean, None while that is as stored. arrived: rows of the batch.
    """

    order: int
    key: UnknownId | None = None
    shown: UnknownId | None = None
    members: int = 0
    placed: int = 0
    crowding: float = 0.0
    vector: NDArray[np.float16] | None = None
    arrived: list[int] = field(default_factory=list)

    @property
    def age(self) -> tuple[bool, int]:
        return self.key is None, self.order


def admit(tracks: Sequence[Track], grouping: Grouping) -> None:
    """Show new tracks: give each its home, the nearest group or a new one, in the given order.

    Nobody is in one picture twice: a group that holds a track beside this one is passed over. To be called inside
    `queries.identity_write()`, once a track, with its faceprint stored.

    The mean follows while a group is small, and then whenever it has grown by an eighth: a mean of many hardly moves.
    """
    if tracks:
        _Arrival(tracks, grouping).run()


class _Arrival:
    """One batch. What the database knows is read before, what arrives is kept here, and stored in the end."""

    def __init__(self, tracks: Sequence[Track], grouping: Grouping) -> None:
        self._tracks, self._grouping = tracks, grouping
        ids = [track.pk for track in tracks]
        shown, faces = queries.faces_of_tracks(ids, grouping.model, grouping.dim)
        rows = np.searchsorted(shown, ids)
        faces = faces[rows]
        self._faces, self._crowding = faces.vectors.astype(np.float64), faces.crowding.astype(np.float64)
        self._rule, self._radius = grouping.rule, grouping.rule.within(queries.size_of_library())
        centres = queries.centres_near(faces, self._radius, self._rule.crowding, model=grouping.model)
        self._near: list[list[tuple[float, UnknownId]]] = [[] for _ in tracks]
        """For each row, the groups within the radius by their stored means: how far, and which."""
        reached = self._reach(faces, centres)
        self._beside: dict[TrackId, list[TrackId]] = defaultdict(list)
        for track, other in queries.beside(ids, arriving=ids):
            self._beside[track].append(other)
        others = {other for beside in self._beside.values() for other in beside}
        self._shown_as: dict[TrackId, UnknownId | _Group] = dict(
            Resolution.objects.filter(track__in=others).values_list("track_id", "unknown_id")
        )
        """What each track beside one of these is shown under."""
        ids_reached = centres.unknowns[reached].tolist()
        read_as = dict(
            Unknown.objects.filter(pk__in=ids_reached, merged_into__isnull=False).values_list(
                "pk", "merged_into_id"
            )
        )
        self._groups = {
            key: _Group(key, key, read_as.get(key, key), members, placed, crowding)
            for key, members, placed, crowding in zip(
                ids_reached,
                centres.members[reached].tolist(),
                centres.placed[reached].tolist(),
                centres.means.crowding[reached].tolist(),
                strict=True,
            )
        }
        self._moved: list[_Group] = []
        self._means, self._crowdings = np.empty((len(tracks), grouping.dim)), np.empty(len(tracks))
        self._placed = np.empty(len(tracks), np.int64)
        """Of the groups moved, in their order: as precise as they are stored."""
        self._sums = queries.sums_of_unknowns(self._growing(), model=grouping.model)

    def run(self) -> None:
        joined = [self._join(row, track.pk) for row, track in enumerate(self._tracks)]
        new = [group for group in dict.fromkeys(joined) if group.key is None]
        made = Unknown.objects.bulk_create(
            Unknown(key=key) for key in birth_keys([self._tracks[group.arrived[0]] for group in new])
        )
        for group, unknown in zip(new, made, strict=True):
            group.key = group.shown = unknown.pk
        Unknown.objects.filter(pk__in={group.shown for group in joined}).update(last_seen=timezone.now())
        Resolution.objects.bulk_create(
            Resolution(
                track=track,
                unknown_id=group.shown or 0,
                home_id=group.key or 0,
                base_id=group.key or 0,
                model=self._grouping.model,
            )
            for track, group in zip(self._tracks, joined, strict=True)
        )
        queries.store_centres(
            [
                Centre(group.key, group.vector, group.crowding, group.members, group.placed)
                for group in dict.fromkeys(joined)
                if group.key is not None
            ],
            model=self._grouping.model,
        )

    def _join(self, row: int, track: TrackId) -> _Group:
        taken = {self._shown_as[other] for other in self._beside[track] if other in self._shown_as}
        group = next((group for group in self._within(row) if _shown(group) not in taken), None)
        if group is None:
            group = _Group(row)
        group.arrived.append(row)
        group.members += 1
        if group.members == 1 or group.members >= _next_place(group.placed):
            self._move(group)
        self._shown_as[track] = _shown(group)
        return group

    def _within(self, row: int) -> Iterator[_Group]:
        """The groups within the radius of a face, nearest first: those whose means have moved as they are now."""
        near = [
            (distance, group)
            for distance, key in self._near[row]
            if (group := self._groups[key]).vector is None
        ]
        moved = len(self._moved)
        squared = np.square(self._means[:moved] - self._faces[row]).sum(axis=1)
        crowding = self._crowdings[:moved] + self._crowding[row]
        apart = self._rule.to_one(squared, self._placed[:moved], crowding)
        near += [(float(apart[at]), self._moved[at]) for at in np.flatnonzero(apart <= self._radius)]
        for _, group in sorted(near, key=lambda found: (found[0], found[1].age)):
            yield group

    def _move(self, group: _Group) -> None:
        """Make the mean anew, of all members."""
        total, crowding, count = np.zeros(self._grouping.dim), 0.0, 0
        if group.key is not None:
            if group.key not in self._sums:
                self._sums |= queries.sums_of_unknowns([group.key], model=self._grouping.model)
            total, crowding, count = self._sums.get(group.key, (total, crowding, count))
        count += len(group.arrived)
        if group.vector is None:
            self._moved.append(group)
        mean = (total + self._faces[group.arrived].sum(axis=0)) / count
        group.vector = mean.astype(np.float16)
        group.crowding = float((crowding + self._crowding[group.arrived].sum()) / count)
        group.placed = group.members
        at = self._moved.index(group)
        self._means[at], self._crowdings[at], self._placed[at] = group.vector, group.crowding, group.placed

    def _reach(self, faces: Faces, centres: Centres) -> NDArray[np.int64]:
        """Note which groups are near each face; answers all of them, as rows of the centres."""
        means, rule = centres.means, self._rule
        reach = np.full(len(means), self._radius)
        rows, columns = near_pairs(faces, means, rule.variance(centres.placed), reach, rule.crowding)
        plain, crowding = (
            distances(faces, rows, means, columns, 0.0),
            self._crowding[rows] + means.crowding[columns],
        )
        apart = rule.to_one(plain**2, centres.placed[columns], crowding)
        near = apart <= self._radius
        rows, columns, apart = rows[near], columns[near], apart[near]
        for row, unknown, distance in zip(
            rows.tolist(), centres.unknowns[columns].tolist(), apart.tolist(), strict=True
        ):
            self._near[row].append((distance, unknown))
        return np.unique(columns)

    def _growing(self) -> list[UnknownId]:
        """The groups whose means will probably move: what is read of them is read at once."""
        joining = Counter(min(near)[1] for near in self._near if near)
        return [
            key
            for key, more in joining.items()
            if self._groups[key].members + more >= _next_place(self._groups[key].placed)
        ]


def _shown(group: _Group) -> UnknownId | _Group:
    return group.shown if group.shown is not None else group


def _next_place(placed: int) -> int:
    return placed + max(placed // 8, 1)
