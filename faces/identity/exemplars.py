"""The points that stand for a person: derived from photographs and confirmed tracks, rebuilt when these change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import Q

from faces.identity import queries
from faces.identity.model import Model
from faces.identity.resolve import PersonId, TrackId, choose_exemplars, spread, stand
from faces.models import Exemplar, Faceprint, Person, Photo, Point, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What humans gave the library to know a person by."""

    tracks: frozenset[TrackId]
    photos: frozenset[int]
    pinned: frozenset[tuple[str, int]]
    refused: frozenset[TrackId]


def rebuild(person: PersonId, model: Model) -> None:
    """Store the person's point, the faceprints chosen to stand for it, and those refused; none for a retired person.

    Writes only where something is different.
    """
    stored = {
        (row.faceprint_id, row.refused): row.pk
        for row in Exemplar.objects.filter(person_id=person, model=model.name)
    }
    evidence = gathered(person)
    prints = list(
        Faceprint.objects.filter(
            Q(photo__in=evidence.photos) | Q(track__in=evidence.tracks), model=model.name
        ).order_by("pk")
    )
    against = list(Faceprint.objects.filter(track__in=evidence.refused, model=model.name).order_by("pk"))
    wanted = {(print_.pk, False) for print_ in _chosen(prints, evidence)}
    wanted |= {(print_.pk, True) for print_ in _chosen(against)}
    if gone := [key for what, key in stored.items() if what not in wanted]:
        Exemplar.objects.filter(pk__in=gone).delete()
    Exemplar.objects.bulk_create(
        Exemplar(person_id=person, model=model.name, faceprint_id=print_, refused=refused)
        for print_, refused in sorted(wanted - stored.keys())
    )
    _store_point(person, model, prints)


def gathered(person: PersonId) -> Evidence:
    """The evidence for a person, and against; nothing for a retired one."""
    if Person.objects.filter(pk=person, retired=True).exists():
        return Evidence(frozenset(), frozenset(), frozenset(), frozenset())
    merged = Person.objects.filter(merged_into=person).values_list("pk", flat=True)
    spoken_of = queries.tracks_spoken_of([person, *merged])
    standings = {track: stand(said) for track, said in queries.statements(spoken_of).items()}
    tracks = {
        track for track, standing in standings.items() if person in (standing.confirmed, standing.ignored)
    }
    photos = set(
        Photo.objects.filter(Q(person=person) | Q(person__merged_into=person), enrolled=True).values_list(
            "pk", flat=True
        )
    )
    spoken = queries.said_of_exemplars(person)
    unwanted = {what for what, verdict in spoken.items() if verdict == Verdict.REMOVE_EXEMPLAR}
    return Evidence(
        tracks=frozenset(track for track in tracks if ("track", track) not in unwanted),
        photos=frozenset(photo for photo in photos if ("photo", photo) not in unwanted),
        pinned=frozenset(spoken.keys() - unwanted),
        refused=frozenset(track for track, standing in standings.items() if person in standing.rejected),
    )


def _chosen(prints: list[Faceprint], evidence: Evidence | None = None) -> list[Faceprint]:
    vectors = np.array([print_.vector for print_ in prints], np.float32)
    qualities = np.array(
        [
            # what a human pinned goes before any quality that a network can have
            print_.quality + (2 if evidence and _name(print_) in evidence.pinned else 0)
            for print_ in prints
        ],
        np.float32,
    )
    return [prints[row] for row in choose_exemplars(vectors, qualities)]


def _name(print_: Faceprint) -> tuple[str, int]:
    return ("photo", print_.photo_id) if print_.photo_id else ("track", print_.track_id or 0)


def _store_point(person: PersonId, model: Model, prints: list[Faceprint]) -> None:
    stored = Point.objects.filter(person_id=person, model=model.name).first()
    if not prints:
        if stored is not None:
            stored.delete()
        return
    vectors = np.array([print_.vector for print_ in prints], np.float32)
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float16)
    given_back = spread(vectors)
    point = Point(
        person_id=person,
        model=model.name,
        vector=mean.tolist(),
        spread=given_back,
        crowding=model.crowding_of_point(mean, given_back),
    )
    if stored is not None:
        same = np.array_equal(np.asarray(stored.vector, np.float16), mean)
        if same and (stored.spread, stored.crowding) == (point.spread, point.crowding):
            return
        stored.delete()
    point.save()
