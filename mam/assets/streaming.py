"""Files with byte ranges (RFC 9110, section 14): Django's own file response has none, and players need them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag

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
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


def stream(request: HttpRequest, stored: FieldFile, media_type: str | None = None) -> HttpResponseBase:
    """The file (200), the one range of it that was asked for (206), or that it is the one already had (304).

    What was uploaded is hostile: it goes out under a media type of ours, the given one or that of its name's ending,
    and nothing in it may run. Raises Problem 412 and 416.
    """
    size = stored.size
    name = stored.name or ""
    suffix = name[name.rfind(".") :].lower()
    written = stored.storage.get_modified_time(name).timestamp()
    etag = quote_etag(hashlib.sha256(f"{name} {size} {written}".encode()).hexdigest()[:32])
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(written),
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    unchanged = get_conditional_response(request, etag=etag, last_modified=int(written))
    if unchanged is not None and unchanged.status_code == 412:
        raise Problem(412, "precondition-failed", "The file is another than the one asked for; read it anew.")
    if unchanged is not None:
        return HttpResponseNotModified(headers=headers)
    of_this_file = request.headers.get("If-Range", etag) in (etag, headers["Last-Modified"])
    span = _span(request.headers.get("Range", ""), size) if of_this_file else None
    first, last = span or (0, size - 1)
    response = StreamingHttpResponse(
        _pieces(stored.open("rb"), first, last - first + 1),
        status=206 if span else 200,
        content_type=media_type or _TYPES.get(suffix, "application/octet-stream"),
        headers=headers,
    )
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = "inline"
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte wanted; None, the whole, for several ranges and for what is no range of bytes.

    Raises Problem 416 for what lies behind the end.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip(), flags=re.ASCII | re.IGNORECASE)
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
