"""Who and what looks like a face that is not in the library, or like somebody who is. Nothing is stored.

Distances are those of `gallery`, judged by the calibration like every other: both radii, and the same confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.db.models import Q
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from faces.identity import queries
from faces.identity.gallery import Faces, distances
from faces.identity.model import Model
from faces.identity.resolve import Candidate, PersonId, Standing, ranked
from faces.models import Band, Decision, Resolution, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class NearTracks:
    """The tracks within the outer radius of a face, nearest first. tracks: (n,) int64 ids. distances: (n,) float64."""

    tracks: NDArray[np.int64]
    distances: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Similar:
    """Somebody whose faces are like a person's. distance: between what the two are judged by."""

    person: PersonId
    distance: float


def faces_of(faceprints: Sequence[NDArray[np.float32]], model: Model) -> Faces:
    """Faceprints as they would be stored."""
    vectors = np.array(faceprints, np.float16).reshape(-1, model.dim)
    return Faces(vectors, model.crowding_of(vectors))


def people_like(faces: Faces, model: Model) -> list[list[Candidate]]:
    """For each face, everybody within the outer radius, the likeliest first; nobody who was told to be ignored."""
    gallery = queries.gallery(model.name, model.dim)
    near = gallery.candidates(
        faces, model.calibration, lambda people: queries.albums(people, model.name, model.dim)
    )
    return [
        [one for one in ranked(Standing(), candidates, model.calibration) if not one.stranger]
        for candidates in near
    ]


def tracks_like(faces: Faces, model: Model) -> list[NearTracks]:
    """For each face, every track within the outer radius, nearest first: exact, in one pass over the faceprints."""
    rows, tracks, theirs = queries.faces_near(faces, model.calibration)
    apart = distances(faces, rows, theirs, np.arange(len(rows)), model.calibration.crowding)
    within = apart <= model.calibration.suggested
    rows, tracks, apart = rows[within], tracks[within], apart[within]
    order = np.lexsort((tracks, apart, rows))
    borders = np.searchsorted(rows[order], np.arange(len(faces) + 1))
    return [
        NearTracks(tracks[order[start:stop]], apart[order[start:stop]])
        for start, stop in pairwise(borders.tolist())
    ]


def people_similar_to(person: PersonId, model: Model, limit: int) -> list[Similar]:
    """The `limit` people whose points lie nearest to that person's, as far as the outer radius, nearest first.

    Both points are means, so both spreads are added, as `resolve.spread` says of one. Left out are those of whom humans
    said that they are not the same person, and those confirmed beside each other in one picture. What the machine
    named beside them is no evidence: among very many names some are wrong, and one of these would hide a true pair.
    """
    gallery = queries.gallery(model.name, model.dim)
    (own,) = np.nonzero(gallery.people == person)
    if not len(own):
        return []
    others = np.flatnonzero((gallery.people != person) & ~gallery.stranger)
    spreads = gallery.spread[own] + gallery.spread[others]
    weight = model.calibration.crowding
    apart = distances(gallery.points, np.repeat(own, len(others)), gallery.points, others, weight)
    relief = weight / 2 * (gallery.points.crowding[own] + gallery.points.crowding[others])
    distance = np.sqrt((apart + relief) ** 2 + spreads) - relief
    reach = model.calibration.suggested + np.maximum(gallery.leeway[own], gallery.leeway[others])
    unlike = told_apart(person) | queries.confirmed_beside(person)
    found = [
        Similar(int(gallery.people[other]), float(distance[i]))
        for i, other in enumerate(others)
        if distance[i] <= reach[i] and int(gallery.people[other]) not in unlike
    ]
    return sorted(found, key=lambda one: (one.distance, one.person))[:limit]


def told_apart(person: PersonId) -> set[PersonId]:
    """Everybody of whom humans said that they are not this person: of a face that is one, that it is not the other."""
    said = Decision.objects.filter(verdict=Verdict.IS_NOT, active=True)
    theirs = said.filter(Q(person=person) | Q(person__merged_into=person))
    confirmed = Resolution.objects.filter(band=Band.CONFIRMED)
    are_others = confirmed.filter(track__attachments__anchor__decision__in=theirs).exclude(person=person)
    are_this_one = confirmed.filter(person=person)
    rejected = said.filter(anchors__attachments__track__in=are_this_one.values("track_id"))
    return {
        *are_others.values_list("person_id", flat=True),
        *rejected.values_list(Coalesce("person__merged_into_id", "person_id"), flat=True),
    } - {person, None}
