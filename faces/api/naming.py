"""Routes for unknowns, people and decisions."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import enrolment, search, visibility
from faces.api import rendering
from faces.api import serializers as shapes
from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import living_person, number, visible_asset, visible_tracks
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.host import host
from faces.identity import decisions, queries, regrouping, unknowns
from faces.identity import people as names
from faces.identity.effects import Outcome
from faces.identity.model import current_model, deciding
from faces.identity.saying import Said
from faces.models import Band, Decision, Person, Resolution, Unknown

_LIST = [
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int, description="1 to 1000, default 100"),
]
_UNKNOWN_SORTS = {
    "screen_time": "-screen_time_ms",
    "recent": "-last_seen",
    "assets": "-assets",
    "quality": "-quality",
}
_PEOPLE_SORTS = {"name": "name_key", "screen_time": "-screen_time_ms", "recent": "-created"}


class UnknownsView(FacesView):
    @extend_schema(
        operation_id="unknowns",
        parameters=[
            *_LIST,
            OpenApiParameter("sort", str, enum=list(_UNKNOWN_SORTS)),
            OpenApiParameter("band", str, enum=["ignored"]),
        ],
        responses=rendering.listed(shapes.UnknownOut),
    )
    def get(self, request: Request) -> Response:
        band = request.query_params.get("band")
        if band not in (None, Band.IGNORED):
            raise Problem(400, "invalid", "band knows ignored alone; without it, the list is of those open.")
        if band == Band.IGNORED:
            rows, order = Unknown.objects.filter(ignored__gt=0), ["pk"]
        else:
            rows, order = Unknown.objects.filter(tracks__gt=0), [_sort(request, _UNKNOWN_SORTS), "pk"]
        visible = visibility.narrowed(request.user)
        if visible is not None:
            bands = [Band.IGNORED] if band else visibility.OPEN
            seen = Resolution.objects.filter(band__in=bands, track__asset__in=visible)
            rows = rows.filter(pk__in=seen.values("unknown_id"))
        return Response(page(request, rows, order, lambda found: rendering.unknowns(found, visible)))


class UnknownView(FacesView):
    @extend_schema(operation_id="unknown", responses=shapes.UnknownOut)
    def get(self, request: Request, key: str) -> Response:
        found = _unknown(request, key)
        return Response(rendering.unknowns([found], visibility.narrowed(request.user))[0])


class UnknownTracksView(FacesView):
    @extend_schema(
        operation_id="unknown_tracks", parameters=_LIST, responses=rendering.listed(shapes.TrackOut)
    )
    def get(self, request: Request, key: str) -> Response:
        rows = rendering.shown_resolutions(
            unknown=_unknown(request, key), band__in=[Band.UNKNOWN, Band.SUGGESTED, Band.IGNORED]
        ).filter(track__asset__in=host().visible_to(request.user))
        return Response(page(request, rows, ["track_id"], rendering.tracks))


class UnknownPartsView(FacesView):
    @extend_schema(operation_id="unknown_parts", responses=shapes.PartsOut)
    def get(self, request: Request, key: str) -> Response:
        parts = regrouping.proposed_parts(_unknown(request, key).pk, current_model())
        shown = {
            row.track_id: row
            for row in rendering.shown_resolutions(
                track__in=[track for part in parts for track in part],
                track__asset__in=host().visible_to(request.user),
            )
        }
        return Response(
            {
                "parts": [
                    rendering.tracks([shown[track] for track in part if track in shown]) for part in parts
                ]
            }
        )


class PeopleView(FacesView):
    @extend_schema(
        operation_id="people",
        parameters=[
            *_LIST,
            OpenApiParameter("q", str, description="part of a name or an alias"),
            OpenApiParameter("sort", str, enum=list(_PEOPLE_SORTS)),
        ],
        responses=rendering.listed(shapes.PersonOut),
    )
    def get(self, request: Request) -> Response:
        rows = names.living()
        if query := request.query_params.get("q", "").strip():
            rows = rows.filter(Q(name_key__contains=names.name_key(query)) | Q(aliases__icontains=query))
        order = [_sort(request, _PEOPLE_SORTS), "pk"]
        visible = visibility.narrowed(request.user)
        return Response(page(request, rows, order, lambda found: rendering.people(found, visible)))

    @extend_schema(operation_id="person_create", request=shapes.PersonIn, responses={201: shapes.PersonOut})
    @once
    def post(self, request: Request) -> Response:
        body = shapes.PersonIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        with queries.identity_write():
            made = names.create(given.pop("name"), same_name=given.pop("same_name"))
            _describe(made, given)
        return Response(_shown(request, made), status=201)


class PersonView(FacesView):
    @extend_schema(operation_id="person", responses=shapes.PersonOut)
    def get(self, request: Request, person: str) -> Response:
        return Response(_shown(request, living_person(person)))

    @extend_schema(operation_id="person_change", request=shapes.PersonPatch, responses=shapes.PersonOut)
    @once
    def patch(self, request: Request, person: str) -> Response:
        body = shapes.PersonPatch(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        found, same_name = living_person(person), given.pop("same_name")
        with deciding() as model:
            if (name := given.pop("name", None)) is not None and names.clean_name(name) != found.name:
                _decide(request, verdict="rename", person=found.pk, name=name, same_name=same_name)
            if (cover := given.pop("cover", None)) is not None:
                _decide(
                    request, verdict="set_cover", person=found.pk, tracks=visible_tracks(request, [cover])
                )
            if (leeway := given.pop("leeway", None)) is not None:
                decisions.give_leeway(found, leeway, model=model)
            found.refresh_from_db()
            _describe(found, given)
        return Response(_shown(request, found))

    @extend_schema(operation_id="person_delete", request=None, responses={204: None})
    @once
    def delete(self, request: Request, person: str) -> Response:
        _decide(request, verdict="delete_person", person=living_person(person).pk)
        return Response(status=204)


class PersonAppearancesView(FacesView):
    @extend_schema(
        operation_id="person_appearances", parameters=_LIST, responses=rendering.listed(shapes.PersonInAsset)
    )
    def get(self, request: Request, person: str) -> Response:
        found = living_person(person)
        bands = [Band.CONFIRMED, Band.AUTO, Band.SUGGESTED]
        answers = Resolution.objects.filter(person=found, band__in=bands)
        assets = host().visible_to(request.user).filter(pk__in=answers.values("track__asset_id"))

        def render(rows: list[Any]) -> list[dict[str, Any]]:
            spans: dict[Any, dict[str, list[search.Span]]] = {}
            for asset, band, start, end in answers.filter(
                track__asset__in=[row.pk for row in rows]
            ).values_list("track__asset_id", "band", "track__start_ms", "track__end_ms"):
                spans.setdefault(asset, {}).setdefault(band, []).append((start, end))
            briefs = rendering.assets(rows)
            return [_in_asset(briefs[row.pk], spans.get(row.pk, {})) for row in rows]

        return Response(page(request, assets, ["pk"], render))


class PhotosView(FacesView):
    largest_body = enrolment.MAX_PHOTO_BYTES + 2**20

    @extend_schema(
        operation_id="photo_add",
        request={"multipart/form-data": shapes.PhotoIn},
        responses={201: shapes.PhotoOut},
    )
    @once
    def post(self, request: Request, person: str) -> Response:
        found = living_person(person)
        body = shapes.PhotoIn(data=request.data)
        body.is_valid(raise_exception=True)
        photo = enrolment.enrol_photo(
            found,
            enrolment.photo_bytes(body.validated_data["file"]),
            face=body.validated_data.get("face"),
            by=request.user,
        )
        answer = {"id": str(photo.pk), "faces": photo.faces, "used": photo.used, "quality": photo.quality}
        return Response(answer, status=201)


class DecisionsView(FacesView):
    @extend_schema(
        operation_id="decisions",
        parameters=[
            *_LIST,
            OpenApiParameter("person", str),
            OpenApiParameter("user", str, description="a user's name"),
            OpenApiParameter("asset", str),
        ],
        responses=rendering.listed(shapes.DecisionOut),
    )
    def get(self, request: Request) -> Response:
        rows = Decision.objects.select_related("person")
        if person := request.query_params.get("person"):
            rows = rows.filter(person=number(person))
        if user := request.query_params.get("user"):
            rows = rows.filter(by_name=user)
        if asset := request.query_params.get("asset"):
            rows = rows.filter(anchors__asset=visible_asset(request, asset)).distinct()
        visible = visibility.narrowed(request.user)
        if visible is not None:
            rows = visibility.decisions_about(visible, rows)
        return Response(page(request, rows, ["-pk"], lambda found: rendering.decisions(found, visible)))

    @extend_schema(operation_id="decide", request=shapes.DecisionIn, responses={201: shapes.DecisionOut})
    @once
    def post(self, request: Request) -> Response:
        said = _said(request)
        with deciding() as model:
            outcome = decisions.decide(said, by=request.user, model=model)
        return Response(rendering.outcome(outcome, visibility.narrowed(request.user)), status=201)


class PreviewView(FacesView):
    @extend_schema(operation_id="preview", request=shapes.DecisionIn, responses=shapes.DecisionOut)
    def post(self, request: Request) -> Response:
        said = _said(request)
        with deciding() as model:
            outcome = decisions.preview(said, by=request.user, model=model)
        return Response(rendering.outcome(outcome, visibility.narrowed(request.user)))


class UndoView(FacesView):
    @extend_schema(operation_id="undo", request=shapes.UndoIn, responses={201: shapes.DecisionOut})
    @once
    def post(self, request: Request, decision: str) -> Response:
        body = shapes.UndoIn(data=request.data)
        body.is_valid(raise_exception=True)
        part = body.validated_data["part"]
        with deciding() as model:
            outcome = decisions.undo(number(decision), by=request.user, model=model, part=part)
        return Response(rendering.outcome(outcome, visibility.narrowed(request.user)), status=201)


class ReviewView(FacesView):
    @extend_schema(
        operation_id="review",
        parameters=[*_LIST, OpenApiParameter("person", str)],
        responses=rendering.listed(shapes.UnknownOut),
    )
    def get(self, request: Request) -> Response:
        given = request.query_params.get("person")
        person = number(given) if given else None
        visible = visibility.narrowed(request.user)
        rows = Unknown.objects.filter(tracks__gt=0, asked__gt=0)
        if visible is not None or person is not None:
            asked = Resolution.objects.filter(band=Band.SUGGESTED)
            if visible is not None:
                asked = asked.filter(track__asset__in=visible)
            if person is not None:
                asked = asked.filter(person=person)
            rows = rows.filter(pk__in=asked.values("unknown_id"))

        def render(found: list[Any]) -> list[dict[str, Any]]:
            return rendering.unknowns(found, visible, person)

        return Response(page(request, rows, ["-screen_time_ms", "pk"], render))


def _said(request: Request) -> Said:
    body = shapes.DecisionIn(data=request.data)
    body.is_valid(raise_exception=True)
    given = body.validated_data
    if given["verdict"] == "is" and "person" not in given:
        names.clean_name(given.get("name", ""))
    if visibility.narrowed(request.user) is not None:
        for key in filter(None, [given.get("unknown"), *given.get("unknowns", [])]):
            _unknown(request, key)
    person = given.get("into") if given["verdict"] == "merge" else given.get("person")
    return Said(
        verdict=given["verdict"],
        tracks=visible_tracks(request, given.get("tracks", [])),
        unknown=given.get("unknown", ""),
        unknowns=given.get("unknowns", []),
        people=[number(key) for key in given.get("people", [])],
        person=number(person) if person is not None else None,
        name=given.get("name", ""),
        why=given["why"],
    )


def _decide(request: Request, **said: Any) -> Outcome:
    with deciding() as model:
        return decisions.decide(Said(**said), by=request.user, model=model)


def _sort(request: Request, sorts: dict[str, str]) -> str:
    wanted = request.query_params.get("sort", next(iter(sorts)))
    if wanted not in sorts:
        raise Problem(400, "invalid", f"sort is one of {', '.join(sorts)}.")
    return sorts[wanted]


def _unknown(request: Request, key: str) -> Unknown:
    """The unknown of that key, if this user may see any of its tracks. Raises Http404."""
    bare = decisions.bare_key(key)
    found = unknowns.read_key(bare) if re.fullmatch("[0-9a-f]{16}", bare) else None
    visible = visibility.narrowed(request.user)
    if found is None or (visible is not None and not found.members.filter(track__asset__in=visible).exists()):
        raise Http404
    return found


def _shown(request: Request, person: Person) -> dict[str, Any]:
    return rendering.people([person], visibility.narrowed(request.user))[0]


def _describe(person: Person, given: dict[str, Any]) -> None:
    for field, value in given.items():
        setattr(person, field, value)
    if given:
        person.save(update_fields=list(given))


def _in_asset(asset: dict[str, Any], spans: dict[str, list[search.Span]]) -> dict[str, Any]:
    shown = [(start, end, band) for band, found in spans.items() for start, end in search.union(found)]
    certain = search.union(span for band, found in spans.items() if band != Band.SUGGESTED for span in found)
    return {
        "asset": asset,
        "screen_time_ms": sum(end - start for start, end in certain),
        "appearances": [
            {"start_ms": start, "end_ms": end, "band": band} for start, end, band in sorted(shown)
        ],
    }
