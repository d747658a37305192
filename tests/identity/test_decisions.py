"""Naming, rejecting, undoing, and the library that follows."""

import threading

import pytest
from django.db import connection

from faces.identity import decisions, following, people, queries, saying
from faces.identity.effects import Outcome
from faces.models import Band, Decision, Person, Resolution, Unknown
from tests.identity.world import World, face

ADA, GRACE, ALAN = 1, 2, 3


def test_it_names_every_track_of_an_unknown_and_finds_look_alikes_elsewhere(world: World) -> None:
    news, debate = world.asset("News"), world.asset("Debate")
    first = world.track(news, face(ADA))
    near = world.track(debate, face(ADA, 0.47))
    other = world.track(debate, face(GRACE))
    outcome = world.say("is", unknown=world.key(first), name="Ada Lovelace")
    assert world.band(first) == Band.CONFIRMED
    assert (world.band(near), world.person(near)) == (Band.AUTO, "Ada Lovelace")
    assert world.band(other) == Band.UNKNOWN
    assert (outcome.tracks, outcome.appearances, outcome.assets) == (2, 2, 2)


def test_it_suggests_between_the_radii_and_counts_what_waits_for_review(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA))
    unsure = world.track(
        news, face(ADA, (world.model.calibration.auto + world.model.calibration.suggested) / 2)
    )
    outcome = world.say("is", tracks=[first], name="Ada")
    assert world.band(unsure) == Band.SUGGESTED
    assert (outcome.tracks, outcome.to_review) == (1, 1)
    assert Person.objects.get().to_review == 1


def test_a_suggested_track_keeps_its_unknown(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA))
    unsure = world.track(
        news, face(ADA, (world.model.calibration.auto + world.model.calibration.suggested) / 2)
    )
    key = world.key(unsure)
    world.say("is", tracks=[first], name="Ada")
    assert world.key(unsure) == key
    assert Unknown.objects.get(key=key).tracks == 1


def test_a_track_scanned_later_is_named_on_arrival(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    world.say("is", tracks=[first], name="Ada")
    later = world.track(world.asset("Tomorrow"), face(ADA, 0.3))
    assert (world.band(later), world.person(later)) == (Band.AUTO, "Ada")


def test_a_rejection_is_kept_when_more_exemplars_come(world: World) -> None:
    news = world.asset()
    first, second = world.track(news, face(ADA)), world.track(news, face(ADA, 0.47))
    ada = world.say("is", tracks=[first], name="Ada").person
    assert ada is not None
    world.say("is_not", tracks=[second], person=ada.pk)
    assert world.person(second) is None
    third = world.track(news, face(ADA, 0.46))
    world.say("is", tracks=[third], person=ada.pk)
    assert world.person(second) is None


def test_undo_brings_back_exactly_what_was_there(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA))
    world.track(news, face(ADA, 0.3))
    world.track(news, face(GRACE))
    before, unknowns = world.answers(), list(Unknown.objects.order_by("pk").values_list())
    named = world.say("is", unknown=world.key(first), name="Ada")
    world.undo(named)
    assert world.answers() == before
    assert list(Unknown.objects.order_by("pk").values_list()) == unknowns
    assert not Person.objects.filter(retired=False).exists()


def test_undoing_the_undo_is_a_redo(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    named = world.say("is", tracks=[first], name="Ada")
    after = world.answers()
    undone = world.undo(named)
    world.undo(undone)
    assert world.answers() == after
    assert Person.objects.get().retired is False


def test_a_decision_undone_again_after_a_redo_makes_one_chain(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    named = world.say("is", tracks=[first], name="Ada")
    undone = world.undo(named)
    redone = world.undo(undone)
    again = world.undo(named)
    assert again.decision.reverts == redone.decision
    assert world.person(first) is None
    with pytest.raises(saying.AlreadyDecided):
        world.undo(redone)
    world.undo(undone)  # the first undo is in force again: this redoes
    assert world.person(first) == "Ada"


def test_a_decision_is_undone_once(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    named = world.say("is", tracks=[first], name="Ada")
    undone = world.undo(named)
    with pytest.raises(saying.AlreadyDecided) as refused:
        world.undo(named)
    assert refused.value.decision == undone.decision


def test_undo_says_which_later_decisions_stand_in_its_way(world: World) -> None:
    news = world.asset()
    first, second = world.track(news, face(ADA)), world.track(news, face(ADA, 0.2))
    named = world.say("is", tracks=[first, second], name="Ada")
    renamed = world.say("is", tracks=[second], name="Grace")
    with pytest.raises(saying.Conflict) as refused:
        world.undo(named)
    assert refused.value.later == [renamed.decision]
    assert refused.value.free == [first]
    world.undo(named, part=True)
    assert world.person(second) == "Grace"
    assert world.band(first) != Band.CONFIRMED


def test_a_preview_foretells_the_effect_and_changes_nothing(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA))
    world.track(news, face(ADA, 0.3))
    world.track(world.asset(), face(ADA, 0.55))
    said = saying.Said(verdict="is", tracks=[first], name="Ada")
    before = world.answers()
    foretold = decisions.preview(said, by=world.user, model=world.model)
    assert world.answers() == before
    assert not Person.objects.exists()
    assert not Decision.objects.exists()
    done = decisions.decide(said, by=world.user, model=world.model)
    assert [(c.track, c.before, c.after) for c in foretold.changed] == [
        (c.track, c.before, c.after) for c in done.changed
    ]
    assert foretold.decision.changed == done.decision.changed
    assert foretold.to_review == done.to_review
    assert foretold.decision.pk is None


def test_the_second_to_name_an_unknown_learns_of_the_first(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    key = world.key(first)
    won = world.say("is", unknown=key, name="Ada")
    with pytest.raises(saying.AlreadyDecided) as refused:
        world.say("is", unknown=key, name="Grace")
    assert refused.value.decision == won.decision
    assert not Person.objects.filter(name="Grace").exists()


def test_ignored_faces_leave_the_unknowns_and_come_back(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    ignored = world.say("ignore", unknown=world.key(first))
    assert world.band(first) == Band.IGNORED
    assert Unknown.objects.filter(tracks__gt=0).count() == 0
    world.undo(ignored)
    assert world.band(first) == Band.UNKNOWN


def test_a_deleted_person_takes_the_name_along_and_undo_brings_it_back(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    ada = world.say("is", tracks=[first], name="Ada").person
    assert ada is not None
    named = world.answers()
    deleted = world.say("delete_person", person=ada.pk)
    assert world.band(first) == Band.UNKNOWN
    world.undo(deleted)
    assert world.answers() == named


def test_time_on_screen_counts_a_moment_once(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA), start_ms=0, length_ms=2000)
    second = world.track(news, face(ADA, 0.1), start_ms=1000, length_ms=2000)
    ada = world.say("is", tracks=[first, second], name="Ada").person
    assert ada is not None
    assert (ada.tracks, ada.assets, ada.screen_time_ms) == (2, 1, 3000)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", "tab\x07"])
def test_it_refuses_names_that_are_none(world: World, name: str) -> None:
    first = world.track(world.asset(), face(ADA))
    with pytest.raises((people.NameRefused, saying.Unsayable)):
        world.say("is", tracks=[first], name=name)
    assert not Decision.objects.exists()


def test_a_name_finds_its_person_whatever_the_case_and_accents(world: World) -> None:
    first, second = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(GRACE))
    world.say("is", tracks=[first], name="Åse Bjørk")
    world.say("is", tracks=[second], name="åse  bjørk")
    assert Person.objects.count() == 1


def test_a_rescan_keeps_every_decision(world: World) -> None:
    news = world.asset()
    named = world.track(news, face(ADA), start_ms=0)
    rejected = world.track(news, face(ADA, 0.3), start_ms=3000)
    stranger = world.track(news, face(GRACE), start_ms=6000)
    ada = world.say("is", tracks=[named], name="Ada").person
    assert ada is not None
    world.say("is_not", tracks=[rejected], person=ada.pk)
    key = world.key(stranger)

    rescan = world.rescan(news)
    again = world.track(news, face(ADA, 0.01), start_ms=40, box=(104, 98, 80, 100), scan=rescan)
    no = world.track(news, face(ADA, 0.3), start_ms=3040, scan=rescan)
    who = world.track(news, face(GRACE, 0.01), start_ms=6000, scan=rescan)
    world.finish(rescan)

    assert (world.band(again), world.person(again)) == (Band.CONFIRMED, "Ada")
    assert world.person(no) is None
    assert world.key(who) == key
    assert list(following.resolve_all(world.model, write=False)) == []


def test_a_decision_whose_face_a_rescan_does_not_find_waits_for_it(world: World) -> None:
    news = world.asset()
    named = world.track(news, face(ADA), start_ms=0)
    world.say("is", tracks=[named], name="Ada")
    world.finish(world.rescan(news))
    assert Resolution.objects.count() == 0
    rescan = world.rescan(news)
    found = world.track(news, face(ADA, 0.2), start_ms=0, scan=rescan)
    world.finish(rescan)
    assert (world.band(found), world.person(found)) == (Band.CONFIRMED, "Ada")


def test_tracks_of_an_unfinished_rescan_are_not_shown(world: World) -> None:
    news = world.asset()
    first = world.track(news, face(ADA), start_ms=0)
    rescan = world.rescan(news)
    world.track(news, face(ADA, 0.1), start_ms=0, scan=rescan)
    outcome = world.say("is", tracks=[first], name="Ada")
    assert outcome.tracks == 1
    assert Resolution.objects.count() == 1


def test_deleting_an_asset_takes_its_exemplars_and_recounts(world: World) -> None:
    news, debate = world.asset(), world.asset()
    first, near = world.track(news, face(ADA)), world.track(debate, face(ADA, 0.47))
    world.say("is", tracks=[first], name="Ada")
    news.delete()
    assert world.band(near) == Band.UNKNOWN
    ada = Person.objects.get()
    assert (ada.tracks, ada.assets, ada.screen_time_ms) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_wins_and_the_other_learns_of_it() -> None:
    world = World()
    first = world.track(world.asset(), face(ADA))
    key = world.key(first)
    ends: list[object] = []

    def name(as_whom: str) -> None:
        try:
            ends.append(world.say("is", unknown=key, name=as_whom))
        except saying.AlreadyDecided as refused:
            ends.append(refused.decision)
        finally:
            connection.close()

    editors = [threading.Thread(target=name, args=(as_whom,)) for as_whom in ("Ada", "Grace")]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    [won] = [end for end in ends if isinstance(end, Outcome)]
    [lost] = [end for end in ends if isinstance(end, Decision)]
    assert lost == won.decision


def test_the_identity_lock_is_let_go_at_the_end_of_the_transaction(world: World) -> None:
    with queries.identity_write():
        pass
    with queries.identity_write():
        assert Resolution.objects.count() == 0
