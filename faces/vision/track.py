"""One face followed from sampled frame to sampled frame of a shot, by where it is and what it looks like."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Faceprint, Image, Landmarks

_SOON_MS = 900
"""Movement says something of where a face will be for so long."""
_MIN_OVERLAP = 0.3
_REACH = 0.6
"""How many face sizes a face may have moved and still be followed, if it looks the same."""
_REACH_PER_S = 1.0
_SAME_FACE = 0.65
_OTHER_FACE = 0.85
"""L2 between one look and the mean of the last: surely the same, and surely another, whatever the overlap."""
_SPLIT_WINDOW = 4
_SPLIT = 0.38
"""L2 between the means of four looks before and four after a moment: beyond it two people share the track."""
_MAX_LOOKS = 12
_ABOUT_MS, _RECENT = 100, 10


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One face in one sampled frame.

    box: (4,), landmarks: (5, 2) in the full frame; vector: (dim,) of the chip as it is, not mirrored.
    """

    at_ms: int
    box: NDArray[np.float32]
    landmarks: Landmarks
    score: float
    quality: float
    chip: Image
    portrait: Image
    vector: Faceprint


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """Where a followed face is in a frame between two that are looked at whole. box: (4,) in the full frame."""

    at_ms: int
    box: NDArray[np.float32]
    score: float


@dataclass(slots=True, eq=False)
class Track:
    """A face being followed: where it was at each sample, and a few looks at it."""

    start_ms: int
    end_ms: int | None = None
    """When it was last seen to give way; None while it goes on."""
    times_ms: list[int] = field(default_factory=list)
    boxes: list[NDArray[np.float32]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    looks: list[Sighting] = field(default_factory=list)
    recent: list[Sighting] = field(default_factory=list)

    def add(self, seen: Sighting) -> None:
        """Go on with another sighting."""
        self.glimpse(Glimpse(seen.at_ms, seen.box, seen.score))
        self.recent = [*self.recent, seen][-2 * _SPLIT_WINDOW :]
        self.looks.append(seen)
        if len(self.looks) > _MAX_LOOKS:
            newest = self.looks[-_SPLIT_WINDOW:]
            self.looks = best_looks(self.looks[:-_SPLIT_WINDOW], _MAX_LOOKS - _SPLIT_WINDOW) + newest
            self.looks.sort(key=lambda look: look.at_ms)

    def glimpse(self, seen: Glimpse) -> None:
        """Go on with where it is, without another look at it."""
        self.end_ms = None
        if self.times_ms and self.times_ms[-1] == seen.at_ms:  # a shot's last frame may be looked at twice
            self.boxes[-1], self.scores[-1] = seen.box, seen.score
            return
        self.times_ms.append(seen.at_ms)
        self.boxes.append(seen.box)
        self.scores.append(seen.score)

    def began_earlier(self, seen: Glimpse) -> None:
        """It was there before its first sighting, too."""
        self.start_ms = seen.at_ms
        self.times_ms.insert(0, seen.at_ms)
        self.boxes.insert(0, seen.box)
        self.scores.insert(0, seen.score)

    def box_at(self, at_ms: int) -> NDArray[np.float32]:
        """Where the face should be soon after it was last seen, had it gone on moving as it did."""
        last = self.boxes[-1]
        if len(self.boxes) < 2:
            return last
        step_ms = self.times_ms[-1] - self.times_ms[-2]
        ahead = min(at_ms - self.times_ms[-1], 400) / max(step_ms, 1)
        if step_ms > _SOON_MS:
            return last
        moved = last.copy()
        moved[:2] += (middle(last) - middle(self.boxes[-2])) * ahead
        return moved

    @property
    def appearance(self) -> Faceprint:
        """(dim,): the mean of the last looks."""
        return mean_vector(self.recent[-_SPLIT_WINDOW:])

    def split(self) -> "Track | None":
        """Where the last looks show somebody else than those before, end here and give the other's track."""
        if len(self.recent) < 2 * _SPLIT_WINDOW:
            return None
        if _apart(self.recent, _SPLIT_WINDOW) <= _SPLIT:
            return None
        border = max(range(2, len(self.recent) - 1), key=lambda i: _apart(self.recent, i))
        return self.split_at(self.recent[border].at_ms)

    def end_at(self, at_ms: int) -> None:
        """Forget that it was seen from then on."""
        self._keep([i for i, t in enumerate(self.times_ms) if t < at_ms])
        self.looks = [look for look in self.looks if look.at_ms < at_ms]
        self.end_ms = at_ms

    def begin_at(self, at_ms: int) -> None:
        """Forget that it was seen before."""
        self._keep([i for i, t in enumerate(self.times_ms) if t >= at_ms])
        self.looks = [look for look in self.looks if look.at_ms >= at_ms]
        self.start_ms = at_ms

    def _keep(self, samples: list[int]) -> None:
        self.times_ms = [self.times_ms[i] for i in samples]
        self.boxes = [self.boxes[i] for i in samples]
        self.scores = [self.scores[i] for i in samples]

    def split_at(self, at_ms: int) -> "Track":
        """End here, and give the other's track."""
        other = replace(
            self, recent=[look for look in self.recent if look.at_ms >= at_ms] or self.recent[-1:]
        )
        other.begin_at(at_ms)
        self.recent = [look for look in self.recent if look.at_ms < at_ms]
        self.end_at(at_ms)
        return other


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one sampled frame changed: tracks that begin with it, tracks last seen in the sample before."""

    begun: tuple[Track, ...]
    gone: tuple[Track, ...]


class Tracker:
    """Follows the faces of one shot. bridged_ms: a face that is found again within this time was only missed."""

    def __init__(self, bridged_ms: int) -> None:
        self._bridged_ms = bridged_ms
        self.live: list[Track] = []
        self.done: list[Track] = []
        self._last_ms: int | None = None

    def see(
        self,
        at_ms: int,
        seen: list[Sighting],
        look_closer: Callable[[Track], Glimpse | None] = lambda track: None,
    ) -> Step:
        """Continue, begin and end tracks with what one sampled frame shows. Times must ascend.

        look_closer: asked for a track in sight that none of the sightings continues, before it is taken to be gone.
        """
        pairs = _matched(self.live, seen, at_ms)
        missed = [track for track in self.live if track not in pairs]
        gone = []
        for track in [track for track in missed if track.times_ms[-1] == self._last_ms]:
            found = look_closer(track)
            if found is None or any(overlap(found.box, other.box) > _MIN_OVERLAP for other in seen):
                gone.append(track)
            else:
                track.glimpse(found)
        for track, sighting in pairs.items():
            track.add(sighting)
            if other := track.split():
                self.done.append(track)
                self.live[self.live.index(track)] = other
        taken = {id(sighting) for sighting in pairs.values()}
        begun = []
        for sighting in seen:
            if id(sighting) not in taken:
                track = Track(start_ms=at_ms)
                track.add(sighting)
                begun.append(track)
        self._retire(at_ms)
        self.live += begun
        self._last_ms = at_ms
        return Step(tuple(begun), tuple(gone))

    def _retire(self, at_ms: int) -> None:
        """Give up those that have been missed too long."""
        over = [track for track in self.live if at_ms - track.times_ms[-1] > self._bridged_ms]
        self.done += over
        self.live = [track for track in self.live if track not in over]

    @property
    def in_sight(self) -> list[Track]:
        """The tracks that the newest sample shows; the others that live may be found again."""
        return [track for track in self.live if track.times_ms[-1] == self._last_ms]

    def divide(self, at_ms: int, begin_ms: int, end_ms: int) -> None:
        """Let no track cross a dissolve's middle: those that end or begin while it lasts do so there."""
        for track in [*self.live, *self.done]:
            began = track.times_ms[0] < begin_ms
            goes_on = track.times_ms[-1] > end_ms or track in self.in_sight
            crosses = track.times_ms[0] < at_ms <= track.times_ms[-1]
            if crosses and began and goes_on:
                other = track.split_at(at_ms)
                if track in self.live:
                    self.live[self.live.index(track)] = other
                    self.done.append(track)
                else:
                    self.done.append(other)
            elif crosses and goes_on:
                track.begin_at(at_ms)
            elif crosses:
                track.end_at(at_ms)
                self.live = [other for other in self.live if other is not track]
                self.done += [track] if track not in self.done else []
            if at_ms <= track.times_ms[0] <= end_ms + _ABOUT_MS:
                track.start_ms = at_ms
            if track.end_ms is not None and begin_ms - _ABOUT_MS <= track.times_ms[-1] < at_ms:
                track.end_ms = at_ms

    def is_taken(self, glimpse: Glimpse, by_other_than: Track) -> bool:
        """Whether another track has that place at about that time."""
        return any(
            overlap(box, glimpse.box) > _MIN_OVERLAP
            for track in (*self.live, *self.done)
            if track is not by_other_than
            for at_ms, box in zip(track.times_ms[-_RECENT:], track.boxes[-_RECENT:], strict=True)
            if abs(at_ms - glimpse.at_ms) <= _ABOUT_MS
        )

    def follow(self, at_ms: int, seen: dict[Track, Glimpse]) -> None:
        """Continue every track in sight with a glimpse: nothing begins or ends. Times must ascend."""
        for track, glimpse in seen.items():
            track.glimpse(glimpse)
        self._retire(at_ms)
        self._last_ms = at_ms

    def finish(self, end_ms: int) -> list[Track]:
        """All tracks of the shot, which ends now, in order of their beginning."""
        for track in self.live:
            if track.end_ms is None:
                track.end_ms = end_ms
        tracks = self.done + self.live
        self.live, self.done = [], []
        return sorted(tracks, key=lambda t: (t.start_ms, float(t.boxes[0][0])))


class Look(Protocol):
    """A view of a face: when, and how good."""

    @property
    def at_ms(self) -> int: ...

    @property
    def quality(self) -> float: ...


L = TypeVar("L", bound=Look)


def best_looks(looks: Sequence[L], count: int) -> list[L]:
    """The best and most diverse `count`, best first: of two looks within a second, the second counts less."""
    left, chosen = list(looks), list[L]()
    while left and len(chosen) < count:

        def worth(look: L) -> float:
            apart_ms = min((abs(look.at_ms - other.at_ms) for other in chosen), default=10_000)
            return look.quality * (1.0 - 0.7 * float(np.exp(-apart_ms / 700)))

        best = max(left, key=worth)
        chosen.append(best)
        left.remove(best)
    return chosen


def mean_vector(looks: list[Sighting]) -> Faceprint:
    """(dim,): the plain mean of the looks' vectors, in the embedder's own space."""
    vector: Faceprint = np.stack([look.vector for look in looks]).mean(axis=0)
    return vector


def middle(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2,): a (4,) box's centre."""
    centre: NDArray[np.float32] = box[:2] + box[2:] * np.float32(0.5)
    return centre


def overlap(box: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Intersection over union of two (4,) boxes."""
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[:2] + box[2:], other[:2] + other[2:])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    return shared / max(float(np.prod(box[2:]) + np.prod(other[2:])) - shared, 1e-6)


def _apart(looks: list[Sighting], border: int) -> float:
    return float(np.linalg.norm(mean_vector(looks[:border]) - mean_vector(looks[border:])))


def _matched(tracks: list[Track], seen: list[Sighting], at_ms: int) -> dict[Track, Sighting]:
    """Pairs of track and sighting, the most alike first."""
    likeness = [
        (value, i, j)
        for i, track in enumerate(tracks)
        for j, sighting in enumerate(seen)
        if (value := _likeness(track, sighting, at_ms)) is not None
    ]
    pairs: dict[Track, Sighting] = {}
    taken: set[int] = set()
    for _, i, j in sorted(likeness, reverse=True):
        if tracks[i] not in pairs and j not in taken:
            pairs[tracks[i]] = seen[j]
            taken.add(j)
    return pairs


def _likeness(track: Track, sighting: Sighting, at_ms: int) -> float | None:
    """How well a sighting continues a track; None where it cannot."""
    unlike = float(np.linalg.norm(track.appearance - sighting.vector))
    return likeness(track.box_at(at_ms), sighting.box, at_ms - track.times_ms[-1], unlike)


def likeness(
    expected: NDArray[np.float32], box: NDArray[np.float32], gap_ms: int, unlike: float
) -> float | None:
    """How well a face seen in a (4,) box continues one expected in another; None where it cannot.

    gap_ms: since that was last seen.  unlike: L2 between the two faces.
    """
    size, other_size = float(expected[2:].max()), float(box[2:].max())
    if not 0.5 < size / max(other_size, 1e-6) < 2.0:
        return None
    shared = overlap(expected, box)
    moved = float(np.hypot(*(middle(expected) - middle(box)))) / max(size, other_size)
    followed = shared >= _MIN_OVERLAP and unlike < _OTHER_FACE
    recognised = moved < _REACH + _REACH_PER_S * gap_ms / 1000 and unlike < _SAME_FACE
    return shared - moved - unlike if followed or recognised else None
