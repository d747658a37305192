"""Where in the library the faces of a photograph are seen; nothing of the photograph is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from faces import enrolment, networks
from faces.identity import likeness
from faces.identity.likeness import NearTracks
from faces.identity.model import current_model
from faces.identity.resolve import Candidate
from faces.models import Band, Resolution
from faces.vision import LIKE_DEGREES, PhotoFace, Pose, faces_in_photo, read_photo

MAX_FACES = 20
"""Faces of one photograph looked for at once, the largest: those further back in a crowd are asked for by number."""
MAX_PEOPLE = 20
MAX_UNKNOWNS = 20
MAX_MOMENTS = 200
"""How many of each are answered for a face, the likeliest."""

_SHOWN = (Band.CONFIRMED, Band.AUTO, Band.SUGGESTED, Band.UNKNOWN)
_OPEN = (Band.SUGGESTED, Band.UNKNOWN)
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class SeenAt:
    """A track that shows somebody who looks like the face."""

    asset: Any
    track: int
    start_ms: int
    distance: float


@dataclass(slots=True)
class Likeness:
    """What the library knows of one face: of each the likeliest first.

    unknowns: key of the unknown and the distance of its nearest track.
    """

    face: PhotoFace
    people: list[Candidate]
    unknowns: dict[str, float] = field(default_factory=dict)
    moments: list[SeenAt] = field(default_factory=list)


def search(
    data: bytes, visible: QuerySet[Any], *, face: int | None = None, like_pose: bool = False
) -> list[Likeness]:
    """What is like the faces of a photograph, the largest face first; or like that face, counted from the largest.

    visible: the assets that are looked through. like_pose: only tracks whose best picture is turned like the face.
    Exact: no track within the outer radius is passed over for another. Who was told to be ignored is not found.
    Raises NoFace, PhotoUnreadable, MediaTooLarge, WeightsUnavailable.
    """
    model = current_model()
    found = faces_in_photo(read_photo(data), networks.loaded(model.name))
    enrolment.expect_face(found, face or 0)
    asked = found[:MAX_FACES] if face is None else [found[face]]
    prints = likeness.faces_of([one.faceprint for one in asked], model)
    answers = [
        Likeness(one, who[:MAX_PEOPLE])
        for one, who in zip(asked, likeness.people_like(prints, model), strict=True)
    ]
    for answer, near in zip(answers, likeness.tracks_like(prints, model), strict=True):
        _look_through(answer, near, visible, answer.face.pose if like_pose else None)
    return answers


def _look_through(answer: Likeness, near: NearTracks, visible: QuerySet[Any], pose: Pose | None) -> None:
    """Go through the tracks, nearest first, until enough of them, and of their unknowns, are found."""
    for row, distance in _shown(near, visible):
        if pose is not None and not _like(row, pose):
            continue
        if row.band in _OPEN and len(answer.unknowns) < MAX_UNKNOWNS:
            answer.unknowns.setdefault(row.unknown.key, distance)
        if len(answer.moments) < MAX_MOMENTS:
            answer.moments.append(SeenAt(row.track.asset_id, row.track_id, row.track.start_ms, distance))
        elif len(answer.unknowns) == MAX_UNKNOWNS:
            return


def _shown(near: NearTracks, visible: QuerySet[Any]) -> Iterator[tuple[Resolution, float]]:
    """The answers of those tracks that may be shown, and how far each is from the face, nearest first."""
    for start in range(0, len(near.tracks), _BATCH):
        some = slice(start, start + _BATCH)
        distances = dict(zip(near.tracks[some].tolist(), near.distances[some].tolist(), strict=True))
        rows = (
            Resolution.objects.filter(track__in=distances, band__in=_SHOWN, track__asset__in=visible)
            .select_related("track", "unknown")
            .defer("track__boxes", "track__crops")
            .in_bulk()
        )
        yield from ((rows[track], distance) for track, distance in distances.items() if track in rows)


def _like(row: Resolution, pose: Pose) -> bool:
    yaw, pitch = row.track.yaw, row.track.pitch
    return yaw is not None and pitch is not None and Pose(yaw, pitch).degrees_from(pose) <= LIKE_DEGREES
