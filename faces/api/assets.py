"""Routes under assets/{id}/: tracks, boxes, frames, appearances, scans."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import crops, scanning
from faces.api import rendering
from faces.api import serializers as shapes
from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import number, visible_asset
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.export import FORMATS, export
from faces.hints import SCAN_NEXT, hint
from faces.host import host
from faces.identity.decisions import bare_key
from faces.models import Band, Photo, PublicBand, Scan, Track
from faces.vision import BoxTrack

_RANGE = [
    OpenApiParameter("from_ms", int, description="only what touches [from_ms, to_ms)"),
    OpenApiParameter("to_ms", int),
]
_LIST = [
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int, description="1 to 1000, default 100"),
]


class TracksView(FacesView):
    @extend_schema(
        operation_id="tracks",
        parameters=[
            *_LIST,
            *_RANGE,
            OpenApiParameter("person", str, description="named so; with band=suggested: asked to be"),
            OpenApiParameter("unknown", str),
            OpenApiParameter("band", str, enum=[band for band, _ in PublicBand]),
        ],
        responses=rendering.listed(shapes.TrackOut),
    )
    def get(self, request: Request, asset: str) -> Response:
        rows = rendering.shown_resolutions(track__asset=visible_asset(request, asset).pk)
        from_ms, to_ms = time_range(request)
        if from_ms is not None:
            rows = rows.filter(track__end_ms__gt=from_ms)
        if to_ms is not None:
            rows = rows.filter(track__start_ms__lt=to_ms)
        if key := request.query_params.get("unknown"):
            rows = rows.filter(
                unknown__key=bare_key(key), band__in=[Band.UNKNOWN, Band.SUGGESTED, Band.IGNORED]
            )
        band = request.query_params.get("band")
        if band and band not in dict(PublicBand):
            raise Problem(400, "invalid", f"band is one of {', '.join(dict(PublicBand))}.")
        if band:
            rows = rows.filter(band=band)
        if person := request.query_params.get("person"):
            named = [Band.CONFIRMED, Band.AUTO]
            rows = rows.filter(
                person=number(person), band__in=[Band.SUGGESTED] if band == Band.SUGGESTED else named
            )
        return Response(page(request, rows, ["track__start_ms", "track_id"], rendering.tracks))


class BoxesView(FacesView):
    @extend_schema(operation_id="boxes", parameters=_RANGE, responses=shapes.BoxesOut)
    def get(self, request: Request, asset: str) -> Response:
        found = visible_asset(request, asset)
        rows = Track.objects.filter(asset=found, resolution__isnull=False).exclude(
            resolution__band=Band.NOT_A_FACE
        )
        from_ms, to_ms = time_range(request)
        if from_ms is not None:
            rows = rows.filter(end_ms__gt=from_ms)
        if to_ms is not None:
            rows = rows.filter(start_ms__lt=to_ms)
        tracks = []
        for key, column in rows.order_by("start_ms", "pk").values_list("pk", "boxes"):
            boxes = BoxTrack.from_bytes(bytes(column))
            inside = np.ones(len(boxes.times_ms), bool)
            if from_ms is not None:
                inside[: max(int(np.searchsorted(boxes.times_ms, from_ms)) - 1, 0)] = False
            if to_ms is not None:
                inside[int(np.searchsorted(boxes.times_ms, to_ms)) + 1 :] = False
            tracks.append(
                {
                    "id": str(key),
                    "times": boxes.times_ms[inside].tolist(),
                    "boxes": boxes.boxes[inside].astype(int).tolist(),
                }
            )
        width, height = host().frame_size(found)
        return Response({"width": width, "height": height, "tracks": tracks})


class FramesView(FacesView):
    @extend_schema(
        operation_id="frames",
        parameters=[
            OpenApiParameter("from", int, description="number of the first frame wanted"),
            OpenApiParameter("to", int, description="number of the frame to stop before"),
        ],
        responses=shapes.FramesOut,
    )
    def get(self, request: Request, asset: str) -> Response:
        times = scanning.frame_times(visible_asset(request, asset))
        first, to = whole_number(request, "from") or 0, whole_number(request, "to")
        stop = len(times) if to is None else min(to, len(times))
        return Response({"first": first, "total": len(times), "times": times[first:stop].tolist()})


class AppearancesView(FacesView):
    @extend_schema(
        operation_id="appearances",
        parameters=[
            *_RANGE,
            OpenApiParameter("format", str, enum=list(FORMATS), description="default json"),
            OpenApiParameter("include", str, description="comma-separated: suggested, ignored"),
            OpenApiParameter("download", bool, description="1: as a file with a name"),
        ],
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "text/vtt"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, asset: str) -> HttpResponse:
        found = visible_asset(request, asset)
        form = request.query_params.get("format", "json")
        if form not in FORMATS:
            raise Problem(400, "unknown-format", f"format is one of {', '.join(FORMATS)}.")
        include = [word for word in request.query_params.get("include", "").split(",") if word]
        if unknown := set(include) - {"suggested", "ignored"}:
            raise Problem(
                400, "invalid", f"include knows suggested and ignored, not {', '.join(sorted(unknown))}."
            )
        from_ms, to_ms = time_range(request)
        text, chosen = export(found, form, from_ms=from_ms, to_ms=to_ms, include=include)
        response = HttpResponse(text.encode(), content_type=chosen.MEDIA_TYPE)
        if request.query_params.get("download") in ("1", "true"):
            stem = (
                re.sub(r"[^\w.-]+", "_", host().title(found), flags=re.ASCII).strip("._")[:80]
                or "appearances"
            )
            response["Content-Disposition"] = f'attachment; filename="{stem}.{chosen.EXTENSION}"'
        return response


class ScanView(FacesView):
    @extend_schema(operation_id="scan", request=shapes.ScanIn, responses={202: shapes.ScanOut})
    @once
    def post(self, request: Request, asset: str) -> Response:
        found = visible_asset(request, asset)
        body = shapes.ScanIn(data=request.data)
        body.is_valid(raise_exception=True)
        scan = scanning.request_scan(found, by=request.user, **body.validated_data)
        transaction.on_commit(lambda: hint(SCAN_NEXT))
        return Response(rendering.scan(scan), status=202)


class CancelScanView(FacesView):
    @extend_schema(operation_id="scan_cancel", request=None, responses={202: shapes.ScanOut})
    @once
    def post(self, request: Request, scan: str) -> Response:
        found = Scan.objects.filter(pk=number(scan)).first()
        if found is None:
            raise Problem(404, "not-found", "There is no such scan.")
        visible_asset(request, str(found.asset_id))
        stopped = scanning.cancel(found)
        found.refresh_from_db()
        if not stopped:
            raise Problem(409, "scan-ended", f"This scan is {found.state} already. Nothing was changed.")
        return Response(rendering.scan(found), status=202)


class TrackThumbnailView(FacesView):
    @extend_schema(operation_id="track_thumbnail", responses={(200, "image/jpeg"): OpenApiResponse(bytes)})
    def get(self, request: Request, track: str) -> HttpResponse:
        found = Track.objects.filter(pk=number(track)).only("pack", "crops", "asset").first()
        if found is None:
            raise Problem(404, "not-found", "There is no such track.")
        visible_asset(request, str(found.asset_id))
        return portrait(found)


class PhotoThumbnailView(FacesView):
    @extend_schema(operation_id="photo_thumbnail", responses={(200, "image/jpeg"): OpenApiResponse(bytes)})
    def get(self, request: Request, photo: str) -> HttpResponse:
        found = Photo.objects.filter(pk=number(photo)).first()
        if found is None:
            raise Problem(404, "not-found", "There is no such photograph.")
        return portrait(found)


class FaceprintsView(FacesView):
    @extend_schema(
        operation_id="faceprints",
        parameters=[*_LIST, OpenApiParameter("model", str)],
        responses=rendering.listed(shapes.FaceprintOut),
    )
    def get(self, request: Request, track: str) -> Response:
        found = Track.objects.filter(pk=number(track)).only("asset").first()
        if found is None:
            raise Problem(404, "not-found", "There is no such track.")
        visible_asset(request, str(found.asset_id))
        rows = found.faceprints.all()
        if model := request.query_params.get("model"):
            rows = rows.filter(model=model)
            if not rows.exists():
                raise Problem(404, "not-found", "There is no faceprint of that model.")
        return Response(page(request, rows, ["pk"], rendering.faceprints))


def portrait(shown: Track | Photo) -> HttpResponse:
    """The best picture for people to look at; it never changes, so browsers may keep it."""
    picture = crops.picture(shown.pack, shown.crops, "portrait")
    if picture is None:
        raise Problem(
            404, "picture-missing", "The stored picture is gone; scan the video again to have it back."
        )
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def time_range(request: Request) -> tuple[int | None, int | None]:
    """from_ms and to_ms of the query. Raises Problem 400."""
    from_ms, to_ms = whole_number(request, "from_ms"), whole_number(request, "to_ms")
    if from_ms is not None and to_ms is not None and to_ms <= from_ms:
        raise Problem(400, "invalid", "to_ms must be greater than from_ms.")
    return from_ms, to_ms


def whole_number(request: Request, name: str) -> int | None:
    """A non-negative whole number of the query, or None where it is absent. Raises Problem 400."""
    given: Any = request.query_params.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise Problem(400, "invalid", f"{name} must be a whole number from 0 up.")
    return int(given)
