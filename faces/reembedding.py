"""Another embedding model: every face read again from its stored crops, beside the faceprints in force.

No video is opened. Faceprints of the other model are made while the library works, some at a time; what is there is not
made again, so that a run that was killed goes on. Nothing is judged by them until `apply`: it makes those of whatever
arrived meanwhile, and puts the model in force as `calibration.apply` does any measure, in one transaction. What a scan
has read with the old model then comes too late: `deciding(made_by=…)` refuses it, and the scan reads its chunk again.

The old model's faceprints stay, so that going back is the same in the other direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from faces import calibration, crops, networks
from faces.calibration import Effect
from faces.identity import exemplars, queries
from faces.identity.model import Model, measure_in_force, model_judging_by
from faces.models import Faceprint, Photo, Resolution, Scan, Track
from faces.vision import Image
from faces.vision.embed import faceprints

Face: TypeAlias = Track | Photo

_AT_ONCE = 64
"""Faces whose crops are held at once, 20 MB, and whose faceprints are stored at once."""
_DELETED_AT_ONCE = 5_000


class CropsMissing(Exception):
    """The crops of some faces cannot be read, so that they have no faceprint under the model."""


@dataclass(frozen=True, slots=True)
class Faceless:
    """Faces without a faceprint under a model. tracks: those that the library shows. photos: enrolled or not."""

    tracks: int
    photos: int

    def __bool__(self) -> bool:
        return bool(self.tracks or self.photos)

    def __str__(self) -> str:
        return f"{self.tracks} tracks and {self.photos} photographs"


def waiting(model: str) -> int:
    """How many faces have no faceprint under that model."""
    return sum(rows.count() for rows in _lacking(model))


def faceless(model: str) -> Faceless:
    """Who would have no faceprint were that model in force; after `embed`, those whose crops cannot be read."""
    tracks, photos = _lacking(model)
    return Faceless(tracks.filter(pk__in=Resolution.objects.values("track")).count(), photos.count())


def embed(model: str, progress: Callable[[int], object] = lambda done: None) -> int:
    """Make that model's faceprints of all faces that have none, as far as their crops can be read; how many.

    To be called again where it was broken off, and where crops that were away are back. progress: told how many more
    faces are done. Raises WeightsUnavailable, and ManifestError where the manifest does not know the model.
    """
    measured = model_judging_by(calibration.option_for(model).measure)
    made = 0
    for rows in _lacking(model):
        for faces in _batches(rows):
            made += _store(_read(faces, model), measured)
            progress(len(faces))
    return made


def effect(model: str, progress: Callable[[int], object] = lambda done: None) -> Effect:
    """What that model would change, once `embed` has run; no answer is changed. progress: told how many tracks are
    done."""
    return calibration.effect(calibration.option_for(model).measure, progress)


def apply(
    model: str,
    *,
    by: Any,
    despite_missing: bool = False,
    progress: Callable[[int], object] = lambda done: None,
) -> Effect:
    """Put that model in force, once `embed` has run, with everything that follows: in one transaction.

    It is judged as when it was in force last, or as the manifest says for so many people. Keys of unknowns stay, and
    every decision. despite_missing: although crops are missing; these tracks are whom humans said, else nobody. Raises
    InForce and CropsMissing.
    """
    with queries.identity_write():
        if measure_in_force().model == model:
            raise calibration.InForce(f"{model} is in force already. Nothing was changed.")
        embed(model)
        _expect_crops(model, despite_missing)
        return calibration.apply(calibration.option_for(model), by=by, progress=progress)[1]


def discard(model: str, progress: Callable[[int], object] = lambda done: None) -> int:
    """Delete all faceprints of a model that is not in force; how many. Raises InForce.

    Some at a time, each in a transaction: broken off, it is to be called again.
    """
    deleted = 0
    while True:
        with queries.identity_write():
            if measure_in_force().model == model:
                raise calibration.InForce(f"The library lives by {model}. Nothing was deleted.")
            exemplars.forget(model)
            rows = Faceprint.objects.filter(model=model).order_by("pk")
            some = list(rows.values_list("pk", flat=True)[:_DELETED_AT_ONCE])
            Faceprint.objects.filter(pk__in=some).delete()
        if not some:
            return deleted
        deleted += len(some)
        progress(len(some))


def _lacking(model: str) -> tuple[QuerySet[Track], QuerySet[Photo]]:
    stored = Faceprint.objects.filter(model=model)
    return (
        Track.objects.filter(~Exists(stored.filter(track=OuterRef("pk")))),
        Photo.objects.filter(~Exists(stored.filter(photo=OuterRef("pk")))),
    )


def _batches(rows: QuerySet[Any]) -> Iterator[list[Face]]:
    """In the order of their making, in which those of one pack follow each other."""
    after = 0
    while faces := list(rows.filter(pk__gt=after).only("pack", "crops", "quality").order_by("pk")[:_AT_ONCE]):
        after = faces[-1].pk
        yield faces


def _read(faces: Sequence[Face], model: str) -> list[tuple[Face, NDArray[np.float32]]]:
    """Those of the faces whose crops can be read, each with its faceprint, (dim,): the mean of its crops'."""
    readable = [
        (face, np.stack(chips))
        for pack, theirs in groupby(faces, key=lambda face: face.pack)
        for face, chips in _with_chips(pack, list(theirs))
        if chips
    ]
    if not readable:
        return []
    every = faceprints(np.concatenate([chips for _, chips in readable]), networks.loaded(model))
    ends = np.cumsum([len(chips) for _, chips in readable])
    return [
        (face, vectors.mean(axis=0))
        for (face, _), vectors in zip(readable, np.split(every, ends[:-1]), strict=True)
    ]


def _with_chips(pack: str, faces: Sequence[Face]) -> Iterator[tuple[Face, list[Image]]]:
    return zip(faces, crops.chips_of(pack, [face.crops for face in faces]), strict=True)


def _store(read: Sequence[tuple[Face, NDArray[np.float32]]], model: Model) -> int:
    """How many were stored: of faces that were deleted meanwhile, or read by somebody else, none."""
    if not read:
        return 0
    kind = type(read[0][0])
    name = "track" if kind is Track else "photo"
    vectors = np.array([vector for _, vector in read], np.float16)
    crowding = model.crowding_of(vectors)
    with queries.identity_write():
        known = kind._default_manager.filter(pk__in=[face.pk for face, _ in read])
        there = set(known.values_list("pk", flat=True)).difference(
            Faceprint.objects.filter(model=model.name, **{f"{name}__in": known}).values_list(name, flat=True)
        )
        stored = Faceprint.objects.bulk_create(
            Faceprint(model=model.name, vector=vector, quality=face.quality, crowding=near, **{name: face})
            for (face, _), vector, near in zip(read, vectors, crowding, strict=True)
            if face.pk in there
        )
    return len(stored)


def _expect_crops(model: str, despite_missing: bool) -> None:
    """Raises CropsMissing. Inside `queries.identity_write()`."""
    tracks, _ = _lacking(model)
    unfinished = tracks.filter(scan__state__in=Scan.OPEN, scan__live=False)
    if found := sorted({str(asset) for asset in unfinished.values_list("scan__asset", flat=True)}):
        raise CropsMissing(
            f"The crops of unfinished scans, of the assets {', '.join(found)}, cannot be read. Nothing was changed; "
            "cancel these scans, or wait until they are done."
        )
    if not despite_missing and (missing := faceless(model)):
        raise CropsMissing(
            f"The crops of {missing} cannot be read. Nothing was changed; bring the files back, or say that these are "
            "to be whom humans said, else nobody."
        )
