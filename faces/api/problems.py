"""Errors as RFC 9457 problem details: what happened, what is untouched, what to do, and a code for programs."""

from __future__ import annotations

import errno
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.views import set_rollback

from faces import calibration, scanning
from faces.identity import people, saying
from faces.identity.model import ModelSwitched
from faces.models import Decision
from faces.vision import VisionError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_CODES = {
    400: "invalid",
    401: "not-authenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "throttled",
    500: "internal-error",
}
_TITLES = {
    400: "The request is not valid",
    401: "Log in first",
    403: "Not allowed",
    404: "Not found",
    405: "This route does not know that method",
    406: "No such format",
    409: "Conflict",
    412: "It is another by now",
    413: "Too large",
    415: "Unsupported media type",
    416: "No such part of the file",
    422: "This cannot be done",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Not available now",
    507: "No room left",
}


class Problem(exceptions.APIException):
    """A problem with a code of its own and, where it helps, further members."""

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.members = members


def problem_response(error: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """Django REST framework's exception handler, whatever renderers a view has. None for errors nobody foresaw."""
    problem = _problem_of(error)
    if problem is None:
        return None
    set_rollback()
    body = _body(problem.status_code, str(problem.detail), str(problem.get_codes()), problem.members)
    headers = dict(problem.headers)
    if auth := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return JsonResponse(body, status=problem.status_code, headers=headers, content_type=MEDIA_TYPE)


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """For addresses under /api/ that no route knows."""
    body = _body(404, "There is nothing at this address; see /api/schema/ for the routes.", "not-found", {})
    return JsonResponse(body, status=404, content_type=MEDIA_TYPE)


def unreadable(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """For requests that are refused before any route sees them, such as those to another host's name."""
    body = _body(
        400, "The request cannot be read, or is meant for another host. Nothing was changed.", "invalid", {}
    )
    return JsonResponse(body, status=400, content_type=MEDIA_TYPE)


def broken(request: HttpRequest) -> JsonResponse:
    """For faults of ours; the log has the rest."""
    body = _body(
        500,
        "The fault is logged under this request id. Nothing half-done is kept; try again.",
        "internal-error",
        {},
    )
    log.error("request %s broke: %s %s", body["request_id"], request.method, request.path)
    return JsonResponse(body, status=500, content_type=MEDIA_TYPE)


def _problem_of(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case Http404():
            return Problem(404, "not-found", "There is no such thing, or it is not yours to see.")
        case PermissionDenied():
            return Problem(
                403,
                "not-allowed",
                "Your role does not allow this. Nothing was changed; ask an administrator.",
            )
        case RequestDataTooBig():
            return Problem(413, "too-large", "The request is too large. Nothing was changed.")
        case SuspiciousOperation():
            return Problem(400, "invalid", "The request cannot be read. Nothing was changed.")
        case DataError():
            log.warning("a value that the database cannot hold: %s", error)
            return Problem(
                400,
                "invalid",
                "A value holds a character, or is a number, that cannot be stored or looked for. Nothing was changed.",
            )
        case IntegrityError():
            log.warning("two changes met: %s", error)
            return Problem(
                409,
                "changed-meanwhile",
                "Something that this speaks of was changed or deleted at the same moment. Nothing was changed; reload "
                "and try again.",
            )
        case OperationalError() | InterfaceError():
            log.error("the database does not answer: %s", error)
            return Problem(
                503,
                "database-away",
                "The database does not answer. Nothing was changed; try again in a moment.",
                headers={"Retry-After": "5"},
            )
        case exceptions.ValidationError():
            return Problem(400, "invalid", _first(error.detail), errors=error.detail)
        case exceptions.PermissionDenied() if str(error.detail).startswith("CSRF"):
            return Problem(
                403,
                "csrf-failed",
                "The request lacks the token that shows it comes from the page. Nothing was changed; reload the page.",
            )
        case exceptions.PermissionDenied():
            return Problem(
                403,
                "not-allowed",
                "Your role does not allow this. Nothing was changed; ask an administrator.",
            )
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Problem(error.status_code, "not-authenticated", str(error.detail))
        case exceptions.APIException():
            code = _CODES.get(error.status_code, "invalid")
            return Problem(error.status_code, code, str(error.detail))
        case saying.Unsayable():
            return Problem(422, "unsayable", str(error))
        case saying.NotFound():
            return Problem(404, "not-found", str(error))
        case saying.AlreadyDecided():
            return Problem(409, "already-decided", str(error), decision=_brief(error.decision))
        case saying.Conflict():
            return Problem(
                409,
                "conflict",
                str(error),
                later=[_brief(decision) for decision in error.later],
                can_undo={"tracks": len(error.free)},
            )
        case ModelSwitched():
            return Problem(503, "model-switched", str(error), headers={"Retry-After": "1"})
        case calibration.InForce():
            return Problem(409, "in-force", str(error))
        case people.NameTaken():
            return Problem(409, "name-taken", str(error), person=str(error.other.pk))
        case people.NameRefused():
            return Problem(400, "name-refused", str(error), errors={"name": [str(error)]})
        case scanning.ScanRefused():
            return Problem(409, "scan-open", str(error), scan=str(error.scan.pk))
        case OSError():
            return _storage_problem(error)
        case VisionError():
            return Problem(503 if error.retryable else 422, error.code, str(error))
    return None


def _storage_problem(error: OSError) -> Problem:
    log.error("the storage refuses: %s", error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            507, "storage-full", "The storage is full. Nothing was added; make room and try again."
        )
    return Problem(
        503, "storage-unavailable", "The storage cannot be used. Nothing was added; try again later."
    )


def _body(status_code: int, detail: str, code: str, members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": _TITLES.get(status_code, "The request failed"),
        "status": status_code,
        "detail": detail,
        "code": code,
        "request_id": uuid.uuid4().hex[:12],
        **members,
    }


def _first(detail: Any, field: str = "") -> str:
    """The first validation message, with the field it speaks of."""
    if isinstance(detail, dict):
        name, rest = next(iter(detail.items()))
        if isinstance(name, int):  # which of a list
            return _first(rest, field)
        return _first(rest, "" if name == "non_field_errors" else str(name))
    if isinstance(detail, list):
        return _first(detail[0], field) if detail else "The request is not valid."
    return f"{field}: {detail} Nothing was changed." if field else f"{detail} Nothing was changed."


def _brief(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "id": str(decision.pk),
        "verdict": decision.verdict,
        "person": {"id": str(decision.person.pk), "name": decision.person.name} if decision.person else None,
        "by": decision.by_name,
        "at": decision.at.isoformat(),
    }
