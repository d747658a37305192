"""Logging in: by session cookie for the page, by token for programs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from faces.api.problems import Problem
from faces.api.view import FacesView
from mam.assets import serializers as shapes
from mam.assets.roles import role


class TokenView(FacesView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    @extend_schema(operation_id="token", request=shapes.Credentials, responses=shapes.TokenOut, auth=[])
    def post(self, request: Request) -> Response:
        token, _ = Token.objects.get_or_create(user=_user(request))
        return Response({"token": token.key})


@method_decorator(ensure_csrf_cookie, name="dispatch")
class SessionView(FacesView):
    """Who is logged in by cookie; says so to anybody, and nothing else."""

    permission_classes = (AllowAny,)

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    throttle_scope = "login"

    @extend_schema(operation_id="session", responses=shapes.SessionOut)
    def get(self, request: Request) -> Response:
        return Response(_session(request.user))

    @extend_schema(operation_id="log_in", request=shapes.Credentials, responses=shapes.SessionOut)
    def post(self, request: Request) -> Response:
        SessionAuthentication().enforce_csrf(request)  # nobody is logged in yet for whom it would be
        user = _user(request)
        login(request._request, user)
        return Response(_session(user))

    @extend_schema(operation_id="log_out", request=None, responses={200: shapes.SessionOut})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(_session(None))


def _user(request: Request) -> Any:
    body = shapes.Credentials(data=request.data)
    body.is_valid(raise_exception=True)
    user = authenticate(request._request, **body.validated_data)
    if user is None:
        raise Problem(400, "wrong-credentials", "That name and password do not belong together. Try again.")
    return user


def _session(user: Any) -> dict[str, Any]:
    if user is None or not user.is_authenticated:
        return {"user": None}
    return {"user": {"username": user.get_username(), "role": role(user)}}
