"""Assets into their documented shape, with a fixed number of queries for a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.urls import reverse

from faces.api.rendering import portrait_url
from faces.models import JobState, Scan
from mam.assets.models import Asset, Fetch, Preparation

CAST = 5

_STATUS = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "processing",
    JobState.DONE: "ready",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}


def assets(found: Sequence[Asset]) -> list[dict[str, Any]]:
    scans: dict[Any, list[Scan]] = {asset.pk: [] for asset in found}
    for scan in Scan.objects.filter(asset__in=found).order_by("version"):
        scans[scan.asset_id].append(scan)
    preparations = {job.asset_id: job for job in Preparation.objects.filter(asset__in=found)}
    fetches = {job.asset_id: job for job in Fetch.objects.filter(asset__in=found)}
    cast = _cast([asset.pk for asset in found])
    paused = Scan.paused()
    return [
        _asset(asset, scans[asset.pk], preparations.get(asset.pk), fetches.get(asset.pk), cast, paused)
        for asset in found
    ]


def asset(found: Asset) -> dict[str, Any]:
    return assets([found])[0]


def _asset(
    found: Asset,
    scans: list[Scan],
    preparation: Preparation | None,
    fetch: Fetch | None,
    cast: dict[Any, Any],
    paused: bool,
) -> dict[str, Any]:
    latest = scans[-1] if scans else None
    shown = next((scan for scan in scans if scan.live), None)
    people, faces, unknowns = cast.get(found.pk, (0, [], 0))
    status, error = _fetching(fetch) if fetch else _status(latest, shown)
    working = fetch or latest
    notice = shown.notice or None if shown else None
    if fetch is not None and status != "failed":
        notice = fetch.error_detail or None  # why it waits for another try
    offline = found.offline
    return {
        "id": str(found.pk),
        "title": found.title,
        "status": status,
        "progress": round(working.progress, 4) if working else 0.0,
        "scan": None if fetch else _open_scan(latest, paused),
        "scanned": round(shown.progress, 4) if shown else 0.0,
        "error": error,
        "notice": notice,
        "fetching": fetch is not None,
        "still": found.still,
        "duration_ms": found.duration_ms,
        "frame_rate": found.frame_rate,
        "width": found.width,
        "height": found.height,
        "start_timecode": found.start_timecode,
        "reel": found.reel,
        "original_path": found.original_path,
        "in_place": found.in_place,
        "offline": offline,
        "collection": found.collection,
        "broadcast_date": found.broadcast_date,
        "catalogue_id": found.catalogue_id,
        "scans": sum(1 for scan in scans if scan.started is not None),
        "created": found.created,
        "poster": reverse("poster", args=[found.pk]) if found.poster else None,
        "filmstrip": _filmstrip(found),
        "playback": _playback(found, fetch or preparation, offline),
        "cast": faces,
        "people": people,
        "unknowns": unknowns,
    }


def _fetching(fetch: Fetch) -> tuple[str, dict[str, str] | None]:
    status = _STATUS[JobState(fetch.state)]
    if status != "failed":
        return status, None
    error = {"code": fetch.error_code, "detail": fetch.error_detail}
    return status, error | ({"asset": str(fetch.duplicate_of_id)} if fetch.duplicate_of_id else {})


def _status(latest: Scan | None, shown: Scan | None) -> tuple[str, dict[str, str] | None]:
    if latest is None:
        return "queued", None
    if latest.state == JobState.CANCELLED:
        if shown is not None and shown.state == JobState.DONE:
            return "ready", None
        return "failed", {"code": "cancelled", "detail": _stopped(shown)}
    status = _STATUS[JobState(latest.state)]
    if status == "failed":
        return status, {"code": latest.error_code, "detail": latest.error_detail}
    return status, None


def _stopped(shown: Scan | None) -> str:
    if shown is None or not shown.progress:
        return "The scan was stopped before anything was kept. Scan again to find who is in it."
    share = max(shown.progress, 0.01)
    return (
        f"The scan was stopped. {share:.0%} was read, and what was found is kept. Scanning again begins anew."
    )


def _open_scan(latest: Scan | None, paused: bool) -> dict[str, Any] | None:
    return {"id": str(latest.pk), "paused": paused} if latest and latest.state in Scan.OPEN else None


def _filmstrip(found: Asset) -> dict[str, Any] | None:
    return (
        {"url": reverse("filmstrip", args=[found.pk]), **(found.filmstrip_grid or {})}
        if found.filmstrip
        else None
    )


def _playback(found: Asset, preparation: Preparation | Fetch | None, offline: bool) -> dict[str, Any]:
    if found.playable and not offline:
        return {"url": reverse("media", args=[found.pk]), "state": "ready", "progress": 1.0}
    if found.proxy:
        return {"url": reverse("proxy", args=[found.pk]), "state": "ready", "progress": 1.0}
    if offline:
        return {"url": None, "state": "offline", "progress": 0.0}
    waiting = preparation is not None and preparation.state in (JobState.QUEUED, JobState.RUNNING)
    return {
        "url": None,
        "state": "preparing" if waiting else "unavailable",
        "progress": preparation.progress if preparation is not None else 0.0,
    }


def _cast(keys: list[Any]) -> dict[Any, tuple[int, list[dict[str, Any]], int]]:
    """For each asset: how many people, the first few with a face each, how many unknowns."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH shown AS (
                SELECT t.asset_id, r.person_id, sum(t.end_ms - t.start_ms) AS ms,
                       (array_agg(t.id ORDER BY t.quality DESC, t.id))[1] AS cover
                  FROM faces_resolution r JOIN faces_track t ON t.id = r.track_id
                 WHERE t.asset_id = ANY(%(assets)s) AND r.band IN ('confirmed', 'auto')
                 GROUP BY 1, 2
            )
            SELECT s.asset_id, p.id, p.name, s.cover FROM shown s JOIN faces_person p ON p.id = s.person_id
             ORDER BY s.asset_id, s.ms DESC, p.id
            """,
            {"assets": keys},
        )
        named = cursor.fetchall()
        cursor.execute(
            """
            SELECT t.asset_id, count(DISTINCT r.unknown_id)
              FROM faces_resolution r JOIN faces_track t ON t.id = r.track_id
             WHERE t.asset_id = ANY(%(assets)s) AND r.band IN ('unknown', 'suggested')
             GROUP BY 1
            """,
            {"assets": keys},
        )
        strangers = dict(cursor.fetchall())
    faces: dict[Any, list[dict[str, Any]]] = {key: [] for key in keys}
    for asset_id, person, name, cover in named:
        faces[asset_id].append({"id": str(person), "name": name, "thumbnail": portrait_url(cover)})
    return {key: (len(faces[key]), faces[key][:CAST], strangers.get(key, 0)) for key in keys}
