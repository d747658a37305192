"""The site's routes for the media library."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import scanning
from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import number, visible_asset
from faces.api.problems import Problem
from faces.api.rendering import listed
from faces.api.view import FacesView
from faces.fetching import NotFetched
from faces.host import host
from faces.models import Band, JobState, Resolution, Scan
from mam.assets import fetches, library, originals, rendering
from mam.assets import serializers as shapes
from mam.assets.streaming import stream

_SORTS = {"recent": "-created", "title": "title", "oldest": "created"}
_STATES = {  # as `rendering` reads them off an asset's fetch, while there is one, else off its scans
    "queued": Q(state=JobState.QUEUED) | Q(state=None),
    "processing": Q(state=JobState.RUNNING),
    "ready": Q(state=JobState.DONE) | Q(state=JobState.CANCELLED, was_scanned=True),
    "failed": Q(state=JobState.FAILED) | Q(state=JobState.CANCELLED, was_scanned=False),
}


def already_here(here: library.AlreadyHere) -> Problem:
    return Problem(409, "already-here", str(here), asset=str(here.asset.pk))


class AssetsView(FacesView):
    largest_body = None

    @extend_schema(
        operation_id="assets",
        parameters=[
            OpenApiParameter("q", str, description="part of the title, path, reel or catalogue id"),
            OpenApiParameter("person", str),
            OpenApiParameter("status", str, enum=list(_STATES)),
            OpenApiParameter("collection", str),
            OpenApiParameter("sort", str, enum=list(_SORTS)),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int, description="1 to 1000, default 100"),
        ],
        responses=listed(shapes.AssetOut),
    )
    def get(self, request: Request) -> Response:
        rows = host().visible_to(request.user)
        asked = request.query_params
        if query := asked.get("q", "").strip():
            rows = rows.filter(
                Q(title__icontains=query)
                | Q(original_path__icontains=query)
                | Q(reel__icontains=query)
                | Q(catalogue_id__icontains=query)
            )
        if person := asked.get("person"):
            named = Resolution.objects.filter(
                track__asset=OuterRef("pk"), person=number(person), band__in=[Band.CONFIRMED, Band.AUTO]
            )
            rows = rows.filter(Exists(named))
        if status := asked.get("status"):
            if status not in _STATES:
                raise Problem(400, "invalid", f"status is one of {', '.join(_STATES)}.")
            scans = Scan.objects.filter(asset=OuterRef("pk"))
            rows = rows.annotate(
                state=Coalesce("fetch__state", Subquery(scans.order_by("-version").values("state")[:1])),
                was_scanned=Exists(scans.filter(live=True, state=JobState.DONE)),
            ).filter(_STATES[status])
        if collection := asked.get("collection"):
            rows = rows.filter(collection=collection)
        sort = asked.get("sort", "recent")
        if sort not in _SORTS:
            raise Problem(400, "invalid", f"sort is one of {', '.join(_SORTS)}.")
        return Response(page(request, rows, [_SORTS[sort], "pk"], rendering.assets))

    @extend_schema(
        operation_id="asset_add",
        request={"multipart/form-data": shapes.AssetIn},
        responses={
            201: shapes.AssetOut,
            200: OpenApiResponse(shapes.AssetOut, "An original that was offline is found again at that path"),
        },
    )
    @once
    def post(self, request: Request) -> Response:
        body = shapes.AssetIn(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        upload, path, url = given.pop("file", None), given.pop("path", ""), given.pop("url", "")
        try:
            if url:
                asset, new = fetches.request(url, by=request.user, **given), True
            elif path:
                file = originals.allowed(path, settings.IN_PLACE_ROOTS)
                asset, new = library.add_in_place(file, by=request.user, **given)
            else:
                asset, new = library.add(upload, upload.name or "", by=request.user, **given), True
        except library.AlreadyHere as here:
            raise already_here(here) from here
        except NotFetched as refused:
            raise Problem(400, refused.code, str(refused)) from refused
        except originals.NotAllowed as refused:
            raise Problem(403, "not-allowed", str(refused)) from refused
        return Response(rendering.asset(asset), status=201 if new else 200)


class AssetView(FacesView):
    @extend_schema(operation_id="asset", responses=shapes.AssetOut)
    def get(self, request: Request, asset: str) -> Response:
        found = visible_asset(request, asset)
        if host().may_edit(request.user):
            scanning.hurry(found)
        return Response(rendering.asset(found))

    @extend_schema(operation_id="asset_change", request=shapes.AssetPatch, responses=shapes.AssetOut)
    @once
    def patch(self, request: Request, asset: str) -> Response:
        found = visible_asset(request, asset)
        body = shapes.AssetPatch(data=request.data)
        body.is_valid(raise_exception=True)
        for field, value in body.validated_data.items():
            setattr(found, field, value)
        if body.validated_data:
            found.save(update_fields=list(body.validated_data))
        return Response(rendering.asset(found))

    @extend_schema(operation_id="asset_delete", request=None, responses={204: None})
    @once
    def delete(self, request: Request, asset: str) -> Response:
        library.remove(visible_asset(request, asset))
        return Response(status=204)


class FetchView(FacesView):
    @extend_schema(
        operation_id="fetch_again",
        description="Try again to fetch an original that could not be had; what is here of it is kept.",
        request=shapes.FetchIn,
        responses={202: shapes.AssetOut},
    )
    @once
    def post(self, request: Request, asset: str) -> Response:
        found = visible_asset(request, asset)
        body = shapes.FetchIn(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            fetches.try_again(found, **body.validated_data)
        except fetches.NotFailed as error:
            raise Problem(
                409, "not-failed", "No fetch of this asset's file has failed. Nothing was changed."
            ) from error
        return Response(rendering.asset(found), status=202)


class _FileView(FacesView):
    """Bytes of one of an asset's files, with ranges."""

    field: str

    def get(self, request: Request, asset: str) -> HttpResponseBase:
        found = visible_asset(request, asset)
        stored = getattr(found, self.field)
        if not stored:
            raise Http404
        if self.field == "file" and found.offline:
            raise Problem(404, "original-offline", library.OFFLINE)
        try:
            # of a picture we know what it is, whatever its name says
            return stream(request, stored, found.container if found.still and self.field == "file" else None)
        except FileNotFoundError as error:
            raise Problem(
                404, "file-missing", "The file is not in its place; the library still knows of it."
            ) from error


def _bytes(*media_types: str) -> dict[Any, Any]:
    part = "The range that was asked for"
    return {
        **{(200, media_type): OpenApiResponse(bytes) for media_type in media_types},
        **{(206, media_type): OpenApiResponse(bytes, description=part) for media_type in media_types},
        304: OpenApiResponse(description="The file is the one that the browser has"),
    }


class MediaView(_FileView):
    field = "file"

    @extend_schema(operation_id="media", responses=_bytes("video/*", "image/*", "application/octet-stream"))
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)


class ProxyView(_FileView):
    field = "proxy"

    @extend_schema(operation_id="proxy", responses=_bytes("video/mp4", "image/jpeg"))
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)


class PosterView(_FileView):
    field = "poster"

    @extend_schema(operation_id="poster", responses=_bytes("image/jpeg"))
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)


class FilmstripView(_FileView):
    field = "filmstrip"

    @extend_schema(operation_id="filmstrip", responses=_bytes("image/webp"))
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)
