"""A small library of made-up faces, whose distances are known exactly, on real Postgres."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from numpy.typing import NDArray

from faces.identity import admission, decisions, queries, saying
from faces.identity.effects import Outcome
from faces.identity.grouping import GroupingRule
from faces.identity.model import Model
from faces.identity.resolve import Calibration
from faces.identity.unknowns import Grouping
from faces.models import Faceprint, JobState, Photo, Resolution, Scan, Track
from faces.vision import BoxTrack
from mam.assets.models import Asset

DIM = 128
MODEL = Model(
    Calibration("dlib-resnet-v1", auto=0.52, suggested=0.58, midpoint=0.528, slope=51.6, crowding=1.0),
    Grouping(
        "dlib-resnet-v1",
        dim=DIM,
        rule=GroupingRule(radius=0.46, tighter=0.015, crowding=1.0, spread=0.086),
    ),
    DIM,
)
"""Made-up faces have no crowding of their own: without any given, distances are plain."""
_BOX = (100.0, 100.0, 80.0, 100.0)


def face(who: int, away: float = 0.0, towards: int = 0) -> NDArray[np.float32]:
    """The faceprint of made-up person `who`: any two of them lie 1.0 apart; `away` moves it along another axis."""
    vector = np.zeros(DIM, np.float32)
    vector[who] = np.sqrt(0.5)
    vector[DIM - 1 - towards] += away
    return vector


@dataclass
class World:
    """Builds assets and tracks as scans would."""

    model: Model = MODEL
    user: Any = None
    _start: Any = field(default_factory=lambda: count(0, 2000))

    def __post_init__(self) -> None:
        self.user = get_user_model()._default_manager.create_user("edith")

    def asset(self, title: str = "Evening news") -> Asset:
        made = Asset.objects.create(title=title, file="absent.mp4")
        Scan.objects.create(asset=made, version=1, live=True, state=JobState.DONE)
        return made

    def track(
        self,
        asset: Asset,
        vector: NDArray[np.float32],
        *,
        start_ms: int | None = None,
        length_ms: int = 1000,
        box: tuple[float, float, float, float] = _BOX,
        scan: Scan | None = None,
        crowding: float = 0.0,
    ) -> int:
        """A new track; shown at once, unless it belongs to a rescan that is not finished."""
        start = next(self._start) if start_ms is None else start_ms
        scan = scan or Scan.objects.get(asset=asset, live=True)
        boxes = BoxTrack(
            np.array([start, start + length_ms - 40], np.int32), np.array([box, box], np.float32)
        )
        with queries.identity_write():
            made = Track.objects.create(
                asset=asset,
                scan=scan,
                shot=0,
                start_ms=start,
                end_ms=start + length_ms,
                boxes=boxes.to_bytes(),
                quality=0.8,
                pack="",
                crops=[],
            )
            Faceprint.objects.create(
                track=made, model=self.model.name, vector=vector, quality=0.8, crowding=crowding
            )
            if scan.live:
                admission.admit([made], self.model)
        return made.pk

    def again(self, before: Track, rescan: Scan, away: float) -> int:
        """The face of a track, found again by a rescan at the same place, and looking slightly different."""
        [print_] = before.faceprints.all()
        vector = np.array(print_.vector, np.float32)
        vector[DIM // 2] += away
        boxes = BoxTrack.from_bytes(bytes(before.boxes))
        left, top, width, height = boxes.boxes[0].tolist()
        return self.track(
            before.asset,
            vector,
            crowding=print_.crowding,
            start_ms=before.start_ms,
            length_ms=before.end_ms - before.start_ms,
            box=(left, top, width, height),
            scan=rescan,
        )

    def enrol(self, person: int, vector: NDArray[np.float32], *, crowding: float = 0.0) -> Outcome:
        """A photograph of that face, enrolled."""
        with queries.identity_write():
            photo = Photo.objects.create(
                person_id=person,
                pack="",
                crops=[],
                faces=1,
                used=0,
                quality=0.8,
                enrolled=False,
                digest=f"{Photo.objects.count():064}",
            )
            Faceprint.objects.create(
                photo=photo, model=self.model.name, vector=vector, quality=0.8, crowding=crowding
            )
            return self.say("enrol", person=person, photo=photo.pk)

    def say(self, verdict: str, **what: Any) -> Outcome:
        return decisions.decide(saying.Said(verdict=verdict, **what), by=self.user, model=self.model)

    def undo(self, outcome: Outcome | int, *, part: bool = False) -> Outcome:
        key = outcome if isinstance(outcome, int) else outcome.decision.pk
        return decisions.undo(key, by=self.user, model=self.model, part=part)

    def rescan(self, asset: Asset) -> Scan:
        """A second scan, under way."""
        version = Scan.objects.filter(asset=asset).count() + 1
        scan = Scan.objects.create(asset=asset, version=version)
        claimed = Scan.claim()
        assert claimed == scan
        return claimed

    def finish(self, rescan: Scan) -> None:
        with queries.identity_write():
            admission.replace(rescan, self.model)
            rescan.succeed()

    def band(self, track: int) -> str:
        return Resolution.objects.get(track=track).band

    def person(self, track: int) -> str | None:
        row = Resolution.objects.select_related("person").get(track=track)
        return row.person.name if row.person else None

    def key(self, track: int) -> str:
        return Resolution.objects.select_related("unknown").get(track=track).unknown.key

    def answers(self) -> list[tuple[Any, ...]]:
        """Every stored answer, for comparing states of the library."""
        return list(Resolution.objects.order_by("track_id").values_list())
