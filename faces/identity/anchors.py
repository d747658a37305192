"""Decisions point at places in pictures; here such places are matched with the tracks of a scan."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.models import Decision
from faces.vision import BoxTrack

SHARED_TIME = 0.5
"""A track means an anchor when they share this part of the shorter one's time …"""
SHARED_BOX = 0.4
"""… and their boxes overlap this much on average (intersection over union): detectors of two versions frame a face
differently, two faces side by side overlap hardly at all."""


def point_at(decision: Decision, tracks: Collection[int]) -> None:
    """Anchor a decision at the places of these tracks, and attach it to them."""
    if not tracks:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH place AS (
                SELECT nextval(pg_get_serial_sequence('faces_anchor', 'id')) AS anchor, id, asset_id, start_ms, end_ms,
                       boxes
                  FROM faces_track WHERE id = ANY(%(tracks)s) ORDER BY id
            ), anchored AS (
                INSERT INTO faces_anchor (id, decision_id, asset_id, start_ms, end_ms, boxes)
                SELECT anchor, %(decision)s, asset_id, start_ms, end_ms, boxes FROM place
            )
            INSERT INTO faces_attachment (anchor_id, track_id) SELECT anchor, id FROM place
            """,
            {"tracks": list(tracks), "decision": decision.pk},
        )


def same_face(a: BoxTrack, a_span: tuple[int, int], b: BoxTrack, b_span: tuple[int, int]) -> float:
    """How surely two box tracks of one asset show the same face: mean overlap in [0, 1], or 0 where it is not.

    Spans are [start_ms, end_ms).
    """
    start, end = max(a_span[0], b_span[0]), min(a_span[1], b_span[1])
    shorter = min(a_span[1] - a_span[0], b_span[1] - b_span[0])
    if end <= start or end - start < SHARED_TIME * shorter:
        return 0.0
    times = np.union1d(a.times_ms, b.times_ms)
    times = times[(times >= start) & (times < end)]
    if not len(times):
        times = np.array([(start + end) // 2])
    overlap = float(_iou(_at(a, times), _at(b, times)).mean())
    return overlap if overlap >= SHARED_BOX else 0.0


def _at(track: BoxTrack, times: NDArray[np.int32]) -> NDArray[np.float64]:
    """(n, 4) boxes at the given times, interpolated inside the track and held at its ends."""
    return np.stack([np.interp(times, track.times_ms, track.boxes[:, side]) for side in range(4)], axis=1)


def _iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    top_left = np.maximum(a[:, :2], b[:, :2])
    bottom_right = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    shared = np.prod(np.clip(bottom_right - top_left, 0, None), axis=1)
    either = np.prod(a[:, 2:], axis=1) + np.prod(b[:, 2:], axis=1) - shared
    return np.asarray(shared / np.maximum(either, 1e-9))
