"""Resumable uploads over tus 1.0 (https://tus.io/protocols/resumable-upload): core, creation, termination, expiration.

Our own words beside it: the answer that ends an upload carries `Dramatis-Asset`, the id of what it became; where the
library had the same file, that one's id and `Dramatis-Already-Here: true`. Metadata: filename, title, collection,
broadcast_date, catalogue_id, same_content.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faces.api.problems import Problem
from faces.api.view import FacesView
from mam.assets import serializers as shapes
from mam.assets import uploads
from mam.assets.models import Upload

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"

_PIECE = 256 * 1024
_LONGEST_METADATA = 8192


class _TusView(FacesView):
    largest_body = None
    streams_body = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise Problem(
                412,
                "tus-version",
                f"Uploads in parts speak tus {VERSION}. Nothing was changed; send Tus-Resumable: {VERSION}.",
                headers={"Tus-Version": VERSION},
            )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,termination,expiration",
                "Tus-Max-Size": str(settings.LARGEST_UPLOAD),
            },
        )


class UploadsView(_TusView):
    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        length = _number(request, "Upload-Length")
        if length == 0:
            raise Problem(
                400, "invalid", "The file is empty. Nothing was added; check that it was copied whole."
            )
        if length > settings.LARGEST_UPLOAD:
            raise Problem(
                413,
                "too-large",
                f"A file may have {settings.LARGEST_UPLOAD} bytes, this one has {length}. Nothing was added.",
                headers={"Tus-Max-Size": str(settings.LARGEST_UPLOAD)},
            )
        metadata = request.headers.get("Upload-Metadata", "")
        _told(metadata)
        try:
            upload = uploads.begin(cast(Any, request.user), length, metadata)
        except uploads.TooMany as error:
            raise Problem(
                429,
                "too-many-uploads",
                f"You have {uploads.MOST_AT_ONCE} unfinished uploads. Nothing was added; finish or cancel some.",
            ) from error
        except uploads.NoRoom as error:
            raise Problem(
                507,
                "storage-full",
                "The storage has no room for this file. Nothing was added; make room first.",
            ) from error
        address = reverse("upload", args=[upload.pk])
        return Response(status=201, headers={"Location": address, **_expiry(upload)})


class UploadView(_TusView):
    @extend_schema(exclude=True)
    def head(self, request: Request, upload: UUID) -> Response:
        found = _of(request, upload)
        offset = uploads.offset(found)
        if offset == found.length:  # should the answer that ended it have been lost, or its server
            found = _finish(found)
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(found.length), **_expiry(found)}
        if found.metadata:
            headers["Upload-Metadata"] = found.metadata
        return Response(headers=headers | _asset(found))

    @extend_schema(exclude=True)
    def patch(self, request: Request, upload: UUID) -> Response:
        found = _of(request, upload)
        if request.content_type != PART_TYPE:
            raise Problem(
                415, "unsupported-media-type", f"Parts are sent as {PART_TYPE}. Nothing was changed."
            )
        at = _number(request, "Upload-Offset")
        if at != uploads.offset(found):
            raise _moved()
        sent = request.META.get("CONTENT_LENGTH") or "0"
        if not sent.isdecimal() or at + int(sent) > found.length:
            raise Problem(
                413, "too-large", "That is more than the upload was said to have. Nothing was changed."
            )
        try:
            if at < found.length:
                at = uploads.receive(found, at, _pieces(request))
        except uploads.Moved as error:
            raise _moved() from error
        except UnreadablePostError as error:
            raise Problem(
                400, "connection-lost", "The connection was lost. What had arrived is kept; go on from there."
            ) from error
        if at == found.length:
            found = _finish(found)
        found.refresh_from_db(fields=["expires"])
        return Response(status=204, headers={"Upload-Offset": str(at), **_expiry(found), **_asset(found)})

    @extend_schema(exclude=True)
    def delete(self, request: Request, upload: UUID) -> Response:
        uploads.forget(_of(request, upload))
        return Response(status=204)

    @extend_schema(exclude=True)
    def post(self, request: Request, upload: UUID) -> Response:
        """For networks that let no other method pass."""
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        handler = {"PATCH": self.patch, "DELETE": self.delete, "HEAD": self.head}.get(method)
        if handler is None:
            raise Problem(405, "method-not-allowed", "Parts are sent with PATCH. Nothing was changed.")
        return handler(request, upload)


def _of(request: Request, key: UUID) -> Upload:
    """The user's own upload of that key. Raises Http404 for anybody else's."""
    found = Upload.objects.filter(pk=key, user=cast(Any, request.user), expires__gt=timezone.now()).first()
    if found is None:
        raise Http404
    try:
        uploads.offset(found)
    except FileNotFoundError as error:  # somebody has cleared the folder
        uploads.forget(found)
        raise Http404 from error
    return found


def _finish(upload: Upload) -> Upload:
    about = _told(upload.metadata)
    return uploads.finish(upload, about.pop("filename", ""), **about)


def _told(metadata: str) -> dict[str, Any]:
    """What `library.add` takes, out of an Upload-Metadata header. Raises Problem, or what serializers raise."""
    if len(metadata) > _LONGEST_METADATA:
        raise Problem(400, "invalid", "Upload-Metadata is too long. Nothing was added.")
    given: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in metadata.split(","))):
        key, _, value = pair.partition(" ")
        try:
            given[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Problem(
                400, "invalid", "Upload-Metadata holds keys with UTF-8 in Base64. Nothing was added."
            ) from error
    told = shapes.UploadIn(data=given)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not value.isascii() or not value.isdecimal() or len(value) > 18:
        raise Problem(400, "invalid", f"{header} is missing, or no number of bytes. Nothing was changed.")
    return int(value)


def _pieces(request: Request) -> Iterator[bytes]:
    while request.stream is not None and (piece := request.stream.read(_PIECE)):
        yield piece


def _moved() -> Problem:
    return Problem(
        409, "offset", "The upload is at another offset by now. Nothing was changed; ask with HEAD."
    )


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires.timestamp())}


def _asset(upload: Upload) -> dict[str, str]:
    """What the upload became, once it is whole."""
    if not upload.asset_id:
        return {}
    here = {"Dramatis-Already-Here": "true"} if upload.already_here else {}
    return {"Dramatis-Asset": str(upload.asset_id), **here}
