"""A scan's chunks may end in mid-shot; at the scan's end, what their borders cut in two is one again.

Not before: parts of a video are scanned in any order, and what is found must not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from faces import crops
from faces.identity import admission
from faces.identity.model import Model
from faces.models import Faceprint, FrameTimes, Scan, Track
from faces.vision import BoxTrack, Piece, ScanSettings, best_looks, continuations


def join(scan: Scan, model: Model, settings: ScanSettings) -> None:
    """One track for each face that goes on over borders. Inside `deciding()`, all chunks committed.

    Where tracks are shown already, decisions move over from the pieces to the whole as after a rescan.
    """
    begins = _beginnings(scan)
    if not begins:
        return
    tracks = Track.objects.filter(scan=scan, shot__in={*begins, *begins.values()}).order_by("start_ms", "pk")
    found = {track.pk: track for track in tracks}
    prints = {one.track_id: one for one in Faceprint.objects.filter(track__in=found, model=model.name)}
    pieces = {pk: _piece(track, prints[pk]) for pk, track in found.items() if pk in prints}
    following: dict[int, int] = {}
    for border, shot in begins.items():
        before = [
            pk
            for pk, piece in pieces.items()
            if begins.get(found[pk].shot, found[pk].shot) == shot
            and piece.end_ms <= border
            and pk not in following
        ]
        after = [pk for pk in pieces if found[pk].shot == border]
        pairs = continuations(
            [pieces[pk] for pk in before], [pieces[pk] for pk in after], settings.bridged_ms
        )
        following |= {before[i]: after[j] for i, j in pairs}

    for border, shot in begins.items():
        Track.objects.filter(scan=scan, shot=border).update(shot=shot)
    for track in found.values():
        track.shot = begins.get(track.shot, track.shot)
    chains = [_chain(pk, following) for pk in following if pk not in following.values()]
    if not chains:
        return
    wholes = _store(
        [([found[pk] for pk in one], [prints[pk] for pk in one]) for one in chains], scan, model, settings
    )
    old = Track.objects.filter(pk__in=[*chain.from_iterable(chains)])
    if scan.live:
        admission.exchange(old, wholes, model)
    else:
        old.delete()


def _beginnings(scan: Scan) -> dict[int, int]:
    """For each chunk that begins in mid-shot, by its beginning: when the shot truly began. In order, in ms."""
    begins: dict[int, int] = {}
    rows = FrameTimes.objects.filter(scan=scan, open_shot__isnull=False).order_by("start_ms")
    for end_ms, shot in rows.values_list("end_ms", "open_shot"):
        assert shot is not None  # filtered
        begins[end_ms] = begins.get(shot, shot)
    return begins


def _piece(track: Track, faceprint: Faceprint) -> Piece:
    return Piece(
        track.start_ms,
        track.end_ms,
        BoxTrack.from_bytes(bytes(track.boxes)),
        np.asarray(faceprint.vector, np.float32),
    )


def _chain(first: int, following: dict[int, int]) -> list[int]:
    chained = [first]
    while chained[-1] in following:
        chained.append(following[chained[-1]])
    return chained


@dataclass(frozen=True, slots=True)
class _Look:
    """A stored view of a face: its chip and portrait. piece: which one it is of, from 0."""

    at_ms: int
    quality: float
    piece: int
    places: list[crops.Place]


def _store(
    chains: Sequence[tuple[list[Track], list[Faceprint]]], scan: Scan, model: Model, settings: ScanSettings
) -> list[Track]:
    """The wholes of these pieces, with the best of their crops and the mean of all of their faceprints."""
    pack = crops.Pack(crops.asset_folder(scan.asset_id))
    wholes, vectors = [], []
    for pieces, prints in chains:
        looks = [look for number, track in enumerate(pieces) for look in _looks(number, track)]
        best = best_looks(looks, settings.max_crops)
        boxes = [BoxTrack.from_bytes(bytes(track.boxes)) for track in pieces]
        weights = [sum(look.piece == number for look in looks) for number in range(len(pieces))]
        first, front = pieces[0], pieces[best[0].piece]
        wholes.append(
            Track(
                asset_id=first.asset_id,
                scan=scan,
                shot=first.shot,
                start_ms=first.start_ms,
                end_ms=pieces[-1].end_ms,
                boxes=BoxTrack(
                    np.concatenate([one.times_ms for one in boxes]),
                    np.concatenate([one.boxes for one in boxes]),
                ).to_bytes(),
                quality=float(np.mean([look.quality for look in best])),
                yaw=front.yaw,
                pitch=front.pitch,
                crops=[
                    place for look in best for place in pack.add_again(pieces[look.piece].pack, look.places)
                ],
            )
        )
        stacked = np.array([one.vector for one in prints], np.float32)
        vectors.append(np.average(stacked, axis=0, weights=weights))
    stored = pack.store()
    for whole in wholes:
        whole.pack = stored
    return admission.store(wholes, vectors, model)


def _looks(number: int, track: Track) -> list[_Look]:
    by_time: dict[int, list[crops.Place]] = {}
    for place in track.crops:
        by_time.setdefault(place["at_ms"], []).append(place)
    return [_Look(at_ms, float(places[0]["quality"]), number, places) for at_ms, places in by_time.items()]
