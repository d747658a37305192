"""Grouping of tracks believed to be one person, over the whole library. It knows nothing of names."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.utils import timezone

from faces.identity import queries
from faces.models import Faceprint, Resolution, Track, Unknown, UnknownCentroid


@dataclass(frozen=True, slots=True)
class Grouping:
    """How tracks are grouped under one model: join the nearest mean faceprint within `radius`, else found a group."""

    model: str
    radius: float


def admit(tracks: Sequence[Track], grouping: Grouping) -> None:
    """Show new tracks: give each its unknown, the nearest one or a new one, in the given order.

    To be called inside `queries.identity_write()`, once a track, with its faceprint stored.
    """
    prints = {
        found.track_id: np.asarray(found.vector, np.float32)
        for found in Faceprint.objects.filter(track__in=tracks, model=grouping.model)
    }
    for track in tracks:
        vector = prints[track.pk]
        near = queries.nearest_unknown(vector, grouping.radius, model=grouping.model)
        if near is None:
            unknown = Unknown.objects.create(key=_birth_key(track))
            UnknownCentroid.objects.create(unknown=unknown, model=grouping.model, vector=vector, members=1)
            joined = unknown.pk
        else:
            joined = near[0]
            _pull(joined, vector, grouping.model)
            Unknown.objects.filter(pk=joined).update(last_seen=timezone.now())
        Resolution.objects.create(track=track, unknown_id=joined, model=grouping.model)


def inherit(track: Track, unknown: int, grouping: Grouping) -> None:
    """Show a new track in the place of an old one of the same face: it keeps the old one's unknown."""
    Resolution.objects.create(track=track, unknown_id=unknown, model=grouping.model)


def recentre(unknowns: Collection[int], grouping: Grouping) -> None:
    """Recompute the mean faceprints of groups that lost members."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE faces_unknowncentroid c SET vector = m.mean, members = m.members
              FROM (SELECT r.unknown_id, avg(f.vector::vector) AS mean, count(*) AS members
                      FROM faces_resolution r
                      JOIN faces_faceprint f ON f.track_id = r.track_id AND f.model = %(model)s
                     WHERE r.unknown_id = ANY(%(ids)s) GROUP BY 1) AS m
             WHERE c.unknown_id = m.unknown_id AND c.model = %(model)s
            """,
            {"ids": list(unknowns), "model": grouping.model},
        )


def _pull(unknown: int, vector: np.ndarray, model: str) -> None:
    centroid = UnknownCentroid.objects.get(unknown_id=unknown, model=model)
    mean = np.asarray(centroid.vector, np.float64)
    centroid.members += 1
    centroid.vector = (mean + (vector - mean) / centroid.members).astype(np.float32)
    centroid.save(update_fields=["vector", "members"])


def _birth_key(track: Track) -> str:
    """16 hex digits out of the founding track, so that the same scan of the same file gives the same key."""
    seed = f"{track.asset_id}:{track.start_ms}:{track.end_ms}:".encode() + bytes(track.boxes)
    for attempt in range(1000):
        key = hashlib.sha256(seed + b"%d" % attempt).hexdigest()[:16]
        if not Unknown.objects.filter(key=key).exists():
            return key
    raise RuntimeError("a thousand birth keys of one track are taken")
