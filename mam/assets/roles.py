"""Viewer, editor, administrator: a new account only looks, the group `editors` works, staff also administers."""

from __future__ import annotations

from typing import Any

EDITORS = "editors"


def role(user: Any) -> str:
    """The role of a logged-in user."""
    if user.is_staff or user.is_superuser:
        return "administrator"
    return "editor" if user.groups.filter(name=EDITORS).exists() else "viewer"


def may_edit(user: Any) -> bool:
    return role(user) != "viewer"


def may_administer(user: Any) -> bool:
    return role(user) == "administrator"
