"""What is refused before any view sees it, and response headers that keep a page to its own origin."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class ContentSecurityPolicy:
    """Adds the policy to every response that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


LARGEST_FORM = 2**20
"""Bytes of a form outside the API: a login, or what an administrator writes."""


class BoundedForms:
    """Refuses large bodies outside the API and uploads in parts, whose routes bound their own.

    Otherwise the check against forgery would read a form without end, onto the disk, from somebody not logged in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or ""
        bounded = not request.path_info.startswith(("/api/", "/uploads/"))
        if bounded and length.isdecimal() and int(length) > LARGEST_FORM:
            return HttpResponse(
                "The request is too large. Nothing was changed.\n", status=413, content_type="text/plain"
            )
        return self.get_response(request)
