"""The faces of one shot: looked for now and then in the whole frame, followed in between, timed to the frame."""

import numpy as np
from numpy.typing import NDArray

from faces.vision.decode import Frame
from faces.vision.dissolves import Dissolve
from faces.vision.embed import faceprints
from faces.vision.findings import BoxTrack, Crop, FoundTrack
from faces.vision.images import Faceprint
from faces.vision.look import SAME_PLACE, View, confirmed, sightings
from faces.vision.networks import Networks
from faces.vision.settings import ScanSettings
from faces.vision.track import Glimpse, Track, Tracker, best_looks, overlap

_HELD_BYTES = 64 * 2**20
"""Frames since the last look at a whole one are held, at most about so many bytes of them."""
_ENOUGH_LOOKS = 8
"""To choose the best from: until a face has been seen so often, it is looked at every other sample."""


class ShotScan:
    """The shot in hand: takes its frames in order, gives the finished tracks.

    Whole frames are looked at where the shot begins and ends, where a followed face is lost, and ever more seldom
    while nothing changes. What is found new is followed back to where it came into sight.
    """

    def __init__(self, start_ms: int, networks: Networks, settings: ScanSettings) -> None:
        self._borders_ms = [start_ms]
        self._networks = networks
        self._settings = settings
        self._tracker = Tracker(settings.bridged_ms)
        self._views: list[View] = []
        """Frames since the one last looked at whole, which comes first."""
        self._sampled = 0
        """Which of these was sampled last."""
        self._samples = 0
        self._search_ms = 0
        """Media time between that first frame and the next one to be looked at whole."""

    @property
    def start_ms(self) -> int:
        """When the shot began, or since the last dissolve the next one."""
        return self._borders_ms[-1]

    def take(self, frame: Frame) -> None:
        """Go on with the shot's next frame."""
        longest_px = self._settings.detect_px or self._networks.detector.scan_px
        self._views.append(View(frame, self._networks, longest_px, self._settings.min_score))
        if self._is_due(self._sampled, self._settings.sample_ms) or len(self._views) == 1:
            self._sample()

    def divide(self, dissolve: Dissolve) -> None:
        """What was taken for one shot were two: the second began in the middle of the dissolve."""
        if dissolve.at_ms > self._borders_ms[-1]:
            self._borders_ms.append(dissolve.at_ms)
            self._tracker.divide(dissolve.at_ms, dissolve.begin_ms, dissolve.end_ms)
            self._search_ms = 0

    def finish(self, end_ms: int) -> list[FoundTrack]:
        """The shot's tracks; the shot ends at end_ms."""
        if len(self._views) > 1:
            self._search()
        fewest = min(self._settings.min_sightings, self._samples)
        self._views = []
        found = (self._found(track, fewest) for track in self._tracker.finish(end_ms))
        return [track for track in found if track is not None]

    def _is_due(self, since: int, after_ms: int) -> bool:
        """Whether the newest frame comes so long after that view."""
        frame = self._views[-1].frame
        # a frame may come early by less than half its own duration: rates that don't divide evenly
        return frame.at_ms >= self._views[since].at_ms + after_ms - frame.duration_ms // 2

    def _sample(self) -> None:
        """Follow the faces in sight to the newest frame, or look at it whole where that is due or fails."""
        held = len(self._views) * self._views[-1].frame.bytes
        if self._is_due(0, self._search_ms) or held > _HELD_BYTES:
            return self._search()
        view = self._views[-1]
        seen: dict[Track, Glimpse] = {}
        for track in self._tracker.in_sight:
            found = view.face_near(track.box_at(view.at_ms))
            if found is None or any(overlap(found.box, other.box) > SAME_PLACE for other in seen.values()):
                return self._search()
            seen[track] = found
        self._tracker.follow(view.at_ms, seen)
        self._sampled = len(self._views) - 1
        self._samples += 1

    def _search(self) -> None:
        """Look at the whole of the newest frame, and at those before it for what began or ended in between."""
        view = self._views[-1]
        step = self._tracker.see(
            view.at_ms,
            sightings(view, self._networks),
            lambda track: view.face_near(track.box_at(view.at_ms)),
        )
        if self._samples:
            for track in step.begun:
                self._follow_back(track)
        for track in step.gone:
            track.end_ms = self._views[self._last_with(track.boxes[-1]) + 1].at_ms
        known = all(len(track.looks) >= _ENOUGH_LOOKS for track in self._tracker.in_sight)
        steady = self._samples and known and not step.begun and not step.gone
        soon_ms, seldom_ms = 2 * self._settings.sample_ms, self._settings.search_ms
        self._search_ms = min(max(self._search_ms * 3 // 2, soon_ms) if steady else soon_ms, seldom_ms)
        del self._views[:-1]
        self._sampled = 0
        self._samples += 1

    def _follow_back(self, track: Track) -> None:
        """Of the frames since the last whole one, which lacked the face, find the first that shows it."""
        with_ = len(self._views) - 1
        while with_ > 0:
            earlier = self._a_sample_before(with_)
            found = self._views[earlier].face_near(track.boxes[0])
            if found is None or self._tracker.is_taken(found, track):
                track.start_ms = self._views[self._first_with(track.boxes[0], earlier, with_)].at_ms
                return
            track.began_earlier(found)
            with_ = earlier

    def _a_sample_before(self, i: int) -> int:
        """The view some sample_ms before that one, or the first."""
        until_ms = self._views[i].at_ms - self._settings.sample_ms
        return next((j for j in range(i - 1, 0, -1) if self._views[j].at_ms <= until_ms), 0)

    def _first_with(self, box: NDArray[np.float32], without: int, with_: int) -> int:
        """Between a view that lacks the face and one that shows it, the first that does: by halving."""
        while with_ - without > 1:
            half = (without + with_) // 2
            without, with_ = (without, half) if self._views[half].face_near(box) else (half, with_)
        return with_

    def _last_with(self, box: NDArray[np.float32]) -> int:
        """Of the views since the last sample, which shows the face, the last that does."""
        with_, without = self._sampled, len(self._views) - 1
        while without - with_ > 1:
            half = (with_ + without) // 2
            with_, without = (half, without) if self._views[half].face_near(box) else (with_, half)
        return with_

    def _found(self, track: Track, fewest: int) -> FoundTrack | None:
        """The track as it is handed out, or None where it is hardly a face: too brief, or only so from afar."""
        # of two neighbouring samples the second shows little that is new
        looks = best_looks(track.looks, min(self._settings.max_crops, (len(track.times_ms) + 1) // 2))
        if (
            not looks
            or len(track.times_ms) < fewest
            or not confirmed(looks, self._networks, self._settings.min_score)
        ):
            return None
        faceprint: Faceprint = faceprints(
            np.stack([look.chip for look in looks]), self._networks, np.stack([look.vector for look in looks])
        ).mean(axis=0)
        assert track.end_ms is not None  # the tracker has finished
        return FoundTrack(
            shot=max(border for border in self._borders_ms if border <= track.start_ms),
            start_ms=track.start_ms,
            end_ms=track.end_ms,
            boxes=BoxTrack(np.array(track.times_ms, np.int32), np.array(track.boxes, np.float32)),
            crops=tuple(
                Crop(look.at_ms, look.quality, look.box, look.landmarks, look.chip, look.portrait)
                for look in looks
            ),
            faceprint=faceprint,
            quality=float(np.mean([look.quality for look in looks])),
        )
