import numpy as np

from faces.vision.track import Glimpse, Sighting, Track, Tracker, best_looks

BRIDGED_MS = 900
ADA, GRACE = np.zeros(128, np.float32), np.full(128, 0.08, np.float32)
"""0.9 apart."""


def seen(
    at_ms: int, left: float, face: np.ndarray[tuple[int], np.dtype[np.float32]] = ADA, quality: float = 0.5
) -> Sighting:
    picture = np.zeros((1, 1, 3), np.uint8)
    box = np.array([left, 100, 80, 100], np.float32)
    return Sighting(at_ms, box, np.zeros((5, 2), np.float32), 0.9, quality, picture, picture, face)


def followed(*moments: list[Sighting]) -> list[Track]:
    tracker = Tracker(BRIDGED_MS)
    for i, moment in enumerate(moments):
        tracker.see(moment[0].at_ms if moment else 200 * i, moment)
    return tracker.finish(200 * len(moments))


def test_it_follows_a_face_that_moves() -> None:
    (track,) = followed(*([seen(200 * i, 100 + 30 * i)] for i in range(8)))
    assert (track.start_ms, track.end_ms, len(track.boxes)) == (0, 1600, 8)


def test_it_keeps_two_faces_apart_that_pass_each_other() -> None:
    tracks = followed(
        *([seen(200 * i, 100 + 60 * i, ADA), seen(200 * i, 580 - 60 * i, GRACE)] for i in range(9))
    )
    assert [(track.boxes[0][0], track.boxes[-1][0]) for track in tracks] == [(100, 580), (580, 100)]


def test_it_bridges_a_short_gap() -> None:
    moments = [[seen(200 * i, 100)] if i not in (4, 5) else [] for i in range(10)]
    (track,) = followed(*moments)
    assert len(track.times_ms) == 8
    assert track.end_ms == 2000


def test_it_begins_anew_after_a_long_gap() -> None:
    long = BRIDGED_MS // 200 + 2
    first, second = followed([seen(0, 100)], *([[]] * long), [seen(200 * (long + 1), 100)])
    assert first.times_ms == [0]
    assert second.start_ms == 200 * (long + 1)


def test_it_splits_where_somebody_else_takes_the_same_place() -> None:
    """As in a cross-fade: each look is near enough to the last ones, and yet the end is another face."""
    shares = np.clip((np.arange(16) - 5) / 5, 0, 1)
    first, second = followed(*([seen(200 * i, 100, ADA + (GRACE - ADA) * s)] for i, s in enumerate(shares)))
    assert first.end_ms == second.start_ms
    assert 5 <= len(first.times_ms) <= 11


def test_it_prefers_good_looks_that_lie_apart() -> None:
    looks = [
        seen(0, 0, quality=0.9),
        seen(200, 0, quality=0.89),
        seen(5000, 0, quality=0.6),
        seen(9000, 0, quality=0.1),
    ]
    assert [look.at_ms for look in best_looks(looks, 2)] == [0, 5000]


def test_it_holds_only_so_many_looks_however_long_a_face_stays() -> None:
    (track,) = followed(*([seen(200 * i, 100)] for i in range(300)))
    assert len(track.looks) <= 12
    assert len(track.times_ms) == 300


def test_it_lets_no_track_cross_the_middle_of_a_dissolve() -> None:
    """At 1000 ms, of which something can be seen from 800 to 1200: one face stays, one goes, one comes."""
    tracker = Tracker(BRIDGED_MS)
    for i in range(12):
        here = [seen(200 * i, 100, ADA)]
        here += [seen(200 * i, 400, GRACE)] if i <= 5 else []
        here += [seen(200 * i, 700, GRACE)] if i >= 4 else []
        tracker.see(200 * i, here)
    tracker.divide(1000, 800, 1200)
    spans = [(track.start_ms, track.end_ms, len(track.times_ms)) for track in tracker.finish(2400)]
    assert spans == [(0, 1000, 5), (0, 1000, 5), (1000, 2400, 7), (1000, 2400, 7)]


def test_it_keeps_a_face_that_a_closer_look_finds() -> None:
    tracker = Tracker(BRIDGED_MS)
    tracker.see(0, [seen(0, 100)])
    step = tracker.see(200, [], lambda track: Glimpse(200, track.boxes[-1], 0.6))
    assert step.gone == ()
    (track,) = tracker.finish(400)
    assert track.times_ms == [0, 200]
