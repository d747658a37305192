"""The global pass on stored tracks: what it joins, what it leaves, and what becomes of the keys."""

from collections import UserDict
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from faces.identity import queries, unknowns
from faces.identity.neighbours import Folder, Kept
from faces.identity.queries import lock
from faces.identity.regrouping import proposed_parts, regroup
from faces.models import Decision, KeyRecord, Unknown
from tests.identity.world import World, face

ADA, GRACE = 1, 2


def test_groups_that_grew_apart_become_one_under_the_older_key(world: World) -> None:
    # in this order the second is too far from the first, and the third, which lies between, joins one of them
    ends = [
        world.track(world.asset(), face(ADA, 0.33)),
        world.track(world.asset(), face(ADA, 0.33, towards=1)),
    ]
    assert world.key(ends[0]) != world.key(ends[1])
    keys = [world.key(end) for end in ends]
    for away in (0.0, 0.05, 0.1):
        world.track(world.asset(), face(ADA, away))
    done = regroup(world.model)
    assert (done.tracks, done.joined) == (5, 1)
    assert {world.key(end) for end in ends} == {keys[0]}
    assert Unknown.objects.get(key=keys[0]).tracks == 5
    read = unknowns.read_key(keys[1])
    assert read is not None
    assert read.key == keys[0]
    assert KeyRecord.objects.get().became == read


def test_a_new_track_has_to_be_nearer_to_the_mean_of_many_than_to_one(world: World) -> None:
    one, off = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(ADA, 0.4))
    assert world.key(one) == world.key(off)
    many = [world.track(world.asset(), face(GRACE)) for _ in range(5)]
    off = world.track(world.asset(), face(GRACE, 0.4))
    assert {world.key(track) for track in many} == {world.key(many[0])}
    assert world.key(off) != world.key(many[0])


def test_a_second_pass_changes_nothing(world: World) -> None:
    for who in (ADA, GRACE):
        for away in (0.33, 0.3, 0.1, 0.0, 0.35):
            world.track(world.asset(), face(who, away, towards=who))
    regroup(world.model)
    before = world.answers()
    again = regroup(world.model)
    assert (again.moved, again.joined) == (0, 0)
    assert world.answers() == before


def test_what_people_have_seen_under_one_key_stays_under_it(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    strays = world.track(world.asset(), face(ADA, 0.45))
    assert world.key(first) == world.key(strays)
    unknowns.mark_shown([Unknown.objects.get().pk])
    for other in range(3):
        world.track(world.asset(), face(ADA, 0.45, towards=5 + other))
    regroup(world.model)
    assert world.key(first) == world.key(strays)


def test_two_in_one_picture_are_never_joined(world: World) -> None:
    news = world.asset()
    one = world.track(news, face(ADA), start_ms=0)
    other = world.track(news, face(ADA, 0.1), start_ms=0, box=(600, 100, 80, 100))
    regroup(world.model)
    assert world.key(one) != world.key(other)


def test_what_a_human_split_stays_apart(world: World) -> None:
    stays, goes = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(ADA, 0.1))
    world.say("split", tracks=[goes])
    keys = world.key(stays), world.key(goes)
    later = [world.track(world.asset(), face(ADA, away)) for away in (0.05, 0.02)]
    regroup(world.model)
    assert (world.key(stays), world.key(goes)) == keys
    assert {world.key(track) for track in later} <= set(keys)


def test_whom_a_human_rejected_is_not_grouped_with_those_confirmed(world: World) -> None:
    yes = world.track(world.asset(), face(ADA))
    ada = world.say("is", tracks=[yes], name="Ada").person
    assert ada is not None
    no = world.track(world.asset(), face(ADA, 0.47))
    world.say("is_not", tracks=[no], person=ada.pk)
    between = [world.track(world.asset(), face(ADA, away)) for away in (0.2, 0.25)]
    regroup(world.model)
    assert world.key(no) != world.key(yes)
    assert {world.key(track) for track in between} <= {world.key(no), world.key(yes)}


def test_two_whom_humans_named_differently_are_never_joined(world: World) -> None:
    ada, twin = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(ADA, 0.52))
    world.say("is", tracks=[ada], name="Ada")
    world.say("is", tracks=[twin], name="Augusta")
    assert world.key(ada) != world.key(twin)
    between = [world.track(world.asset(), face(ADA, away)) for away in (0.24, 0.26, 0.28)]
    regroup(world.model)
    assert world.key(ada) != world.key(twin)
    assert {world.key(track) for track in between} <= {world.key(ada), world.key(twin)}


def test_what_humans_say_during_a_pass_holds_as_well(world: World) -> None:
    ends = [world.track(world.asset(), face(ADA, 0.33, towards=axis)) for axis in (0, 1)]
    for away in (0.0, 0.05, 0.1):
        world.track(world.asset(), face(ADA, away))

    def decide(done: float) -> None:
        if done == 0.6 and not Decision.objects.exists():  # it is known who belongs together
            for end, name in zip(ends, ("Ada", "Augusta"), strict=True):
                world.say("is", tracks=[end], name=name)

    keys = [world.key(end) for end in ends]
    assert regroup(world.model, decide).moved == 0
    assert [world.key(end) for end in ends] == keys


def test_a_pass_that_was_broken_off_goes_on_with_the_tracks_it_began_with(
    world: World, tmp_path: Path
) -> None:
    ends = [world.track(world.asset(), face(ADA, 0.33, towards=axis)) for axis in (0, 1)]
    for away in (0.0, 0.05, 0.1):
        world.track(world.asset(), face(ADA, away))
    kept = Folder(tmp_path / "grouping")

    def stop(done: float) -> None:
        if done >= 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        regroup(world.model, stop, kept)
    found = set(kept)
    assert world.key(ends[0]) != world.key(ends[1])
    later = world.track(world.asset(), face(GRACE))
    done = regroup(world.model, kept=(again := _Watched(kept)))
    assert (done.tracks, done.joined) == (5, 1)
    assert found
    assert not found & set(again.written)
    assert list(kept) == []
    assert world.key(ends[0]) == world.key(ends[1]) != world.key(later)
    assert regroup(world.model, kept=kept).tracks == 6


class _Watched(UserDict[str, Any]):
    """What is kept, and what was written to it."""

    def __init__(self, kept: Kept) -> None:
        self.data = kept  # type: ignore[assignment]
        self.written: list[str] = []

    def __setitem__(self, name: str, found: Any) -> None:
        self.written.append(name)
        self.data[name] = found


def test_only_one_pass_runs_at_a_time(world: World) -> None:
    elsewhere = connections["default"].copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock._PASS_LOCK])
        with pytest.raises(queries.AlreadyRunning, match="another pass is running"):
            regroup(world.model)
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock._PASS_LOCK])
        assert regroup(world.model).tracks == 0
    finally:
        elsewhere.close()


def test_an_unknown_of_two_people_is_proposed_to_be_split(world: World) -> None:
    mixed = [world.track(world.asset(), face(who, away)) for who in (ADA, GRACE) for away in (0.0, 0.1, 0.2)]
    world.say("merge", unknowns=[world.key(mixed[0]), world.key(mixed[3])])
    unknown = Unknown.objects.get(key=world.key(mixed[0]))
    assert sorted(proposed_parts(unknown.pk, world.model)) == [mixed[:3], mixed[3:]]
    alone = Unknown.objects.get(key=world.key(world.track(world.asset(), face(5))))
    assert proposed_parts(alone.pk, world.model) == []


def test_names_stay_what_they_are(world: World) -> None:
    tracks = [world.track(world.asset(), face(ADA, away, towards=1)) for away in (0.33, 0.0, 0.3)]
    world.say("is", tracks=tracks[:1], name="Ada")
    before = [(world.band(track), world.person(track)) for track in tracks]
    regroup(world.model)
    assert [(world.band(track), world.person(track)) for track in tracks] == before
