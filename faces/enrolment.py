"""Photographs of people: enrolled as exemplars, or compared and forgotten."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from faces import crops, networks
from faces.identity import decisions, people
from faces.identity.following import recognise
from faces.identity.model import current_model, deciding
from faces.identity.resolve import Verdict as Answer
from faces.identity.saying import Said
from faces.models import Faceprint, Person, Photo, Verdict
from faces.vision import (
    Crop,
    Image,
    PhotoFace,
    PhotoUnreadable,
    VisionError,
    apart,
    crop_of,
    faces_in_photo,
    probe,
    read_photo,
)
from faces.vision import Faceprint as FaceVector

MAX_PHOTO_BYTES = 50 * 2**20
_PICTURES = {"jpeg", "png", "webp", "bmp", "tiff", "gif"}
"""FFmpeg's formats that are no videos."""


class NoFace(VisionError):
    """No face was found in the picture, or not the one asked for."""

    code = "no-face"


class PhotoTooLarge(VisionError):
    """The file has more bytes than any photograph needs."""

    code = "photo-too-large"


class VideoNotPhoto(VisionError):
    """The file is a video where a photograph is wanted."""

    code = "video-not-photo"


class Upload(Protocol):
    """What Django gives for an uploaded file."""

    size: int | None

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """One face of a photograph and who it is."""

    face: PhotoFace
    verdict: Answer


def photo_bytes(upload: Upload) -> bytes:
    """The uploaded bytes. Raises PhotoTooLarge."""
    if (upload.size or 0) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(
            f"The picture has {(upload.size or 0) // 2**20} MB, {MAX_PHOTO_BYTES // 2**20} MB are the most. Nothing "
            "was stored; make it smaller."
        )
    return upload.read()


def expect_face(found: Sequence[PhotoFace], number: int) -> None:
    """Raises NoFace where a picture shows no face, or not as many as to have that number, counted from 0."""
    if number >= len(found):
        raise NoFace(
            "No face was found in this picture. Nothing was stored; choose a picture that shows the face larger."
            if not found
            else f"The picture shows {len(found)} faces, counted from 0; there is no {number}. Nothing was stored."
        )


def enrol_photo(person: Person, data: bytes, *, face: int | None = None, by: Any = None) -> Photo:
    """Make a photograph's face an exemplar of a person, and let the library follow.

    face: which, counted from the largest; without it the largest is taken. The same picture twice is one photograph.
    Raises PhotoUnreadable, VideoNotPhoto, NoFace, WeightsUnavailable, ModelSwitched.
    """
    digest = hashlib.sha256(data).hexdigest()
    reading = networks.loaded()
    found = faces_in_photo(_photograph(data), reading)
    used = face or 0
    expect_face(found, used)
    chosen = found[used]
    look = Look((crop_of(chosen),), chosen.faceprint, reading.embedder.name, chosen.quality)
    return known_as(person, digest, used) or enrol(person, look, digest, faces=len(found), used=used, by=by)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is enrolled of somebody. crops: best first. faceprint: (dim,) float32, that model's. quality: in [0, 1]."""

    crops: Sequence[Crop]
    faceprint: FaceVector
    model: str
    quality: float


def person_called(name: str) -> Person:
    """The one of that name, made where there is none. Raises NameRefused."""
    known = people.called(name)
    return known[0] if known else people.create(name)


def known_as(person: Person, digest: str, used: int) -> Photo | None:
    """That face of the file with that SHA-256, where it is enrolled as this person already."""
    return Photo.objects.filter(person=person, digest=digest, used=used, enrolled=True).first()


def enrol(person: Person, look: Look, digest: str, *, faces: int, used: int, by: Any = None) -> Photo:
    """Store what a file shows of a person, and let the library follow. faces: how many people the file shows.

    Raises ModelSwitched.
    """
    pack = crops.Pack(crops.person_folder(person.pk))
    places = pack.add(look.crops)
    stored = pack.store()
    with deciding(made_by=look.model) as model:
        photo, made = Photo.objects.get_or_create(
            person=person,
            digest=digest,
            used=used,
            defaults={
                "pack": stored,
                "crops": places,
                "faces": faces,
                "quality": look.quality,
                "enrolled": False,
                "added_by": by,
            },
        )
        if made:
            vector = look.faceprint.astype(np.float16)
            Faceprint.objects.create(
                photo=photo,
                model=model.name,
                vector=vector,
                quality=look.quality,
                crowding=model.crowding_of(vector[None])[0],
            )
        if not photo.enrolled:
            said = Said(verdict=Verdict.ENROL, person=person.pk, photo=photo.pk)
            decisions.decide(said, by=by, model=model)
            photo.refresh_from_db()
    return photo


def _photograph(data: bytes) -> Image:
    """The picture. Raises PhotoUnreadable, and VideoNotPhoto where the bytes are a video."""
    try:
        return read_photo(data)
    except PhotoUnreadable as unreadable:
        try:
            what = apart.call(probe, io.BytesIO(data)).container
        except VisionError:
            raise unreadable from None
        if what in _PICTURES:  # one that is damaged
            raise
        raise VideoNotPhoto(
            "The file is a video, not a photograph. Nothing was stored; send a photograph, or enrol the person from "
            "the video with `manage.py faces_enroll --name NAME --video CLIP`."
        ) from unreadable


def identify(data: bytes) -> list[Recognised]:
    """Who is in a photograph, largest face first; nothing of it is kept. Raises PhotoUnreadable."""
    model = current_model()
    found = faces_in_photo(read_photo(data), networks.loaded(model.name))
    return [
        Recognised(face, verdict)
        for face, verdict in zip(found, recognise([face.faceprint for face in found], model), strict=True)
    ]
