"""Files with byte ranges (RFC 9110, section 14): Django's own file response has none, and players need them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from faces.api.problems import Problem

_PIECE = 256 * 1024
_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


def stream(request: HttpRequest, stored: FieldFile) -> HttpResponseBase:
    """The file (200), or the one range of it that was asked for (206). Raises Problem 416.

    What was uploaded is hostile: it goes out under a media type of ours, and nothing in it may run.
    """
    size = stored.size
    name = stored.name or ""
    suffix = name[name.rfind(".") :].lower()
    span = _span(request.headers.get("Range", ""), size)
    first, last = span or (0, size - 1)
    response = StreamingHttpResponse(
        _pieces(stored.open("rb"), first, last - first + 1),
        status=206 if span else 200,
        content_type=_TYPES.get(suffix, "application/octet-stream"),
    )
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = "inline"
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte wanted; None, the whole, for several ranges and for what is no range of bytes.

    Raises Problem 416 for what lies behind the end.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip(), flags=re.ASCII)
    if match is None or not any(match.groups()):
        return None
    start, end = match.groups()
    if start and end and int(start) > int(end):
        return None
    first = int(start) if start else max(size - int(end), 0)
    if first >= size:
        raise Problem(
            416,
            "range-not-satisfiable",
            f"The file has {size} bytes; the range asked for lies behind them.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return first, min(int(end), size - 1) if start and end else size - 1


def _pieces(file: IO[bytes], first: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while length > 0:
            piece = file.read(min(_PIECE, length))
            if not piece:
                return
            length -= len(piece)
            yield piece
