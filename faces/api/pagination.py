"""Lists page by key: the cursor names the last row that was sent, so no page grows slower and none repeats a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from faces.api.problems import Problem

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


def page(
    request: Request, rows: QuerySet[Any], order: Sequence[str], render: Callable[[list[Any]], list[Any]]
) -> dict[str, Any]:
    """{"results", "next"} of a queryset in that order; the last field of `order` must be unique.

    Raises Problem 400 for a cursor that is not ours and for a limit that is no number from 1 to 1000.
    """
    limit = _limit(request)
    if cursor := request.query_params.get("cursor"):
        try:
            values = _signer(rows, order).unsign_object(cursor)
        except BadSignature as error:
            raise Problem(
                400, "invalid", "The cursor is not one of this list; start the list again without it."
            ) from error
        rows = rows.filter(_after(order, values))
    found = list(rows.order_by(*order)[: limit + 1])
    following = None
    if len(found) > limit:
        found = found[:limit]
        query = request.query_params.copy()
        query["cursor"] = _signer(rows, order).sign_object([_value(found[-1], name) for name in order])
        following = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
    return {"results": render(found), "next": following}


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows behind that row: equal in the first fields and behind in the next."""
    behind = Q()
    for place, name in enumerate(order):
        equal = {earlier.lstrip("-"): values[at] for at, earlier in enumerate(order[:place])}
        step = "lt" if name.startswith("-") else "gt"
        behind |= Q(**equal, **{f"{name.lstrip('-')}__{step}": values[place]})
    return behind


def _limit(request: Request) -> int:
    given = request.query_params.get("limit")
    if given is None:
        return DEFAULT_LIMIT
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= MAX_LIMIT):
        raise Problem(400, "invalid", f"limit must be a number from 1 to {MAX_LIMIT}.")
    return int(given)


def _value(row: Any, name: str) -> str | int | float | None:
    """A field of a row as JSON can hold it and a filter can read it again."""
    value: Any = row
    for part in name.lstrip("-").split("__"):
        value = getattr(value, part)
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | None) else str(value)


def _signer(rows: QuerySet[Any], order: Sequence[str]) -> Signer:
    """A cursor is signed for its list and order: what comes back needs no further looking at."""
    return Signer(salt=f"faces.cursor {rows.model._meta.label} {' '.join(order)}")
