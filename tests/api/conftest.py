"""Clients of the API: each logged in with a token of its own, each holding every answer to the published schema."""

from functools import cache
from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import Group, User
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from pytest_django.fixtures import Settings
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from mam.assets.roles import EDITORS
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material

CLIP = (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),)
"""A second of Barack Obama."""


class Client(APIClient):
    """An APIClient whose every answer under /api/v1/ must be what the published schema says, to the last member."""

    default_format = "json"

    def request(self, **kwargs: Any) -> Any:
        response = super().request(**kwargs)
        if response.get("Content-Type", "") in ("application/json", "application/problem+json"):
            _check(response, kwargs["REQUEST_METHOD"].lower())
        return response


def client_of(user: User) -> Client:
    client = Client()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    return client


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anybody(db: None) -> Client:
    """Not logged in."""
    return Client()


@pytest.fixture
def viewer(db: None) -> Client:
    return client_of(User.objects.create_user("vera"))


@pytest.fixture
def editor(db: None) -> Client:
    return client_of(editor_named("edith"))


@pytest.fixture
def administrator(db: None) -> Client:
    return client_of(User.objects.create_superuser("ada"))


@pytest.fixture(scope="module")
def clip() -> bytes:
    """That, with a time code."""
    return material.composed(
        CLIP, ClipForm(metadata={"timecode": "10:00:00:00"}), suffix=".mov"
    ).path.read_bytes()


def editor_named(name: str) -> User:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    return user


@cache
def _schema() -> dict[str, Any]:
    """The published schema as JSON Schema, which OpenAPI 3.1 is; members that it does not name are wrong."""
    with patched_settings({"OAS_VERSION": "3.1.1"}):
        generator: Any = SchemaGenerator
        schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    for component in schema["components"]["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    return schema


def _check(response: Any, method: str) -> None:
    match = response.resolver_match
    if match is None or not match.route.startswith("api/v1/"):
        return
    path = "/" + match.route.replace("<str:", "{").replace(">", "}")
    operation = _schema()["paths"][path].get(method)
    if operation is None:  # a method that the route does not know
        assert response.status_code in (401, 403, 405)
        return
    answers = operation["responses"]
    content = answers.get(str(response.status_code), answers["default"])["content"]
    jsonschema.Draft202012Validator(
        {**content[response["Content-Type"]]["schema"], "components": _schema()["components"]}
    ).validate(response.json())
