"""Tracks that a chunk's border cut in two, though the shot went on: which of them are one face."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faces.vision.findings import BoxTrack
from faces.vision.images import Faceprint
from faces.vision.track import likeness


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A track of one chunk. start_ms, end_ms: half-open. faceprint: (dim,)."""

    start_ms: int
    end_ms: int
    boxes: BoxTrack
    faceprint: Faceprint


def continuations(before: Sequence[Piece], after: Sequence[Piece], bridged_ms: int) -> list[tuple[int, int]]:
    """Which of the pieces before a border (first) goes on as which after it (second), the most alike first.

    By the rule by which sightings continue tracks. bridged_ms: as of ScanSettings.
    """
    likely = [
        (value, i, j)
        for i, piece in enumerate(before)
        for j, other in enumerate(after)
        if (value := _likeness(piece, other, bridged_ms)) is not None
    ]
    pairs: dict[int, int] = {}
    for _, i, j in sorted(likely, reverse=True):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return sorted(pairs.items())


def _likeness(before: Piece, after: Piece, bridged_ms: int) -> float | None:
    if not 0 <= after.start_ms - before.end_ms <= bridged_ms:
        return None
    gap_ms = int(after.boxes.times_ms[0] - before.boxes.times_ms[-1])
    unlike = float(np.linalg.norm(before.faceprint - after.faceprint))
    return likeness(before.boxes.boxes[-1], after.boxes.boxes[0], gap_ms, unlike)
