"""The route that offers the sample videos to an empty library."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces.api.idempotency import once
from faces.api.problems import Problem
from faces.api.view import FacesView
from faces.hints import hint
from faces.models import JobState
from mam.assets import serializers as shapes
from mam.samples import work

_STATES = {
    JobState.QUEUED: "composing",
    JobState.RUNNING: "composing",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "idle",
}


class SamplesView(FacesView):
    @extend_schema(operation_id="samples", responses=shapes.SamplesOut)
    def get(self, request: Request) -> Response:
        return Response(_answer())

    @extend_schema(operation_id="samples_add", request=None, responses={202: shapes.SamplesOut})
    @once
    def post(self, request: Request) -> Response:
        if not work.may_be_added():
            raise Problem(
                409, "library-not-empty", "Sample videos are for an empty library. Nothing was changed."
            )
        work.request(by=request.user)
        transaction.on_commit(lambda: hint(work.COMPOSE_NEXT))
        return Response(_answer(), status=202)


def _answer() -> dict[str, Any]:
    latest = work.latest()
    return {
        "available": work.may_be_added(),
        "state": _STATES[JobState(latest.state)] if latest else "idle",
        "progress": latest.progress if latest else 0.0,
        "error": latest.error_detail or None if latest and latest.state == JobState.FAILED else None,
    }
