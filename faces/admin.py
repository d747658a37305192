"""A look behind the page, for administrators. Derived rows are the machine's and decisions are append-only: here
nobody adds, changes or deletes either; that is done in the page, where the library follows. Scanning is paused here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from faces import scanning
from faces.hints import SCAN_NEXT, hint
from faces.models import Decision, Pause, Person, Photo, Scan, Unknown


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Lists rows and shows them; writes nothing."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Scan)
class ScanAdmin(ReadOnly):
    list_display = (
        "id",
        "asset",
        "version",
        "mode",
        "live",
        "state",
        "progress",
        "attempt",
        "error_code",
        "created",
    )
    list_filter = ("state", "live", "error_code")
    list_select_related = ("asset",)


@admin.register(Pause)
class PauseAdmin(ReadOnly):
    """To add the one that there can be is to pause all scanning, to delete it is to resume."""

    list_display = ("since", "by")
    list_select_related = ("by",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request) and not Scan.paused()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:
        scanning.pause(by=request.user)

    def delete_model(self, request: HttpRequest, obj: Pause) -> None:
        self.delete_queryset(request, Pause.objects.all())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        scanning.resume()
        transaction.on_commit(lambda: hint(SCAN_NEXT))


@admin.register(Person)
class PersonAdmin(ReadOnly):
    list_display = ("name", "tracks", "assets", "screen_time_ms", "to_review", "retired", "created")
    list_filter = ("retired",)
    search_fields = ("name", "name_key")
    exclude = ("cover",)


@admin.register(Photo)
class PhotoAdmin(ReadOnly):
    list_display = ("id", "person", "quality", "faces", "used", "added_by", "created")
    list_select_related = ("person", "added_by")
    search_fields = ("person__name",)


@admin.register(Unknown)
class UnknownAdmin(ReadOnly):
    list_display = ("key", "tracks", "assets", "ignored", "screen_time_ms", "last_seen")
    search_fields = ("key",)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    list_display = ("id", "at", "by_name", "verdict", "person", "unknown_key", "reverts", "active")
    list_filter = ("verdict", "active")
    list_select_related = ("person", "reverts")
    search_fields = ("by_name", "person__name", "unknown_key")
