"""WebVTT: a cue for each appearance, the name as its text, for players and captioning tools."""

from __future__ import annotations

import html

from faces.export.appearances import Document
from faces.export.spreadsheet import clock

MEDIA_TYPE = "text/vtt; charset=utf-8"
EXTENSION = "vtt"


def render(document: Document) -> str:
    cues = sorted(
        (shown.start_ms, shown.end_ms, face.key) for face in document.faces for shown in face.appearances
    )
    blocks = [
        f"{number}\n{clock(start_ms)} --> {clock(end_ms)}\n{_text(key)}\n"
        for number, (start_ms, end_ms, key) in enumerate(cues, 1)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _text(name: str) -> str:
    """One line of cue text; an arrow would end the cue."""
    return html.escape(name, quote=False)
