"""CSV (RFC 4180, UTF-8 with a byte-order mark, which spreadsheets want): a row for each appearance."""

from __future__ import annotations

import csv
import io

from faces.export.appearances import Document

MEDIA_TYPE = "text/csv; charset=utf-8"
EXTENSION = "csv"

COLUMNS = ("key", "name", "person_id", "start", "end", "start_ms", "end_ms", "duration_ms", "confidence")


def render(document: Document) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for start_ms, end_ms, shown_face, confidence in sorted(
        (
            (shown.start_ms, shown.end_ms, face, shown.confidence)
            for face in document.faces
            for shown in face.appearances
        ),
        key=lambda row: (row[0], row[1], row[2].key),
    ):
        rows.writerow(
            [
                _inert(shown_face.key),
                _inert(shown_face.name or ""),
                shown_face.person if shown_face.person is not None else "",
                clock(start_ms),
                clock(end_ms),
                start_ms,
                end_ms,
                end_ms - start_ms,
                confidence if confidence is not None else "",
            ]
        )
    return "\ufeff" + written.getvalue()


def clock(ms: int) -> str:
    """HH:MM:SS.mmm of media time."""
    seconds, millis = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}"


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
