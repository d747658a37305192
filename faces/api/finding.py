"""Routes that find: by person, together, and who is in a photograph."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import enrolment, photo_search, search
from faces.api import rendering
from faces.api import serializers as shapes
from faces.api.assets import whole_number
from faces.api.pagination import page
from faces.api.permissions import number
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.host import host
from faces.identity import people as names
from faces.identity.model import current_model
from faces.identity.resolve import Calibration
from faces.models import Band, Person

MAX_PEOPLE = 50
"""In one parameter of a search: each is one more condition on the query."""


class SearchView(FacesView):
    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter(
                "all", str, many=True, description="people by id or exact name; parameters repeat"
            ),
            OpenApiParameter("any", str, many=True),
            OpenApiParameter("none", str, many=True),
            OpenApiParameter("together_within_ms", int, description="0: in the same frame"),
            OpenApiParameter("collection", str),
            OpenApiParameter("from", date),
            OpenApiParameter("to", date),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int, description="1 to 1000, default 100"),
        ],
        responses=rendering.listed(shapes.FoundAsset),
    )
    def get(self, request: Request) -> Response:
        every, some, nobody = (_people(request, name) for name in ("all", "any", "none"))
        if not every and not some:
            raise Problem(400, "invalid", "Say whom to look for, with all= or any=.")
        within = whole_number(request, "together_within_ms")
        assets = host().within(
            host().visible_to(request.user),
            collection=request.query_params.get("collection"),
            since=_day(request, "from"),
            until=_day(request, "to"),
        )
        assets = search.assets_with(assets, every=every, some=some, nobody=nobody)

        def render(rows: list[Any]) -> list[dict[str, Any]]:
            found = search.moments(rows, every=every, some=some, together_within_ms=within)
            briefs = rendering.assets(rows)
            return [
                {
                    "asset": briefs[row.pk],
                    "moments": [
                        {
                            "start_ms": moment.start_ms,
                            "end_ms": moment.end_ms,
                            "people": [str(person) for person in moment.people],
                        }
                        for moment in found[row.pk]
                    ],
                }
                for row in rows
                if found[row.pk]
            ]

        return Response(page(request, assets, ["pk"], render))


class SearchPhotoView(FacesView):
    """Finds who and what is like the faces of a photograph: whoever may read may search."""

    reads_by_post = True
    largest_body = enrolment.MAX_PHOTO_BYTES + 2**20

    @extend_schema(
        operation_id="search_photo",
        request={"multipart/form-data": shapes.SearchPhotoIn},
        responses=shapes.SearchPhotoOut,
    )
    def post(self, request: Request) -> Response:
        body = shapes.SearchPhotoIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        found = photo_search.search(
            enrolment.photo_bytes(given["file"]),
            host().visible_to(request.user),
            face=given.get("face"),
            like_pose=given["pose"] == "like",
        )
        known = Person.objects.in_bulk({one.person for likeness in found for one in likeness.people})
        calibration = current_model().calibration
        return Response({"faces": [_likeness(one, known, calibration) for one in found]})


class IdentifyView(FacesView):
    reads_by_post = True
    largest_body = enrolment.MAX_PHOTO_BYTES + 2**20

    @extend_schema(
        operation_id="identify",
        request={"multipart/form-data": shapes.IdentifyIn},
        responses=shapes.IdentifyOut,
    )
    def post(self, request: Request) -> Response:
        body = shapes.IdentifyIn(data=request.data)
        body.is_valid(raise_exception=True)
        recognised = enrolment.identify(enrolment.photo_bytes(body.validated_data["file"]))
        known = Person.objects.in_bulk([r.verdict.person for r in recognised if r.verdict.person is not None])
        return Response({"faces": [_face(found, known) for found in recognised]})


def _likeness(
    found: photo_search.Likeness, known: dict[int, Person], calibration: Calibration
) -> dict[str, Any]:
    def confidence(distance: float) -> float:
        return round(calibration.confidence(distance), 4)

    return {
        "box": rendering.box(*found.face.box.tolist()),
        "people": [
            {
                "person": rendering.named(known[one.person]),
                "confidence": confidence(one.distance),
                "distance": one.distance,
            }
            for one in found.people
        ],
        "unknowns": [
            {"key": key, "confidence": confidence(distance)} for key, distance in found.unknowns.items()
        ],
        "moments": [
            {
                "asset": str(moment.asset),
                "track": str(moment.track),
                "start_ms": moment.start_ms,
                "confidence": confidence(moment.distance),
            }
            for moment in found.moments
        ],
    }


def _face(found: enrolment.Recognised, known: dict[int, Person]) -> dict[str, Any]:
    verdict = found.verdict
    person = rendering.named(known.get(verdict.person)) if verdict.person is not None else None
    confidence = (
        round(current_model().calibration.confidence(verdict.distance), 4)
        if verdict.distance is not None
        else None
    )
    named = verdict.band == Band.AUTO
    return {
        "box": rendering.box(*found.face.box.tolist()),
        "band": verdict.band,
        "person": person if named else None,
        "confidence": confidence if named else None,
        "suggestion": {"person": person, "confidence": confidence}
        if verdict.band == Band.SUGGESTED
        else None,
    }


def _people(request: Request, name: str) -> list[int]:
    """The people meant by a repeated parameter: an id, or the exact name of one person."""
    wanted = list(dict.fromkeys(request.query_params.getlist(name)))
    if len(wanted) > MAX_PEOPLE:
        raise Problem(400, "invalid", f"{name} takes at most {MAX_PEOPLE} people.")
    found = []
    for given in wanted:
        if given.isdecimal() and (known := names.find(number(given))) is not None:
            found.append(known.pk)
            continue
        called = names.called(given) if given.strip() and len(given) <= names.MAX_NAME else []
        if not called:
            raise Problem(
                404,
                "not-found",
                f"Nobody here is called “{given[:200]}”. Check the name, or search without it.",
            )
        if len(called) > 1:
            raise Problem(
                422,
                "ambiguous-name",
                f"{len(called)} people are named “{given}”. Say which by the person's id.",
            )
        found.append(called[0].pk)
    return found


def _day(request: Request, name: str) -> date | None:
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day is None:
        raise Problem(400, "invalid", f"{name} is a date such as 2026-03-14.")
    return day
