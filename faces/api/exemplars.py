"""Routes for what a person looks like: the faces that stand for somebody, and who looks alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import visibility
from faces.api import rendering
from faces.api import serializers as shapes
from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import living_person, number, visible_tracks
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.host import host
from faces.identity import decisions, likeness
from faces.identity.model import current_model, deciding
from faces.identity.saying import Said
from faces.models import Band, Exemplar, Faceprint, Person, Resolution, Verdict

MAX_SIMILAR = 50
_THUMBNAILS = 4


class PersonExemplarsView(FacesView):
    @extend_schema(
        operation_id="person_exemplars",
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int, description="1 to 1000, default 100"),
        ],
        responses=rendering.listed(shapes.ExemplarOut),
    )
    def get(self, request: Request, person: str) -> Response:
        rows = _shown(request, living_person(person))
        return Response(page(request, rows, ["pk"], lambda found: [_exemplar(row) for row in found]))

    @extend_schema(
        operation_id="exemplar_add",
        description="Let a track that is confirmed to be this person stand for them before all that are better "
        "pictures. A decision, which can be undone.",
        request=shapes.ExemplarIn,
        responses={201: shapes.DecisionOut},
    )
    @once
    def post(self, request: Request, person: str) -> Response:
        found = living_person(person)
        body = shapes.ExemplarIn(data=request.data)
        body.is_valid(raise_exception=True)
        (track,) = visible_tracks(request, [body.validated_data["track"]])
        answer = Resolution.objects.filter(track=track).first()
        if answer is None:
            raise Http404
        if (answer.band, answer.person_id) != (Band.CONFIRMED, found.pk):
            raise Problem(
                422,
                "not-confirmed",
                f"Nobody has said that this face is {found.name}, so it cannot stand for them. Nothing was changed; "
                "confirm it first.",
            )
        said = Said(verdict=Verdict.ADD_EXEMPLAR, person=found.pk, tracks=[track])
        with deciding() as model:
            outcome = decisions.decide(said, by=request.user, model=model)
        return Response(rendering.outcome(outcome, visibility.narrowed(request.user)), status=201)


class PersonExemplarView(FacesView):
    @extend_schema(
        operation_id="exemplar_remove",
        description="Let a face no longer stand for this person; its track keeps the name that humans gave it. A "
        "decision, which can be undone.",
        request=None,
        responses={200: shapes.DecisionOut},
    )
    @once
    def delete(self, request: Request, person: str, exemplar: str) -> Response:
        found = living_person(person)
        row = _shown(request, found).filter(pk=number(exemplar)).first()
        if row is None:
            raise Http404
        said = Said(
            verdict=Verdict.REMOVE_EXEMPLAR,
            person=found.pk,
            tracks=[row.track_id] if row.track_id is not None else [],
            photo=row.photo_id,
        )
        with deciding() as model:
            outcome = decisions.decide(said, by=request.user, model=model)
        return Response(rendering.outcome(outcome, visibility.narrowed(request.user)))


class PersonSimilarView(FacesView):
    @extend_schema(
        operation_id="person_similar",
        description=f"The {MAX_SIMILAR} people whose faces are most like this person's, as far as a name would be "
        "suggested, likeliest first: perhaps the same under another name. Left out is whoever humans told apart from "
        "them, or confirmed beside them in one picture. There is never a next page.",
        responses=rendering.listed(shapes.SimilarPerson),
    )
    def get(self, request: Request, person: str) -> Response:
        model = current_model()
        similar = likeness.people_similar_to(living_person(person).pk, model, MAX_SIMILAR)
        known = Person.objects.in_bulk([one.person for one in similar])
        thumbnails = _thumbnails(request, list(known))
        return Response(
            {
                "results": [
                    {
                        "person": rendering.named(known[one.person]),
                        "confidence": round(model.calibration.confidence(one.distance), 4),
                        "distance": one.distance,
                        "thumbnails": thumbnails.get(one.person, []),
                    }
                    for one in similar
                ],
                "next": None,
            }
        )


def _shown(request: Request, person: Person) -> QuerySet[Faceprint]:
    """The faceprints chosen to stand for a person, as far as this user may see them."""
    chosen = person.exemplars.filter(model=current_model().name, refused=False)
    return Faceprint.objects.filter(
        Q(photo__isnull=False) | Q(track__asset__in=host().visible_to(request.user)),
        pk__in=chosen.values("faceprint_id"),
    )


def _thumbnails(request: Request, people: list[int]) -> dict[int, list[str]]:
    """Of each person the best of the faces that stand for them and that this user may see."""
    found: dict[int, list[str]] = {}
    for exemplar in (
        Exemplar.objects.filter(
            Q(faceprint__photo__isnull=False)
            | Q(faceprint__track__asset__in=host().visible_to(request.user)),
            person__in=people,
            model=current_model().name,
            refused=False,
        )
        .select_related("faceprint")
        .defer("faceprint__vector")
        .order_by("person_id", "-faceprint__quality", "pk")
    ):
        theirs = found.setdefault(exemplar.person_id, [])
        if len(theirs) < _THUMBNAILS:
            theirs.append(_thumbnail(exemplar.faceprint))
    return found


def _exemplar(row: Faceprint) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": "photo" if row.photo_id else "track",
        "photo": str(row.photo_id) if row.photo_id else None,
        "track": str(row.track_id) if row.track_id else None,
        "quality": row.quality,
        "thumbnail": _thumbnail(row),
    }


def _thumbnail(row: Faceprint) -> str:
    return rendering.portrait_url(row.track_id) if row.track_id else rendering.photo_url(row.photo_id)
