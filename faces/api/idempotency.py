"""A write with an Idempotency-Key happens once: repeated, it gets the first answer and changes nothing."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.datastructures import MultiValueDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from faces.api.problems import Problem
from faces.models import IdempotencyKey

_BEGINNING = 2**20

Handler = TypeVar("Handler", bound=Callable[..., Response])


def once(handler: Handler) -> Handler:
    """Decorates a view's write method. The key's row is written in the handler's own transaction.

    So a second request waits for the first at the unique index, a crash leaves neither effect nor key behind, and an
    error is not remembered.
    """

    @functools.wraps(handler)
    def wrapped(view: Any, request: Request, *arguments: Any, **named: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if not key:
            return handler(view, request, *arguments, **named)
        if len(key) > 200:
            raise Problem(
                400, "invalid", "An Idempotency-Key has at most 200 characters. Nothing was changed."
            )
        with transaction.atomic():
            row, created = IdempotencyKey.objects.get_or_create(
                user=cast(Any, request.user), key=key, defaults={"fingerprint": _fingerprint(request)}
            )
            if not created:
                if row.fingerprint != _fingerprint(request):
                    raise Problem(
                        422,
                        "idempotency-key-reused",
                        "This Idempotency-Key was used for another request. Nothing was changed; make a new key.",
                    )
                return Response(row.body, status=row.status, headers={"Idempotency-Replayed": "true"})
            response = handler(view, request, *arguments, **named)
            row.status = response.status_code
            row.body = None if response.data is None else _plain(response.data)
            row.save(update_fields=["status", "body"])
            return response

    wrapped.once = True  # type: ignore[attr-defined]
    return cast(Handler, wrapped)


def happens_once(handler: Any) -> bool:
    """Whether a view's method honours an Idempotency-Key."""
    return bool(getattr(handler, "once", False))


def _fingerprint(request: Request) -> str:
    """SHA-256 of method, path and body. Of an uploaded file name, length and beginning stand for the whole."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if not (request.content_type or "").startswith("multipart/"):
        digest.update(request.body)
        return digest.hexdigest()
    for field, values in sorted(cast(MultiValueDict[str, Any], request.data).lists()):
        for value in values:
            if isinstance(value, UploadedFile):
                digest.update(f"{field} {value.name} {value.size}\n".encode() + value.read(_BEGINNING))
                value.seek(0)
            else:
                digest.update(f"{field} {len(value)} {value}\n".encode())
    return digest.hexdigest()


def _plain(data: Any) -> Any:
    return json.loads(JSONRenderer().render(data))
