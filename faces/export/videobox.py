"""Videobox JSON: the form that Machine Box's clients read."""

from __future__ import annotations

import json

import numpy as np

from faces.export.appearances import Appearance, Document, Face

MEDIA_TYPE = "application/json"
EXTENSION = "videobox.json"


def render(document: Document) -> str:
    """start and end are zero-based numbers of the first and last frame in presentation order."""
    return json.dumps(
        {"complete": document.complete, "faces": [_face(face, document) for face in document.faces]},
        ensure_ascii=False,
    )


def _face(face: Face, document: Document) -> dict[str, object]:
    return {
        "key": face.key,
        "name": face.name,
        "person_id": str(face.person) if face.person is not None else None,
        "instances": [_instance(appearance, document) for appearance in face.appearances],
    }


def _instance(appearance: Appearance, document: Document) -> dict[str, object]:
    # of an appearance cut to a stretch, the frame that is on screen when the stretch begins is the first
    first = max(int(np.searchsorted(document.frame_times_ms, appearance.start_ms, "right")) - 1, 0)
    last = int(np.searchsorted(document.frame_times_ms, appearance.end_ms, "left")) - 1
    instance: dict[str, object] = {
        "start": first,
        "end": max(first, last),
        "start_ms": appearance.start_ms,
        "end_ms": appearance.end_ms,
    }
    if appearance.confidence is not None:
        instance["confidence"] = appearance.confidence
    return instance
