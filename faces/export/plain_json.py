"""Everything the library knows of who appears when, for one's own programs."""

from __future__ import annotations

import json

from faces.export.appearances import Document

MEDIA_TYPE = "application/json"
EXTENSION = "json"


def render(document: Document) -> str:
    return json.dumps(
        {
            "asset": {
                "id": str(document.asset.pk),
                "title": document.title,
                "duration_ms": document.duration_ms,
                "frames": len(document.frame_times_ms),
            },
            "complete": document.complete,
            "faces": [
                {
                    "key": face.key,
                    "name": face.name,
                    "person_id": str(face.person) if face.person is not None else None,
                    "screen_time_ms": sum(shown.end_ms - shown.start_ms for shown in face.appearances),
                    "appearances": [
                        {
                            "start_ms": shown.start_ms,
                            "end_ms": shown.end_ms,
                            "confidence": shown.confidence,
                            "tracks": [str(track) for track in shown.tracks],
                        }
                        for shown in face.appearances
                    ],
                }
                for face in document.faces
            ],
        },
        ensure_ascii=False,
        indent=1,
    )
