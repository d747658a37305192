"""Long videos are scanned in parts by several workers at once, and nothing shows of where one part ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from faces import scanning
from faces.export import export
from faces.identity import decisions, following, saying
from faces.identity.model import current_model
from faces.models import (
    Band,
    Faceprint,
    FrameTimes,
    JobState,
    LeaseLost,
    Part,
    Resolution,
    Scan,
    SignOfLife,
    Track,
)
from faces.vision import BoxTrack, ScanSettings, probe, scan
from mam.assets import preparing
from mam.assets.models import Asset
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material, poison
from tests.scanning.test_scanning import add, findings

IN_PARTS = ScanSettings(part_ms=5000, part_slack_ms=2000, chunk_ms=2000, longest_chunk_ms=3000)


def interview() -> Path:
    """22 s: a title, from 2.0 to 14.8 s one shot with two people, to 20.0 s somebody else, and the end."""
    left = Card("obama2", Pose(300, 300, 200), Pose(340, 310, 220))
    right = Card("astronaut", Pose(960, 300, 200), Pose(920, 310, 220))
    other = Card("grace_hopper", Pose(600, 330, 260), Pose(640, 340, 280))
    scenes = [
        Scene(5, "coffee", ()),
        Scene(32, None, (left, right)),
        Scene(13, None, (other,)),
        Scene(5, "moon", ()),
    ]
    return material.composed(scenes, ClipForm(rate=Fraction(5, 2), audio=False)).path


@pytest.fixture
def mode(monkeypatch: pytest.MonkeyPatch) -> dict[str, ScanSettings]:
    """How assets are scanned by default, to be changed."""
    modes = {"default": IN_PARTS}
    monkeypatch.setattr(scanning, "MODES", modes)
    return modes


def scan_all(workers: int = 1) -> None:
    """Until nothing is left to do, so many at once."""

    def work(_: int) -> None:
        try:
            while scanning.scan_next(material.networks_for_scans):
                pass
        finally:
            connection.close()

    if workers == 1:
        while scanning.scan_next(material.networks_for_scans):
            pass
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


def frame_rows(asset: Asset) -> list[Any]:
    rows = FrameTimes.objects.filter(scan__asset=asset).order_by("start_ms")
    return list(rows.values_list("start_ms", "end_ms", "count", "open_shot", "times"))


def test_whoever_begins_with_a_part_begins_where_the_one_before_ends() -> None:
    whole = [*scan(interview(), material.networks_for_scans(), IN_PARTS)]
    for due_ms in (5000, 10_000, 15_000):
        found = [*scan(interview(), material.networks_for_scans(), IN_PARTS, start_ms=due_ms, next_part=True)]
        after = [chunk for chunk in whole if chunk.start_ms >= due_ms]
        assert [plain(chunk) for chunk in found] == [plain(chunk) for chunk in after]


def plain(chunk: Any) -> Any:
    return (
        *(chunk.start_ms, chunk.end_ms, chunk.last, chunk.open_shot, chunk.frame_times_ms.tobytes()),
        [(t.shot, t.start_ms, t.end_ms, t.boxes.to_bytes(), t.faceprint.tobytes()) for t in chunk.tracks],
    )


def test_a_video_has_no_part_where_it_is_due_after_its_end() -> None:
    assert [
        *scan(interview(), material.networks_for_scans(), IN_PARTS, start_ms=25_000, next_part=True)
    ] == []


@pytest.mark.django_db(transaction=True)
def test_several_workers_find_what_one_finds(mode: dict[str, ScanSettings]) -> None:
    alone = add(interview())
    scan_all()
    together = add(interview())
    scan_all(workers=3)

    assert findings(together) == findings(alone)
    assert frame_rows(together) == frame_rows(alone)
    assert scanning.frame_times(together).tolist() == list(range(0, 22_000, 400))
    assert not Part.objects.exists()
    done = Scan.objects.get(asset=together)
    assert (done.state, done.progress) == (JobState.DONE, 1.0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "form",
    [
        ClipForm(durations_ms=(*[400] * 9, 17_000, *[400] * 15), audio=False),
        ClipForm(rate=Fraction(5, 2), first_ms=32_000, audio=False),
    ],
    ids=["one picture is held for longer than a part", "nothing is shown for longer than a part"],
)
def test_parts_in_which_no_picture_begins_are_nobodys(mode: dict[str, ScanSettings], form: ClipForm) -> None:
    seen = Card("obama2", Pose(600, 330, 260), Pose(640, 340, 280))
    clip = material.composed([Scene(25, None, (seen,))], form, suffix=".mkv").path
    alone = add(clip)
    scan_all()
    together = add(clip)
    scan_all(workers=3)

    assert findings(together) == findings(alone)
    shown_ms = [round(time * 1000) for time in form.times(25)[:-1]]
    for asset in (alone, together):
        assert scanning.frame_times(asset).tolist() == shown_ms
        done = Scan.objects.get(asset=asset)
        assert (done.state, done.divisible) == (JobState.DONE, True)


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(ScanSettings(part_ms=5303, part_slack_ms=9, chunk_ms=2413, longest_chunk_ms=4799))
@given(
    st.builds(
        ScanSettings,
        part_ms=st.integers(4000, 12_000),
        part_slack_ms=st.integers(0, 3000),
        chunk_ms=st.integers(1000, 5000),
        longest_chunk_ms=st.integers(2000, 8000),
    )
)
def test_wherever_its_chunks_end_a_video_has_the_tracks_of_one_that_has_none(
    undivided: list[Track], mode: dict[str, ScanSettings], divided: ScanSettings
) -> None:
    mode["default"] = divided
    found = tracks_of(interview())
    assert [(t.shot, t.start_ms, t.end_ms) for t in found] == [
        (t.shot, t.start_ms, t.end_ms) for t in undivided
    ]
    for track, expected in zip(found, undivided, strict=True):
        assert apart(track, expected) < 0.2
        assert 1 <= len(track.crops) / 2 <= divided.max_crops
        boxes = BoxTrack.from_bytes(bytes(track.boxes))
        assert (np.diff(boxes.times_ms) > 0).all()
        assert abs(boxes.boxes[0] - BoxTrack.from_bytes(bytes(expected.boxes)).boxes[0]).max() < 20
    assert list(following.resolve_all(current_model(), write=False)) == []


@pytest.fixture
def undivided(db: None, mode: dict[str, ScanSettings]) -> list[Track]:
    """What a scan finds that knows of no chunks."""
    mode["default"] = ScanSettings(part_ms=3_600_000, chunk_ms=3_600_000, longest_chunk_ms=3_600_000)
    return tracks_of(interview())


def tracks_of(video: Path) -> list[Track]:
    """In the order of their beginning, from left to right."""
    asset = add(video)
    scan_all()
    assert Scan.objects.get(asset=asset).state == JobState.DONE
    tracks = Track.objects.filter(asset=asset)
    return sorted(tracks, key=lambda t: (t.start_ms, BoxTrack.from_bytes(bytes(t.boxes)).boxes[0, 0]))


def apart(one: Track, other: Track) -> float:
    a, b = (np.array(Faceprint.objects.get(track=track).vector) for track in (one, other))
    return float(np.linalg.norm(a - b))


@pytest.mark.django_db
def test_what_is_said_of_a_face_while_its_shot_is_still_read_holds_for_all_of_it(
    mode: dict[str, ScanSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, finish = add(interview()), scanning._finish

    def name_somebody_first(job: Scan) -> None:
        piece = Track.objects.filter(asset=asset, start_ms__gt=2000).earliest("start_ms", "pk")
        assert piece.end_ms < 14_800
        decisions.decide(
            saying.Said(verdict="is", tracks=[piece.pk], name="Ada"), by=None, model=current_model()
        )
        finish(job)

    monkeypatch.setattr(scanning, "_finish", name_somebody_first)
    scan_all()
    (confirmed,) = Resolution.objects.filter(band=Band.CONFIRMED).select_related("track")
    assert (confirmed.track.start_ms, confirmed.track.end_ms) == (2000, 14_800)
    assert list(following.resolve_all(current_model(), write=False)) == []
    shown = export(asset, "videobox")[0]

    scanning.request_scan(asset)
    monkeypatch.setattr(scanning, "_finish", finish)
    scan_all()
    assert export(asset, "videobox")[0] == shown


@pytest.mark.django_db
def test_a_worker_that_dies_over_a_part_costs_its_last_chunk(mode: dict[str, ScanSettings]) -> None:
    undisturbed = add(interview())
    scan_all()
    asset = add(interview())
    _divide(asset)
    dead = Part.claim()
    assert dead is not None
    with pytest.raises(KeyboardInterrupt):
        scanning._read(dead.scan, dead, interview(), material.networks, _Interrupt(dead))
    assert Part.claim(number=0) is None

    Part.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    Scan.objects.filter(asset=asset).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert Scan.reap() == Part.reap() == 1
    scan_all(1)
    assert findings(asset) == findings(undisturbed)


class _Interrupt(SignOfLife):
    """Breaks off as a killed worker does, soon after its second chunk."""

    def __call__(self, position_ms: int) -> None:
        if position_ms >= 4000:
            raise KeyboardInterrupt


def _divide(asset: Asset) -> Scan:
    """The asset's scan, as held by a worker that has got as far as making its parts."""
    job = Scan.claim()
    assert job is not None
    assert job.asset == asset
    job.renew(live=True)
    assert scanning._divided(job, probe(interview()))
    return job


@pytest.mark.django_db
def test_who_helps_begins_where_nobody_will_come_to_by_himself(mode: dict[str, ScanSettings]) -> None:
    mode["default"] = ScanSettings(part_ms=2000, part_slack_ms=1000)
    job = _divide(add(interview()))
    claimed = [Part.claim_apart(scan=job) for _ in range(job.parts.count() + 1)]
    assert [part and part.number for part in claimed] == [0, 6, 3, 9, 2, 5, 8, 1, 4, 7, 10, None]


@pytest.mark.django_db
def test_cancelling_a_scan_stops_those_who_read_its_parts(mode: dict[str, ScanSettings]) -> None:
    job = _divide(add(interview()))
    part = Part.claim()
    assert part is not None
    assert scanning.cancel(job)
    with pytest.raises(LeaseLost):
        part.renew()
    assert Part.claim() is None
    assert not scanning.scan_next(material.networks_for_scans)


@pytest.mark.django_db
def test_a_part_that_cannot_be_read_is_tried_again_then_ends_the_scan_with_the_reason(
    mode: dict[str, ScanSettings],
) -> None:
    asset = add(interview())
    job = _divide(asset)
    job.give_back()
    assert scanning.scan_next(poison.blind)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.QUEUED, "internal-error")
    assert job.run_after > timezone.now()
    assert not scanning.scan_next(poison.blind)

    Part.objects.update(run_after=timezone.now(), attempt=Part.max_attempts - 1)
    Scan.objects.update(run_after=timezone.now())
    while scanning.scan_next(poison.blind):
        pass
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "internal-error")
    assert "What was found so far is kept" in job.error_detail
    assert not Part.objects.exists()


@pytest.mark.django_db
def test_what_an_editor_opens_goes_before_other_scans_part_by_part(mode: dict[str, ScanSettings]) -> None:
    asset = add(interview())
    _divide(asset)
    add(material.sample_videos()[0].path)
    assert Part.claim(priority__gte=scanning.OPENED) is None
    scanning.hurry(asset)
    part = Part.claim(priority__gte=scanning.OPENED)
    assert part is not None
    assert part.number == 0


@pytest.mark.django_db
def test_parts_that_do_not_meet_are_read_again_by_one_worker(mode: dict[str, ScanSettings]) -> None:
    undisturbed = add(interview())
    scan_all()
    asset = add(interview())
    job = _divide(asset)
    # as if a decoder that began here had seen no cut where the one that came from before did
    Part.objects.filter(number=1).update(due_ms=8000)
    astray = Part.claim(number=1)
    assert astray is not None
    scanning._read(job, astray, interview(), material.networks, SignOfLife(astray))
    job.give_back()
    scan_all()
    job.refresh_from_db()
    assert (job.state, job.divisible) == (JobState.DONE, False)
    assert findings(asset) == findings(undisturbed)
    assert list(scanning.frame_times(asset)) == list(scanning.frame_times(undisturbed))
    assert preparing.prepare_next()
