"""Who appears when in one asset: the document that every export format is written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces import scanning
from faces.host import host
from faces.identity.resolve import Calibration
from faces.identity.unknowns import mark_shown
from faces.models import Band, JobState, Resolution, Scan


@dataclass(frozen=True, slots=True)
class Appearance:
    """A maximal interval [start_ms, end_ms) of one face; confidence is its tracks' by time, None for an unknown."""

    start_ms: int
    end_ms: int
    confidence: float | None
    tracks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """One person or unknown and all of its appearances, in order. `name` is None for an unknown."""

    key: str
    name: str | None
    person: int | None
    appearances: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """All that an export says. frame_times_ms: (n,) int32, when each frame of the asset is first shown."""

    asset: Any
    title: str
    duration_ms: int | None
    complete: bool
    faces: tuple[Face, ...]
    frame_times_ms: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Span:
    start_ms: int
    end_ms: int
    confidence: float | None
    track: int


def document(
    asset: Any,
    calibration: Calibration,
    *,
    from_ms: int | None = None,
    to_ms: int | None = None,
    include: Iterable[str] = (),
) -> Document:
    """Build the document of an asset, or of a stretch of it, to which appearances are cut.

    include: "suggested" counts suggestions as the person asked for (else as their unknown), "ignored" lists
    ignored faces, too.
    """
    included = frozenset(include)
    spans: dict[tuple[str, str | None, int | None], list[_Span]] = {}
    unknowns: set[int] = set()
    for row in _resolutions(asset, from_ms, to_ms):
        if row.band == Band.IGNORED and Band.IGNORED not in included:
            continue
        named = row.band in (Band.CONFIRMED, Band.AUTO) or (
            row.band == Band.SUGGESTED and Band.SUGGESTED in included
        )
        if named and row.person is not None:
            face: tuple[str, str | None, int | None] = (row.person.name, row.person.name, row.person_id)
            confidence = confidence_of(row, calibration)
        else:
            face, confidence = (row.unknown.label, None, None), None
            unknowns.add(row.unknown_id)
        start = row.track.start_ms if from_ms is None else max(row.track.start_ms, from_ms)
        end = row.track.end_ms if to_ms is None else min(row.track.end_ms, to_ms)
        spans.setdefault(face, []).append(_Span(start, end, confidence, row.track_id))
    mark_shown(unknowns)
    faces = [Face(*face, joined(found)) for face, found in spans.items()]
    faces.sort(key=lambda face: (face.appearances[0].start_ms, face.key, face.person or 0))
    open_scan = Scan.objects.filter(asset=asset, state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
    return Document(
        asset=asset,
        title=host().title(asset),
        duration_ms=scanning.duration_ms(asset),
        complete=not open_scan and Scan.objects.filter(asset=asset, live=True, state=JobState.DONE).exists(),
        faces=tuple(faces),
        frame_times_ms=scanning.frame_times(asset),
    )


def confidence_of(row: Resolution, calibration: Calibration) -> float | None:
    """The calibrated probability that the name is right: 1.0 where a human said so, None without a name."""
    if row.band == Band.CONFIRMED:
        return 1.0
    return round(calibration.confidence(row.distance), 4) if row.distance is not None else None


def joined(spans: Iterable[_Span]) -> tuple[Appearance, ...]:
    """Spans of one face that touch or overlap become one appearance."""
    appearances: list[Appearance] = []
    held: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start_ms, span.end_ms, span.track)):
        if held and span.start_ms > max(earlier.end_ms for earlier in held):
            appearances.append(_appearance(held))
            held = []
        held.append(span)
    if held:
        appearances.append(_appearance(held))
    return tuple(appearances)


def _appearance(spans: list[_Span]) -> Appearance:
    known = [
        (span.confidence, max(span.end_ms - span.start_ms, 1))
        for span in spans
        if span.confidence is not None
    ]
    return Appearance(
        start_ms=min(span.start_ms for span in spans),
        end_ms=max(span.end_ms for span in spans),
        confidence=round(sum(c * ms for c, ms in known) / sum(ms for _, ms in known), 4) if known else None,
        tracks=tuple(span.track for span in spans),
    )


def _resolutions(asset: Any, from_ms: int | None, to_ms: int | None) -> Iterable[Resolution]:
    rows = Resolution.objects.filter(track__asset=asset).exclude(band=Band.NOT_A_FACE)
    if from_ms is not None:
        rows = rows.filter(track__end_ms__gt=from_ms)
    if to_ms is not None:
        rows = rows.filter(track__start_ms__lt=to_ms)
    return (
        rows.select_related("track", "person", "unknown")
        .defer("track__boxes", "track__crops")
        .order_by("track__start_ms", "track_id")
    )
