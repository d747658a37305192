"""The points that stand for people: derived from photographs and confirmed tracks, rebuilt when these change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.identity import queries
from faces.identity.model import Model
from faces.identity.queries import Prints
from faces.identity.resolve import PersonId, TrackId, choose_exemplars, spread, stand
from faces.models import Exemplar, Person, Photo, Point, Verdict

_AT_ONCE = 500
"""Rebuilt in one transaction: others wait about a second."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What humans gave the library to know a person by."""

    tracks: frozenset[TrackId] = frozenset()
    photos: frozenset[int] = frozenset()
    pinned: frozenset[tuple[str, int]] = frozenset()
    refused: frozenset[TrackId] = frozenset()


def rebuild(people: Collection[PersonId], model: Model) -> None:
    """Store people's points, the faceprints chosen to stand for them, and those refused; none for the retired.

    Writes only where something is different.
    """
    if not people:
        return
    evidence = gathered(people)
    prints = queries.prints(
        {track for said in evidence.values() for track in said.tracks | said.refused},
        {photo for said in evidence.values() for photo in said.photos},
        model=model.name,
        dim=model.dim,
    )
    row_of = {name: row for row, name in enumerate(prints.names)}

    def rows(names: set[tuple[str, int]]) -> NDArray[np.int64]:
        return np.array(sorted(row_of[name] for name in names if name in row_of), np.int64)

    wanted: set[tuple[PersonId, int, bool]] = set()
    vectors: dict[PersonId, NDArray[np.float32]] = {}
    for person, said in evidence.items():
        own = rows({("photo", photo) for photo in said.photos} | {("track", track) for track in said.tracks})
        against = rows({("track", track) for track in said.refused})
        vectors[person] = prints.vectors[own].astype(np.float32)
        wanted |= {(person, print_, False) for print_ in _chosen(prints, own, said.pinned)}
        wanted |= {(person, print_, True) for print_ in _chosen(prints, against)}
    _store_exemplars(wanted, people, model)
    _store_points(vectors, people, model)


def rebuild_all(model: Model, progress: Callable[[int], object] = lambda done: None) -> None:
    """The same for everybody under that model, which need not be the one in force: some at a time, each in a
    transaction. progress: told how many more people are done."""
    everybody = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(everybody), _AT_ONCE):
        some = everybody[start : start + _AT_ONCE]
        with queries.identity_write():
            rebuild(some, model)
        progress(len(some))


def forget(model: str) -> None:
    """Delete what stands for people under that model: nobody keeps it up to date while another is in force."""
    Exemplar.objects.filter(model=model).delete()
    Point.objects.filter(model=model).delete()


def gathered(people: Collection[PersonId]) -> dict[PersonId, Evidence]:
    """The evidence for each of these, and against; nothing for the retired."""
    retired = set(Person.objects.filter(pk__in=people, retired=True).values_list("pk", flat=True))
    living = set(people) - retired
    stands_for: dict[PersonId, list[PersonId]] = {person: [person] for person in living}
    for merged, into in Person.objects.filter(merged_into__in=living).values_list("pk", "merged_into_id"):
        stands_for.setdefault(merged, []).append(into)
    spoken_of: dict[PersonId, set[TrackId]] = defaultdict(set)
    for person, track in queries.who_is_spoken_of(stands_for):
        for who in stands_for[person]:
            spoken_of[who].add(track)
    said = queries.statements({track for tracks in spoken_of.values() for track in tracks})
    standings = {track: stand(statements) for track, statements in said.items()}
    photos: dict[PersonId, set[int]] = defaultdict(set)
    for person, photo in Photo.objects.filter(person__in=stands_for, enrolled=True).values_list(
        "person_id", "pk"
    ):
        for who in stands_for[person]:
            photos[who].add(photo)
    exemplars = queries.said_of_exemplars(living)
    found = {person: Evidence() for person in retired}
    for person in living:
        spoken = exemplars[person]
        unwanted = {what for what, verdict in spoken.items() if verdict == Verdict.REMOVE_EXEMPLAR}
        own = {track: standings[track] for track in spoken_of[person] & standings.keys()}
        found[person] = Evidence(
            tracks=frozenset(
                track
                for track, standing in own.items()
                if person in (standing.confirmed, standing.ignored) and ("track", track) not in unwanted
            ),
            photos=frozenset(photo for photo in photos[person] if ("photo", photo) not in unwanted),
            pinned=frozenset(spoken.keys() - unwanted),
            refused=frozenset(track for track, standing in own.items() if person in standing.rejected),
        )
    return found


def _chosen(prints: Prints, rows: NDArray[np.int64], pinned: Collection[tuple[str, int]] = ()) -> list[int]:
    """The ids of those of these rows that are kept."""
    qualities = prints.qualities[rows].copy()
    if pinned:
        # what a human pinned goes before any quality that a network can have
        qualities += [2.0 if prints.names[row] in pinned else 0.0 for row in rows]
    chosen = choose_exemplars(prints.vectors[rows].astype(np.float32), qualities.astype(np.float32))
    ids: list[int] = prints.ids[rows[chosen]].tolist()
    return ids


def _store_exemplars(
    wanted: set[tuple[PersonId, int, bool]], people: Collection[PersonId], model: Model
) -> None:
    stored = {
        (person, print_, refused): key
        for key, person, print_, refused in Exemplar.objects.filter(
            person__in=people, model=model.name
        ).values_list("pk", "person_id", "faceprint_id", "refused")
    }
    if gone := [key for what, key in stored.items() if what not in wanted]:
        Exemplar.objects.filter(pk__in=gone).delete()
    Exemplar.objects.bulk_create(
        Exemplar(person_id=person, model=model.name, faceprint_id=print_, refused=refused)
        for person, print_, refused in sorted(wanted - stored.keys())
    )


def _store_points(
    vectors: dict[PersonId, NDArray[np.float32]], people: Collection[PersonId], model: Model
) -> None:
    stored = {point.person_id: point for point in Point.objects.filter(person__in=people, model=model.name)}
    gone, new = [], []
    for person, own in sorted(vectors.items()):
        held = stored.get(person)
        if not len(own):
            gone += [held.pk] if held is not None else []
            continue
        mean = own.mean(axis=0, dtype=np.float64).astype(np.float16)
        given_back = spread(own, model.spread)
        crowding = float(model.crowding_of_points(mean[None], np.array([given_back]))[0])
        if held is not None:
            same = np.array_equal(np.asarray(held.vector, np.float16), mean)
            if same and (held.spread, held.crowding) == (given_back, crowding):
                continue
            gone.append(held.pk)
        new.append(
            Point(
                person_id=person,
                model=model.name,
                vector=mean.tolist(),
                spread=given_back,
                crowding=crowding,
            )
        )
    if gone:
        Point.objects.filter(pk__in=gone).delete()
    Point.objects.bulk_create(new)
