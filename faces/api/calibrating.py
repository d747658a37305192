"""Routes for administrators: how near is near enough, what other thresholds would change, and putting them in force."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces import calibration
from faces.api import calibration_shapes as shapes
from faces.api import rendering
from faces.api.idempotency import once
from faces.api.pagination import page
from faces.api.permissions import Administers
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.calibration import Effect, Option
from faces.identity.calibrating import MIN_GENUINE, MIN_OTHERS, lacking
from faces.identity.model import Measure, measure_of
from faces.models import AppliedCalibration


class CalibrationView(FacesView):
    permission_classes = (Administers,)

    @extend_schema(
        operation_id="calibration",
        description="The thresholds that can be put in force, one of which is: the manifest's by the size of a "
        "library, what the library's own confirmations suggest where they are enough, and former ones. Thresholds "
        "belong to the crowding function that they were fitted with: applying them puts it in force too.",
        responses=shapes.CalibrationOut,
    )
    def get(self, request: Request) -> Response:
        found = calibration.overview()
        return Response(
            {
                "people": found.people,
                "options": [_option(option) for option in found.options],
                "fitting": found.fitting.key,
                "outgrown": found.outgrown,
                "new_function": found.fitting.switches,
                "own": {
                    "enough": found.evidence.enough,
                    "detail": lacking(found.evidence),
                    "confirmed": len(found.evidence.genuine),
                    "confirmed_needed": MIN_GENUINE,
                    "pairs": len(found.evidence.others),
                    "pairs_needed": MIN_OTHERS,
                },
            }
        )

    @extend_schema(
        operation_id="calibration_apply",
        description="Puts thresholds in force and brings every answer up to date: all of it, or nothing. Other "
        "decisions wait until it is done. To go back, apply the former ones.",
        request=shapes.CalibrationIn,
        responses={201: shapes.CalibrationApplied},
    )
    @once
    def post(self, request: Request) -> Response:
        applied, effect = calibration.apply(_chosen(request), by=request.user)
        return Response({**_applied(applied), **_effect(effect)}, status=201)


class CalibrationPreviewView(FacesView):
    permission_classes = (Administers,)

    @extend_schema(
        operation_id="calibration_preview",
        description="What applying these thresholds would change now. Nothing is changed.",
        request=shapes.CalibrationIn,
        responses=shapes.CalibrationEffect,
    )
    def post(self, request: Request) -> Response:
        option = _chosen(request)
        effect = calibration.effect(option.measure)
        return Response({"origin": option.source, **_thresholds(option.measure), **_effect(effect)})


class CalibrationHistoryView(FacesView):
    permission_classes = (Administers,)

    @extend_schema(
        operation_id="calibration_history",
        description="What was applied, by whom and when; the last first. What the library began with, nobody applied.",
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int, description="1 to 1000, default 100"),
        ],
        responses=rendering.listed(shapes.AppliedThresholds),
    )
    def get(self, request: Request) -> Response:
        rows = calibration.history().select_related("by")
        return Response(page(request, rows, ["-pk"], lambda found: [_applied(row) for row in found]))


def _chosen(request: Request) -> Option:
    body = shapes.CalibrationIn(data=request.data)
    body.is_valid(raise_exception=True)
    option = calibration.find(body.validated_data["calibration"])
    if option is None:
        raise Problem(
            404,
            "not-found",
            "These thresholds are not offered, or no longer: what the library's own decisions suggest changes with "
            "them. Nothing was changed; reload the options.",
        )
    return option


def _thresholds(measure: Measure) -> dict[str, Any]:
    thresholds = measure.thresholds
    return {
        "id": calibration.key_of(measure),
        "function": measure.function,
        "people": thresholds.people,
        "crowding": thresholds.crowding,
        "auto": thresholds.auto,
        "suggested": thresholds.suggested,
        "midpoint": thresholds.midpoint,
        "slope": thresholds.slope,
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "origin": option.source,
        **_thresholds(option.measure),
        "in_force": option.in_force,
        "switches": option.switches,
        "former": option.former,
        "strangers_named": option.false_names,
    }


def _applied(row: AppliedCalibration) -> dict[str, Any]:
    by = row.by.get_username() if row.by is not None else ""
    return {"origin": row.source, **_thresholds(measure_of(row)), "by": by, "at": row.at}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "changed": {"tracks": effect.tracks, "people": effect.people},
        "bands": [
            {"before": before, "after": after, "tracks": count}
            for (before, after), count in effect.bands.most_common()
        ],
    }
