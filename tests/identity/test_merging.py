"""Merging, splitting, renaming and choosing exemplars, each with its exact inverse."""

import pytest

from faces.identity import decisions, people, saying, unknowns
from faces.models import Band, Exemplar, KeyRecord, Person, Point, Resolution, Track, Unknown
from tests.identity.world import World, face

ADA, GRACE, ALAN = 1, 2, 3


def named(world: World, who: int, name: str) -> tuple[int, int]:
    """(track, person): somebody seen and named in a video of their own."""
    track = world.track(world.asset(), face(who))
    person = world.say("is", tracks=[track], name=name).person
    assert person is not None
    return track, person.pk


def test_merged_people_are_one_under_the_name_chosen(world: World) -> None:
    first, ada = named(world, ADA, "Ada")
    second, countess = named(world, GRACE, "Countess of Lovelace")
    before = world.answers()
    merged = world.say("merge", people=[ada, countess], person=ada)
    assert (world.person(first), world.person(second)) == ("Ada", "Ada")
    assert Person.objects.get(pk=ada).tracks == 2
    assert merged.tracks == 1
    assert [person.name for person in people.called("countess of lovelace")] == ["Ada"]
    world.undo(merged)
    assert world.answers() == before
    assert Person.objects.get(pk=countess).name == "Countess of Lovelace"


def test_merges_are_undone_in_any_order(world: World) -> None:
    track, ada = named(world, ADA, "Ada")
    _, grace = named(world, GRACE, "Grace")
    _, alan = named(world, ALAN, "Alan")
    first = world.say("merge", people=[ada, grace], person=grace)
    world.say("merge", people=[grace, alan], person=alan)
    assert world.person(track) == "Alan"
    world.undo(first)
    assert world.person(track) == "Ada"
    assert Person.objects.get(pk=grace).merged_into_id == alan


def test_a_merged_person_s_rejections_hold_for_both(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    _, countess = named(world, GRACE, "Countess")
    near = world.track(world.asset(), face(ADA, 0.2))
    world.say("is_not", tracks=[near], person=countess)
    world.say("merge", people=[ada, countess], person=ada)
    assert world.person(near) is None


def test_merged_unknowns_share_the_older_key_and_the_newer_is_read_as_it(world: World) -> None:
    older, newer = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(GRACE))
    keys = [world.key(older), world.key(newer)]
    merged = world.say("merge", unknowns=list(reversed(keys)))
    assert world.key(newer) == keys[0]
    assert Unknown.objects.get(key=keys[0]).tracks == 2
    assert merged.tracks == 1
    found = unknowns.read_key(keys[1])
    assert found is not None
    assert found.key == keys[0]
    world.undo(merged)
    assert [world.key(older), world.key(newer)] == keys
    assert [record.became and record.became.key for record in KeyRecord.objects.order_by("pk")] == [
        keys[0],
        None,
    ]


def test_a_later_scan_of_a_merged_unknown_joins_it(world: World) -> None:
    older, newer = world.track(world.asset(), face(ADA)), world.track(world.asset(), face(GRACE))
    world.say("merge", unknowns=[world.key(older), world.key(newer)])
    assert world.key(world.track(world.asset(), face(ADA, 0.1))) == world.key(older)


def test_tracks_split_from_an_unknown_make_one_of_their_own(world: World) -> None:
    news = world.asset()
    stays, goes = world.track(news, face(ADA)), world.track(news, face(ADA, 0.3))
    key = world.key(stays)
    assert world.key(goes) == key
    split = world.say("split", tracks=[goes])
    assert world.key(stays) == key
    assert world.key(goes) != key
    new = world.key(goes)
    world.undo(split)
    assert world.key(goes) == key
    assert unknowns.read_key(new) == Unknown.objects.get(key=key)


def test_all_tracks_of_an_unknown_cannot_be_split_from_it(world: World) -> None:
    only = world.track(world.asset(), face(ADA))
    with pytest.raises(saying.Unsayable):
        world.say("split", tracks=[only])


def test_tracks_split_from_a_person_are_not_that_person_any_more(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    near = world.track(world.asset(), face(ADA, 0.2))
    assert world.band(near) == Band.AUTO
    world.say("split", tracks=[near])
    assert world.person(near) is None
    third = world.track(world.asset(), face(GRACE))
    split = world.say("split", tracks=[near], name="Augusta")
    assert world.person(near) == "Augusta"
    assert world.person(third) is None
    world.undo(split)
    assert world.person(near) is None
    assert Person.objects.get(pk=ada).tracks == 1


def test_a_split_rescan_is_still_split(world: World) -> None:
    news = world.asset()
    stays, goes = world.track(news, face(ADA), start_ms=0), world.track(news, face(ADA, 0.3), start_ms=3000)
    world.say("split", tracks=[goes])
    keys = world.key(stays), world.key(goes)
    rescan = world.rescan(news)
    again = [
        world.track(news, face(ADA), start_ms=0, scan=rescan),
        world.track(news, face(ADA, 0.3), start_ms=3000, scan=rescan),
    ]
    world.finish(rescan)
    assert (world.key(again[0]), world.key(again[1])) == keys


def test_a_new_name_is_a_decision_and_undo_brings_the_old_one_back(world: World) -> None:
    track, ada = named(world, ADA, "Ada")
    first = world.say("rename", person=ada, name="Ada Byron")
    second = world.say("rename", person=ada, name="Ada Lovelace")
    world.undo(first)
    assert world.person(track) == "Ada Lovelace"
    world.undo(second)
    assert world.person(track) == "Ada"


def test_a_name_that_somebody_has_is_not_given_twice_unawares(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    named(world, GRACE, "Grace")
    with pytest.raises(people.NameTaken):
        world.say("rename", person=ada, name="Grace")
    assert world.say("rename", person=ada, name="Grace", same_name=True).person is not None


def test_the_cover_that_a_human_chose_stays_until_undone(world: World) -> None:
    first, ada = named(world, ADA, "Ada")
    second = world.track(world.asset(), face(ADA, 0.2))
    chosen = world.say("set_cover", person=ada, tracks=[second])
    assert Person.objects.get(pk=ada).cover_id == second
    world.undo(chosen)
    assert Person.objects.get(pk=ada).cover_id == first


def test_a_removed_exemplar_no_longer_speaks_for_the_person_but_keeps_the_name(world: World) -> None:
    first, ada = named(world, ADA, "Ada")
    odd = world.track(world.asset(), face(GRACE))
    world.say("is", tracks=[odd], person=ada)
    look_alike = world.track(world.asset(), face(GRACE, 0.1))
    removed = world.say("remove_exemplar", person=ada, tracks=[odd])
    assert (world.band(odd), world.band(first)) == (Band.CONFIRMED, Band.CONFIRMED)
    assert world.person(look_alike) is None
    assert Exemplar.objects.filter(person=ada, refused=False).count() == 1
    world.undo(removed)
    assert Exemplar.objects.filter(person=ada, refused=False).count() == 2


def test_an_enrolled_photograph_can_be_taken_back(world: World) -> None:
    track = world.track(world.asset(), face(ADA))
    ada = people.create("Ada")
    enrolled = world.enrol(ada.pk, face(ADA, 0.1))
    assert world.band(track) == Band.AUTO
    world.undo(enrolled)
    assert world.band(track) == Band.UNKNOWN
    assert not Point.objects.exists()


def test_later_tracks_of_an_ignored_stranger_are_ignored(world: World) -> None:
    first = world.track(world.asset(), face(ADA))
    ignored = world.say("ignore", unknown=world.key(first))
    assert ignored.person is None
    later = world.track(world.asset(), face(ADA, 0.2))
    assert world.band(later) == Band.IGNORED
    world.undo(ignored)
    assert (world.band(first), world.band(later)) == (Band.UNKNOWN, Band.UNKNOWN)


def test_two_in_one_picture_are_two_people_unless_a_human_says_otherwise(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    news = world.asset()
    near = world.track(news, face(ADA, 0.1), start_ms=0)
    mirror = world.track(news, face(ADA, 0.3), start_ms=0, box=(600, 100, 80, 100))
    assert (world.person(near), world.person(mirror)) == ("Ada", None)
    assert Resolution.objects.get(track=mirror).yielded_id == ada
    assert world.key(near) != world.key(mirror)
    said = world.say("is", tracks=[mirror], person=ada)
    assert (world.band(mirror), world.band(near)) == (Band.CONFIRMED, Band.UNKNOWN)
    world.say("is", tracks=[near], person=ada)
    assert (world.person(near), world.person(mirror)) == ("Ada", "Ada")
    world.undo(said)
    assert (world.person(near), world.person(mirror)) == ("Ada", None)


def test_a_person_given_leeway_is_named_from_farther_away(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    unsure = world.track(world.asset(), face(ADA, 0.55))
    assert world.band(unsure) == Band.SUGGESTED
    decisions.give_leeway(Person.objects.get(pk=ada), 0.05, model=world.model)
    assert world.band(unsure) == Band.AUTO
    decisions.give_leeway(Person.objects.get(pk=ada), -0.05, model=world.model)
    assert world.band(unsure) == Band.UNKNOWN


def test_a_preview_of_a_merge_foretells_its_effect(world: World) -> None:
    _, ada = named(world, ADA, "Ada")
    _, grace = named(world, GRACE, "Grace")
    before = world.answers()
    said = saying.Said(verdict="merge", people=[ada, grace], person=ada)
    foretold = decisions.preview(said, by=world.user, model=world.model)
    assert world.answers() == before
    assert foretold.decision.changed == world.say("merge", people=[ada, grace], person=ada).decision.changed


def test_a_new_track_where_a_split_points_joins_what_was_split_off(world: World) -> None:
    asset = world.asset()
    first = world.track(asset, face(1))
    start = Track.objects.get(pk=first).start_ms
    beside = world.track(asset, face(1, 0.47), start_ms=start, box=(600, 100, 80, 100))
    world.say("is", tracks=[first, beside], name="Alan")
    world.say("split", tracks=[first, beside])
    again = world.track(asset, face(1, 0.54), start_ms=start, box=(600, 100, 80, 100))
    assert world.key(again) == world.key(beside)
    assert unknowns.settle([first, beside, again]) == unknowns.Moved(set(), set())
