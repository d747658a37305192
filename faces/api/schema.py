"""What every route has in common, for the published schema: named in a site's settings for REST and drf-spectacular."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiParameter

from faces.api.idempotency import happens_once
from faces.api.problems import MEDIA_TYPE

_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="at most 200 characters; repeated with the same request, it gets the first answer again",
)
_DECISION: dict[str, Any] = {"$ref": "#/components/schemas/DecisionInProblem"}
_PERSON: dict[str, Any] = {"$ref": "#/components/schemas/NamedPerson"}


class DescribedView(AutoSchema):
    """Adds the header by which a write happens once."""

    def get_override_parameters(self) -> Any:
        given = list(super().get_override_parameters())
        return [*given, _KEY] if happens_once(getattr(self.view, self.method.lower(), None)) else given


def describe_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: whatever else a route answers is a problem."""
    result["components"]["schemas"] |= _components()
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"content": {MEDIA_TYPE: problem}, "description": "A problem"}
    return result


def _components() -> dict[str, Any]:
    return {
        "Problem": {
            "type": "object",
            "description": "Problem details (RFC 9457): what happened, what is untouched, what to do.",
            "required": ["type", "title", "status", "detail", "code", "request_id"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "code": {"type": "string", "description": "for programs, such as already-decided"},
                "request_id": {"type": "string"},
                "errors": {"description": "invalid: what is wrong with each field"},
                "person": {"type": "string", "description": "name-taken: whose name it is"},
                "scan": {"type": "string", "description": "scan-open: the scan that is"},
                "asset": {"type": "string", "description": "already-here: the asset with the same file"},
                "decision": _or_null(_DECISION) | {"description": "already-decided: by whom"},
                "later": {"type": "array", "items": _DECISION, "description": "conflict: what would stay"},
                "can_undo": {
                    "type": "object",
                    "required": ["tracks"],
                    "properties": {"tracks": {"type": "integer"}},
                    "description": "conflict: the part that is free",
                },
            },
        },
        "DecisionInProblem": {
            "type": "object",
            "required": ["id", "verdict", "person", "by", "at"],
            "properties": {
                "id": {"type": "string"},
                "verdict": {"type": "string"},
                "person": _or_null(_PERSON),
                "by": {"type": "string"},
                "at": {"type": "string", "format": "date-time"},
            },
        },
    }


def _or_null(reference: dict[str, Any]) -> dict[str, Any]:
    """In the words of the version of OpenAPI that is asked for."""
    if str(spectacular_settings.OAS_VERSION).startswith("3.0"):
        return {"allOf": [reference], "nullable": True}
    return {"oneOf": [reference, {"type": "null"}]}
