"""Stored face pictures: many in one file, named by its content, so that a library of a million tracks stays a
few thousand files and writing one twice changes nothing.

A pack is the pictures' bytes one after another; the rows that need them say where each lies: {"kind", "offset",
"length", "at_ms", "quality"}. `chip` is the aligned face for embedders, `portrait` the wider view for people. Both are
JPEG; libraries have older chips in WebP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from faces.conf import faces_settings
from faces.vision import Crop, Image

Kind: TypeAlias = Literal["chip", "portrait"]
Place: TypeAlias = dict[str, Any]

ASSETS = "assets"
"""The folder of all assets' folders."""

_QUALITY: dict[Kind, int] = {"chip": 92, "portrait": 85}
"""Of JPEG. An embedder reads chips again when the model changes; a faceprint is then off by .024 (median), where WebP
of a like size cost .030, and 28 times the work."""


@dataclass(slots=True)
class Pack:
    """Gathers pictures and stores them as one file under `folder`."""

    folder: str
    _parts: list[bytes] = field(default_factory=list)
    _length: int = 0

    def add(self, crops: Iterable[Crop]) -> list[Place]:
        """Put in all chips of a face, best first, and the portrait of each; where they lie."""
        places: list[Place] = []
        for crop in crops:
            about = {"at_ms": crop.at_ms, "quality": round(crop.quality, 4)}
            places.append(self._put("chip", crop.chip) | about)
            places.append(self._put("portrait", crop.portrait) | about)
        return places

    def add_again(self, pack: str, places: Sequence[Place]) -> list[Place]:
        """Put in pictures that lie in another pack; where they lie now. Raises OSError where they are gone."""
        with storage().open(pack) as file:
            return [self._move(file, place) for place in places]

    def _move(self, file: File[bytes], place: Place) -> Place:
        file.seek(place["offset"])
        moved = place | {"offset": self._length}
        self._parts.append(file.read(place["length"]))
        self._length += place["length"]
        return moved

    def store(self) -> str:
        """Write the file, unless the very same is there, whole; its name. Empty packs are not written."""
        if not self._parts:
            return ""
        content = b"".join(self._parts)
        name = f"{self.folder}/{hashlib.sha256(content).hexdigest()}.faces"
        if storage().exists(name):
            if storage().size(name) == len(content):
                return name
            storage().delete(name)  # who wrote it was killed over it
        storage().save(name, ContentFile(content))
        return name

    def _put(self, kind: Kind, picture: Image) -> Place:
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY[kind]])[1].tobytes()
        place: Place = {"kind": kind, "offset": self._length, "length": len(encoded)}
        self._parts.append(encoded)
        self._length += len(encoded)
        return place


def picture(pack: str, places: Sequence[Place], kind: Kind, rank: int = 0) -> bytes | None:
    """The encoded picture of that kind, `rank` counted from the best; None where there is none."""
    wanted = [place for place in places if place["kind"] == kind]
    if rank >= len(wanted):
        return None
    try:
        with storage().open(pack) as file:
            file.seek(wanted[rank]["offset"])
            return bytes(file.read(wanted[rank]["length"]))
    except OSError:
        return None


def chips(pack: str, places: Sequence[Place]) -> list[Image]:
    """The aligned faces, best first; without those that cannot be read."""
    return chips_of(pack, [places])[0]


def chips_of(pack: str, faces: Sequence[Sequence[Place]]) -> list[list[Image]]:
    """The same of each of several faces in one pack, which is opened once."""
    try:
        with storage().open(pack) as file:
            return [_chips(file, places) for places in faces]
    except OSError:
        return [[] for _ in faces]


def _chips(file: File[bytes], places: Sequence[Place]) -> list[Image]:
    found = []
    for place in places:
        if place["kind"] == "chip":
            file.seek(place["offset"])
            data = np.frombuffer(file.read(place["length"]), np.uint8)
            if len(data) and (chip := cv2.imdecode(data, cv2.IMREAD_COLOR)) is not None:
                found.append(np.asarray(chip, np.uint8))
    return found


def forget(folder: str, *, but: Collection[str] = ()) -> None:
    """Delete the packs of a folder, save those named in `but`; absent ones are no error."""
    try:
        _, names = storage().listdir(folder)
    except OSError:
        return
    for name in names:
        if f"{folder}/{name}" not in but:
            storage().delete(f"{folder}/{name}")
    if not but:
        storage().delete(folder)


def asset_folder(asset: Any) -> str:
    """Where the pictures of an asset lie."""
    return f"{ASSETS}/{asset}"


def person_folder(person: int) -> str:
    """Where the pictures of a person's enrolled photographs lie."""
    return f"people/{person}"


def storage() -> Storage:
    return storages[faces_settings().storage]
