"""Who may do what: whoever is logged in reads what the site shows them, editors write, administrators set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from faces.host import host
from faces.identity import people
from faces.models import Person, Track


class ReadsOrEdits(BasePermission):
    """Reading takes a login, writing the site's leave to edit."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        reads = request.method in SAFE_METHODS or getattr(view, "reads_by_post", False)
        return reads or host().may_edit(request.user)


class Administers(BasePermission):
    """Reading and writing take the site's leave to administer."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and host().may_administer(user))


def visible_asset(request: Request, key: str) -> Any:
    """The asset of that key, if this user may see it. Raises Http404."""
    try:
        found = host().visible_to(request.user).filter(pk=key).first()
    except (ValueError, ValidationError, OverflowError) as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found


def visible_tracks(request: Request, tracks: Sequence[str]) -> list[int]:
    """The ids of these tracks. Raises Http404 where the user may not see one of them."""
    keys = [number(track) for track in tracks]
    if Track.objects.filter(pk__in=keys).exclude(asset__in=host().visible_to(request.user)).exists():
        raise Http404
    return keys


def living_person(key: str) -> Person:
    """The person of that id, or whom they were merged into. Raises Http404."""
    found = people.find(number(key))
    if found is None:
        raise Http404
    return found


def number(key: str) -> int:
    """One of our own ids out of a request. Raises Http404 for what was never one."""
    if not key.isascii() or not key.isdecimal() or len(key) > 18:
        raise Http404
    return int(key)
