"""Who appears when, in the forms that other tools read: a module for each format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from faces.export import plain_json, spreadsheet, videobox, webvtt
from faces.export.appearances import Document, document
from faces.identity.model import current_model


class Format(Protocol):
    """What a format's module offers."""

    MEDIA_TYPE: str
    EXTENSION: str

    def render(self, document: Document) -> str: ...


FORMATS: dict[str, Format] = {
    "videobox": videobox,
    "json": plain_json,
    "csv": spreadsheet,
    "webvtt": webvtt,
}


def export(
    asset: Any,
    form: str,
    *,
    from_ms: int | None = None,
    to_ms: int | None = None,
    include: Iterable[str] = (),
) -> tuple[str, Format]:
    """The asset's appearances written in that form, with the form itself. Raises KeyError for an unknown form."""
    chosen = FORMATS[form]
    written = document(asset, current_model().calibration, from_ms=from_ms, to_ms=to_ms, include=include)
    return chosen.render(written), chosen
