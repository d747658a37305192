"""How the media library answers the plugin."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any, BinaryIO, cast

from django.db.models import QuerySet
from django.urls import reverse

from faces.host import Host
from mam.assets.models import Asset, original
from mam.assets.roles import may_administer, may_edit


class LibraryHost(Host):
    """Everybody who is logged in sees the whole library; editors and administrators name faces."""

    def title(self, asset: Any) -> str:
        return str(asset.title)

    def open(self, asset: Any) -> AbstractContextManager[BinaryIO]:
        return original(asset)

    def duration_ms(self, asset: Any) -> int | None:
        return cast(int | None, asset.duration_ms)

    def frame_size(self, asset: Any) -> tuple[int | None, int | None]:
        return asset.width, asset.height

    def media_url(self, asset: Any) -> str | None:
        return reverse("media", args=[asset.pk])

    def poster_url(self, asset: Any) -> str | None:
        return reverse("poster", args=[asset.pk]) if asset.poster else None

    def visible_to(self, user: Any) -> QuerySet[Asset]:
        return Asset.objects.all()

    def within(
        self, assets: QuerySet[Asset], *, collection: str | None, since: date | None, until: date | None
    ) -> QuerySet[Asset]:
        if collection:
            assets = assets.filter(collection=collection)
        if since:
            assets = assets.filter(broadcast_date__gte=since)
        if until:
            assets = assets.filter(broadcast_date__lte=until)
        return assets

    def may_edit(self, user: Any) -> bool:
        return may_edit(user)

    def may_administer(self, user: Any) -> bool:
        return may_administer(user)
