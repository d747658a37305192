"""The plugin's border: all that `faces` asks of the site it lives in.

Besides this class there is one foreign key, to settings.FACES_ASSET_MODEL. The site names its subclass in
settings.FACES["host"]; what it leaves out has an answer that works for any model with a file.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from functools import cache
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.db.models import Model, QuerySet
from django.dispatch import receiver
from django.utils.module_loading import import_string

from faces.conf import faces_settings


class Host:
    """What a site says of its assets. An asset is an instance of settings.FACES_ASSET_MODEL."""

    def title(self, asset: Any) -> str:
        """How people call the asset."""
        return str(asset)

    def open(self, asset: Any) -> AbstractContextManager[BinaryIO]:
        """The original, opened for reading and seeking. Raises OSError where it is not to be had."""
        raise NotImplementedError("name a method that opens the asset's original file")

    def duration_ms(self, asset: Any) -> int | None:
        """Its length, or None where the site does not know; then the scan's own figure serves."""
        return None

    def frame_size(self, asset: Any) -> tuple[int | None, int | None]:
        """Width and height of its upright frame in pixels, as far as the site knows."""
        return None, None

    def media_url(self, asset: Any) -> str | None:
        """Where a player finds it, or None."""
        return None

    def poster_url(self, asset: Any) -> str | None:
        """A picture of it, or None."""
        return None

    def visible_to(self, user: Any) -> QuerySet[Any]:
        """The assets that this user may see."""
        return asset_model()._default_manager.all()

    def within(
        self, assets: QuerySet[Any], *, collection: str | None, since: date | None, until: date | None
    ) -> QuerySet[Any]:
        """The assets of a collection or of broadcast dates; a site without such fields has nothing to narrow."""
        return assets

    def may_edit(self, user: Any) -> bool:
        """May this user name faces and start scans?"""
        return bool(user.is_staff or user.has_perm("faces.add_decision"))

    def may_administer(self, user: Any) -> bool:
        """May this user say how near is near enough?"""
        return bool(user.is_staff or user.is_superuser)


def asset_model() -> type[Model]:
    """The site's own model of a video."""
    return apps.get_model(settings.FACES_ASSET_MODEL)


@cache
def host() -> Host:
    """The site's host object."""
    made = import_string(faces_settings().host)()
    if not isinstance(made, Host):
        raise TypeError(
            f"settings.FACES['host'] must name a subclass of faces.host.Host, not {type(made).__name__}"
        )
    return made


@receiver(setting_changed)
def _forget(*, setting: str, **_: Any) -> None:
    if setting == "FACES":
        host.cache_clear()
