"""Rows into the shapes of `serializers`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import get_script_prefix, get_urlconf, reverse
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from faces import scanning, visibility
from faces.export.appearances import confidence_of
from faces.host import host
from faces.identity import queries
from faces.identity.effects import Outcome
from faces.identity.model import current_model
from faces.identity.resolve import Calibration
from faces.identity.unknowns import mark_shown
from faces.models import Band, Decision, Faceprint, Person, Photo, Resolution, Scan, Unknown

_TRACK = "~track~"


@cache
def listed(item: type[serializers.Serializer[Any]]) -> Any:
    """The schema of a list of such items."""
    return inline_serializer(
        f"{item.__name__}List",
        {"results": item(many=True), "next": serializers.CharField(allow_null=True)},
    )


def named(person: Person | None) -> dict[str, str] | None:
    return {"id": str(person.pk), "name": person.name} if person is not None and not person.stranger else None


def portrait_url(track: int) -> str:
    """As `reverse` makes it: that alone, hundreds of times a page, took a third of the time of a list of unknowns."""
    return _portrait_url(get_urlconf(), get_script_prefix()).replace(_TRACK, str(track))


@cache
def _portrait_url(urlconf: str | None, under: str) -> str:
    return reverse("faces:track-thumbnail", args=[_TRACK])


def photo_url(photo: int | None) -> str:
    return reverse("faces:photo-thumbnail", args=[photo])


def tracks(rows: Sequence[Resolution]) -> list[dict[str, Any]]:
    calibration = current_model().calibration
    mark_shown(row.unknown_id for row in rows if row.band in (Band.UNKNOWN, Band.SUGGESTED))
    confirmed_by = queries.who_confirmed({row.exemplar_id for row in rows if row.exemplar_id is not None})
    return [_track(row, calibration, confirmed_by) for row in rows]


def _track(row: Resolution, calibration: Calibration, confirmed_by: dict[int, str]) -> dict[str, Any]:
    shows_name = row.band in (Band.CONFIRMED, Band.AUTO)
    confidence = confidence_of(row, calibration)
    return {
        "id": str(row.track_id),
        "asset": str(row.track.asset_id),
        "start_ms": row.track.start_ms,
        "end_ms": row.track.end_ms,
        "band": row.band,
        "person": named(row.person) if shows_name else None,
        "unknown": None if shows_name else row.unknown.key,
        "key": row.person.name if shows_name and row.person else row.unknown.label,
        "confidence": confidence if shows_name else None,
        "distance": row.distance if shows_name else None,
        "why": {
            "exemplar": str(row.exemplar_id) if row.exemplar_id else None,
            "confirmed_by": confirmed_by.get(row.exemplar_id or 0),
            "distance": row.distance,
            "runner_up": named(row.runner_up),
            "runner_up_distance": row.runner_up_distance,
            "yielded": named(row.yielded),
            "model": row.model,
        }
        if row.person_id or row.yielded_id
        else None,
        "suggestion": {"person": named(row.person), "confidence": confidence}
        if row.band == Band.SUGGESTED
        else None,
        "quality": row.track.quality,
        "thumbnail": portrait_url(row.track_id),
    }


def unknowns(
    rows: Sequence[Unknown], visible: QuerySet[Any] | None, person: int | None = None
) -> list[dict[str, Any]]:
    """With the suggestion that most of its tracks share, or of that person, and its highest confidence.

    visible: the assets that count, None for all of them.
    """
    mark_shown(row.pk for row in rows)
    asked: dict[int, dict[str, Any]] = {}
    calibration = current_model().calibration
    suggested = Resolution.objects.filter(unknown__in=rows, band=Band.SUGGESTED)
    if visible is not None:
        visibility.count_unknowns(rows, visible)
        suggested = suggested.filter(track__asset__in=visible)
    if person is not None:
        suggested = suggested.filter(person=person)
    for found in (
        suggested.values("unknown_id", "person_id", "person__name")
        .annotate(votes=Count("track_id"), nearest=Min("distance"))
        .order_by("unknown_id", "-votes", "person_id")
    ):
        asked.setdefault(
            found["unknown_id"],
            {
                "person": {"id": str(found["person_id"]), "name": found["person__name"]},
                "confidence": round(calibration.confidence(found["nearest"]), 4),
            },
        )
    return [
        {
            "key": row.key,
            "label": row.label,
            "tracks": row.tracks or row.ignored,
            "assets": row.assets,
            "screen_time_ms": row.screen_time_ms,
            "first_seen": row.first_seen,
            "last_seen": row.last_seen,
            "thumbnails": [portrait_url(cover) for cover in row.covers],
            "suggestion": asked.get(row.pk),
        }
        for row in rows
    ]


def people(rows: Sequence[Person], visible: QuerySet[Any] | None) -> list[dict[str, Any]]:
    """Each with their best picture or, before they are seen anywhere, their best photograph.

    visible: the assets that count, None for all of them.
    """
    if visible is not None:
        visibility.count_people(rows, visible)
    unseen = [row.pk for row in rows if row.cover_id is None]
    photos = dict(
        Photo.objects.filter(person__in=unseen)
        .order_by("person_id", "-quality", "pk")
        .distinct("person_id")
        .values_list("person_id", "pk")
    )
    return [_person(row, photos.get(row.pk)) for row in rows]


def _person(row: Person, photo: int | None) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "aliases": row.aliases,
        "description": row.description,
        "external_ids": row.external_ids,
        "tracks": row.tracks,
        "assets": row.assets,
        "screen_time_ms": row.screen_time_ms,
        "to_review": row.to_review,
        "leeway": row.leeway,
        "cover": portrait_url(row.cover_id) if row.cover_id else (photo_url(photo) if photo else None),
        "created": row.created,
    }


def decision(row: Decision) -> dict[str, Any]:
    return {
        "id": str(row.pk) if row.pk is not None else None,
        "verdict": row.verdict,
        "person": named(row.person),
        "cover": portrait_url(row.person.cover_id)
        if row.person is not None and row.person.cover_id and not row.person.retired
        else None,
        "unknown": row.unknown_key or None,
        "by": row.by_name,
        "at": row.at,
        "why": row.why,
        "reverts": str(row.reverts_id) if row.reverts_id else None,
        "active": row.active,
        "changed": row.changed,
        "to_review": row.to_review,
    }


def decisions(rows: Sequence[Decision], visible: QuerySet[Any] | None) -> list[dict[str, Any]]:
    """visible: the assets that count, None for all of them.

    What a decision changed was counted over all when it was made; to whom some are hidden, it is not told.
    """
    if visible is None:
        return [decision(row) for row in rows]
    visibility.count_people([row.person for row in rows if row.person is not None], visible)
    return [decision(row) | {"changed": None, "to_review": None} for row in rows]


def outcome(result: Outcome, visible: QuerySet[Any] | None) -> dict[str, Any]:
    """visible: the assets that count, None for all of them."""
    if visible is not None and result.decision.person is not None:
        visibility.count_people([result.decision.person], visible)
    rendered = decision(result.decision)
    if visible is not None:
        rendered["changed"], rendered["to_review"] = visibility.count_outcome(result, visible)
    if result.person is not None and result.person.pk is None:
        rendered["person"] = {"id": "", "name": result.person.name}
    return rendered


def faceprints(rows: Iterable[Faceprint]) -> list[dict[str, Any]]:
    return [
        {"model": row.model, "vector": [float(value) for value in row.vector], "quality": row.quality}
        for row in rows
    ]


def scan(row: Scan) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "asset": str(row.asset_id),
        "version": row.version,
        "mode": row.mode,
        "state": row.state,
        "progress": row.progress,
    }


def assets(found: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Each by its key, in few words."""
    site, durations = host(), scanning.durations_ms(found)
    return {
        row.pk: {
            "id": str(row.pk),
            "title": site.title(row),
            "duration_ms": durations[row.pk],
            "poster": site.poster_url(row),
        }
        for row in found
    }


def box(left: float, top: float, width: float, height: float) -> dict[str, int]:
    return {"left": round(left), "top": round(top), "width": round(width), "height": round(height)}


def shown_resolutions(**which: Any) -> Any:
    """The answers of tracks that may be listed, ready for `track`."""
    return (
        Resolution.objects.filter(**which)
        .exclude(band=Band.NOT_A_FACE)
        .select_related("track", "person", "unknown", "runner_up", "yielded")
        .defer("track__boxes", "track__crops")
    )
