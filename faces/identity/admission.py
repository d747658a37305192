"""New tracks enter the library: grouped, resolved, and met by the decisions that were waiting for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from django.db.models import QuerySet

from faces.identity import arrivals, counts, queries, unknowns
from faces.identity.anchors import same_face
from faces.identity.following import follow, people_spoken_of, standings
from faces.identity.model import Model
from faces.models import Anchor, Attachment, Faceprint, FrameTimes, Resolution, Scan, Track
from faces.vision import BoxTrack
from faces.vision import Faceprint as Vector


def store(tracks: Sequence[Track], faceprints: Sequence[Vector], model: Model) -> list[Track]:
    """Write new tracks and the faceprint of each, (dim,); they are not shown yet."""
    stored = Track.objects.bulk_create(tracks)
    vectors = np.array(faceprints, np.float16)
    Faceprint.objects.bulk_create(
        Faceprint(track=track, model=model.name, vector=vector, quality=track.quality, crowding=crowding)
        for track, vector, crowding in zip(stored, vectors, model.crowding_of(vectors), strict=True)
    )
    return stored


def admit(tracks: Sequence[Track], model: Model) -> None:
    """Show the tracks of a scan's chunk. Inside `queries.identity_write()`, their faceprints stored."""
    arrivals.admit(tracks, model.grouping)
    _settle(tracks, model)
    # a decision that waited for one of them may have split it from where it was found to belong
    moved = unknowns.settle([track.pk for track in tracks])
    if moved.bases:
        unknowns.recentre(moved.bases, model.grouping)
        counts.recount_unknowns(moved.shown)


def replace(rescan: Scan, model: Model) -> None:
    """A finished rescan takes the place of the live scan: same faces keep their unknowns, decisions move over.

    Every decision is kept; one that finds no track any more stays as an orphan. Inside `queries.identity_write()`.
    """
    asset = rescan.asset

    def swap() -> None:
        # the live scan's, and what earlier rescans had found when they were cancelled or failed
        Track.objects.filter(asset=asset).exclude(scan=rescan).delete()
        FrameTimes.objects.filter(scan__asset=asset).exclude(scan=rescan).delete()
        Scan.objects.filter(asset=asset, live=True).update(live=False)
        rescan.renew(live=True)

    old = Track.objects.filter(asset=asset, scan__live=True)
    _exchange(old, Track.objects.filter(scan=rescan).order_by("start_ms", "pk"), swap, model)


def exchange(old: QuerySet[Track], new: Sequence[Track], model: Model) -> None:
    """Tracks take the place of tracks of the same live scan that are deleted, as in `replace`."""
    _exchange(old, new, lambda: old.delete(), model)


def _exchange(
    leaving: QuerySet[Track], arriving: Iterable[Track], swap: Callable[[], object], model: Model
) -> None:
    old, new = list(leaving.select_related("resolution")), list(arriving)
    spoken_of = people_spoken_of(standings([track.pk for track in old]).values())
    left = set(Resolution.objects.filter(track__in=old).values_list("unknown_id", flat=True))
    bases = set(Resolution.objects.filter(track__in=old).values_list("base_id", flat=True))
    mentioned = set(
        Resolution.objects.filter(track__in=old, person__isnull=False).values_list("person_id", flat=True)
    )

    heirs = {track.pk: _predecessor(track, old) for track in new}
    inherited = {pk: before.resolution.home_id for pk, before in heirs.items() if before is not None}
    swap()

    for track in new:
        if track.pk in inherited:
            unknowns.inherit(track, inherited[track.pk], model.grouping)
    arrivals.admit([track for track in new if track.pk not in inherited], model.grouping)
    beside = {other for _, other in queries.beside([track.pk for track in new])}
    _settle(new, model, people=spoken_of | mentioned, beside=beside)
    moved = unknowns.settle([track.pk for track in new])
    bases |= set(Resolution.objects.filter(track__in=new).values_list("base_id", flat=True))
    unknowns.recentre(bases | moved.bases, model.grouping)
    counts.recount_unknowns(left | moved.shown)


def _settle(
    tracks: Sequence[Track], model: Model, people: Collection[int] = (), beside: Collection[int] = ()
) -> None:
    """Attach waiting decisions, then resolve; somebody of whom a decision speaks has new exemplars.

    beside: tracks that were in one picture with others before.
    """
    _attach(tracks)
    ids = [track.pk for track in tracks]
    follow({*ids, *beside}, {*people, *people_spoken_of(standings(ids).values())}, model)


def _attach(tracks: Sequence[Track]) -> None:
    """Match new tracks with the places on this asset that decisions point at."""
    if not tracks:
        return
    start, end = min(track.start_ms for track in tracks), max(track.end_ms for track in tracks)
    waiting = list(
        Anchor.objects.filter(
            asset_id=tracks[0].asset_id,
            start_ms__lt=end,
            end_ms__gt=start,
        ).order_by("pk")
    )
    boxes = {anchor.pk: BoxTrack.from_bytes(bytes(anchor.boxes)) for anchor in waiting}
    found = []
    for track in tracks:
        own = BoxTrack.from_bytes(bytes(track.boxes))
        found += [
            Attachment(anchor=anchor, track=track)
            for anchor in waiting
            if same_face(
                own, (track.start_ms, track.end_ms), boxes[anchor.pk], (anchor.start_ms, anchor.end_ms)
            )
        ]
    Attachment.objects.bulk_create(found, ignore_conflicts=True)


def _predecessor(track: Track, old: Sequence[Track]) -> Track | None:
    """The old track that shows the same face best, or None."""
    own, span = BoxTrack.from_bytes(bytes(track.boxes)), (track.start_ms, track.end_ms)
    best, best_overlap = None, 0.0
    for before in old:
        if before.start_ms >= track.end_ms or before.end_ms <= track.start_ms:
            continue
        overlap = same_face(
            own, span, BoxTrack.from_bytes(bytes(before.boxes)), (before.start_ms, before.end_ms)
        )
        if overlap > best_overlap:
            best, best_overlap = before, overlap
    return best
