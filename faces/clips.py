"""People learnt from a clip that shows one of them: read like any video, but never an asset."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from faces import enrolment, networks
from faces.identity import likeness, people
from faces.identity.gallery import distances
from faces.identity.model import Model, current_model
from faces.models import Person, Photo
from faces.vision import FoundTrack, MediaMissing, apart, scan

MAX_CROPS = 5
OTHERS_SHARE = 1 / 3
"""Somebody else who is seen for more than this part of the person's own time is worth a notice."""


@dataclass(frozen=True, slots=True)
class EnrolledClip:
    """What came of a clip. notice: a sentence where it is not sure that the clip shows one person."""

    photo: Photo
    notice: str | None = None


@dataclass(slots=True)
class _Somebody:
    """The tracks of one clip that show the same person, as far as the machine can tell."""

    tracks: list[FoundTrack] = field(default_factory=list)

    @property
    def screen_ms(self) -> int:
        """Time on screen. Nobody is in one picture twice, so that nothing counts double."""
        return sum(track.end_ms - track.start_ms for track in self.tracks)

    @property
    def faceprint(self) -> NDArray[np.float32]:
        """(dim,): the mean of all crops' faceprints; that of a track is the mean of its own."""
        counts = [len(track.crops) for track in self.tracks]
        return np.asarray(
            np.average([track.faceprint for track in self.tracks], axis=0, weights=counts), np.float32
        )

    def look(self, model: str) -> enrolment.Look:
        """What is enrolled of them; model: the one that made the faceprints."""
        crops = sorted(
            (crop for track in self.tracks for crop in track.crops), key=lambda crop: -crop.quality
        )
        return enrolment.Look(
            crops[:MAX_CROPS], self.faceprint, model, float(np.mean([crop.quality for crop in crops]))
        )

    def meets(self, other: FoundTrack) -> bool:
        """Whether somebody is in the same picture as this track at some moment, and so another."""
        return any(t.start_ms < other.end_ms and t.end_ms > other.start_ms for t in self.tracks)


def enrol_clip(
    name: str, clip: Path, *, by: Any = None, on_progress: Callable[[int], None] | None = None
) -> EnrolledClip:
    """Make whom a clip shows longest an exemplar of the person of that name: the mean of his crops, like a photograph.

    The person is made where there is none. The same clip twice is one exemplar. on_progress: told the position in ms.
    Raises NameRefused, NoFace, WeightsUnavailable, ModelSwitched, MediaMissing and what else `vision.scan` raises; then
    nothing is stored.
    """
    digest = _digest(clip)
    for person in people.called(name)[:1]:
        if known := enrolment.known_as(person, digest, 0):
            return EnrolledClip(known)
    model = current_model()
    tracks = [
        track
        for chunk in apart.each(scan, clip, networks.loader(model.name), on_progress=on_progress)
        for track in chunk.tracks
    ]
    shown = sorted(_people(tracks, model), key=lambda who: -who.screen_ms)
    if not shown:
        raise enrolment.NoFace(
            f"No face was found in {clip.name}. Nothing was stored; choose a clip that shows the face larger or longer."
        )
    with transaction.atomic():
        person = enrolment.person_called(name)
        photo = enrolment.enrol(person, shown[0].look(model.name), digest, faces=len(shown), used=0, by=by)
    return EnrolledClip(photo, _notice(person, clip, shown))


def _people(tracks: Sequence[FoundTrack], model: Model) -> list[_Somebody]:
    """The clip's tracks by whom they show: the longest first, each joined to those that it would have the name of."""
    shown: list[_Somebody] = []
    for track in sorted(tracks, key=lambda track: (track.start_ms - track.end_ms, track.start_ms)):
        others = [who for who in shown if not who.meets(track)]
        apart = _apart(track, others, model)
        if len(apart) and apart.min() <= model.calibration.auto:
            others[int(apart.argmin())].tracks.append(track)
        else:
            shown.append(_Somebody([track]))
    return shown


def _apart(track: FoundTrack, people: Sequence[_Somebody], model: Model) -> NDArray[np.float64]:
    faces = likeness.faces_of([track.faceprint, *(who.faceprint for who in people)], model)
    first = np.zeros(len(people), np.int64)
    return distances(faces, first, faces, np.arange(1, len(people) + 1), model.calibration.crowding)


def _notice(person: Person, clip: Path, shown: Sequence[_Somebody]) -> str | None:
    """Said where somebody else is seen so long that the clip may not be the person's."""
    others = [who for who in shown[1:] if who.screen_ms > OTHERS_SHARE * shown[0].screen_ms]
    if not others:
        return None
    return (
        f"{clip.name} shows somebody else for {others[0].screen_ms / 1000:.1f} s; whom it shows longest, for "
        f"{shown[0].screen_ms / 1000:.1f} s, was taken for {person.name}"
    )


def _digest(clip: Path) -> str:
    """SHA-256 of the file. Raises MediaMissing."""
    try:
        with clip.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaMissing(
            f"{clip.name} cannot be opened ({error.strerror}). Nothing was stored; "
            "put the file back or let this user read it, then try again."
        ) from error
