"""The site's routes for the media library."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import Http404, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import number, visible_asset
from faces.api.problems import Problem
from faces.api.rendering import listed
from faces.api.view import FacesView
from faces.host import host
from faces.models import Band, JobState, Resolution, Scan
from mam.assets import library, rendering
from mam.assets import serializers as shapes
from mam.assets.streaming import stream

_SORTS = {"recent": "-created", "title": "title", "oldest": "created"}
_STATES = {
    "queued": [JobState.QUEUED],
    "processing": [JobState.RUNNING],
    "ready": [JobState.DONE],
    "failed": [JobState.FAILED, JobState.CANCELLED],
}


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
            latest = Scan.objects.filter(asset=OuterRef("pk")).order_by("-version").values("state")[:1]
            rows = rows.annotate(scan_state=Subquery(latest)).filter(scan_state__in=_STATES[status])
        if collection := asked.get("collection"):
            rows = rows.filter(collection=collection)
        sort = asked.get("sort", "recent")
        if sort not in _SORTS:
            raise Problem(400, "invalid", f"sort is one of {', '.join(_SORTS)}.")
        return Response(page(request, rows, [_SORTS[sort], "pk"], rendering.assets))

    @extend_schema(
        operation_id="asset_add",
        request={"multipart/form-data": shapes.AssetIn},
        responses={201: shapes.AssetOut},
    )
    @once
    def post(self, request: Request) -> Response:
        body = shapes.AssetIn(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        upload = given.pop("file")
        asset = library.add(upload, upload.name or "", by=request.user, **given)
        return Response(rendering.asset(asset), status=201)


class AssetView(FacesView):
    @extend_schema(operation_id="asset", responses=shapes.AssetOut)
    def get(self, request: Request, asset: str) -> Response:
        return Response(rendering.asset(visible_asset(request, asset)))

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


class _FileView(FacesView):
    """Bytes of one of an asset's files, with ranges."""

    field: str

    def get(self, request: Request, asset: str) -> HttpResponseBase:
        stored = getattr(visible_asset(request, asset), self.field)
        if not stored:
            raise Http404
        try:
            return stream(request, stored)
        except FileNotFoundError as error:
            raise Problem(
                404, "file-missing", "The file is not in its place; the library still knows of it."
            ) from error


_BYTES = {
    (200, "application/octet-stream"): OpenApiResponse(bytes),
    (206, "application/octet-stream"): OpenApiResponse(bytes),
}


class MediaView(_FileView):
    field = "file"

    @extend_schema(operation_id="media", responses=_BYTES)
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)


class ProxyView(_FileView):
    field = "proxy"

    @extend_schema(operation_id="proxy", responses=_BYTES)
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)


class PosterView(_FileView):
    field = "poster"

    @extend_schema(operation_id="poster", responses={(200, "image/jpeg"): OpenApiResponse(bytes)})
    def get(self, request: Request, asset: str) -> HttpResponseBase:
        return super().get(request, asset)
