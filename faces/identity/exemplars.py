"""The points that stand for a person: derived from photographs and confirmed tracks, rebuilt when these change."""

from __future__ import annotations

import numpy as np
from django.db.models import Q

from faces.identity import queries
from faces.identity.resolve import PersonId, choose_exemplars, spread, stand
from faces.models import Exemplar, Faceprint, Person


def rebuild(person: PersonId, *, model: str) -> None:
    """Store the mean of a person's exemplars, and the chosen ones among them; none for a retired person."""
    Exemplar.objects.filter(person_id=person, model=model).delete()
    if Person.objects.filter(pk=person, retired=True).exists():
        return
    prints = list(
        Faceprint.objects.filter(Q(photo__person=person) | Q(track__in=confirmed_tracks(person)), model=model)
        .order_by("pk")
        .only("pk", "vector", "quality")
    )
    if not prints:
        return
    vectors = np.array([found.vector for found in prints], np.float32)
    chosen = choose_exemplars(vectors, np.array([found.quality for found in prints], np.float32))
    points = [
        Exemplar(person_id=person, model=model, faceprint=prints[row], vector=prints[row].vector)
        for row in chosen
    ]
    mean = vectors.mean(axis=0, dtype=np.float64)
    points.append(Exemplar(person_id=person, model=model, vector=mean, spread=spread(vectors)))
    Exemplar.objects.bulk_create(points)


def confirmed_tracks(person: PersonId) -> list[int]:
    """The tracks that human decisions, all read together, say are this person."""
    said = queries.tracks_said_to_be(person)
    return sorted(
        track for track, about in queries.statements(said).items() if stand(about).confirmed == person
    )
