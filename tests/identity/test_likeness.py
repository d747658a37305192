"""What is like a face, against every pair looked at one by one; and who is like somebody."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faces.identity import likeness, people, queries
from faces.identity.gallery import Faces, distances
from faces.identity.resolve import Calibration
from faces.models import Faceprint
from tests.identity.world import World, face

ADA, GRACE, MARY = 1, 2, 3


def like(world: World, *vectors: np.ndarray) -> list[list[tuple[int, float]]]:
    found = likeness.tracks_like(likeness.faces_of(vectors, world.model), world.model)
    return [list(zip(near.tracks.tolist(), near.distances.tolist(), strict=True)) for near in found]


def test_it_finds_every_track_within_the_outer_radius_nearest_first(world: World) -> None:
    far = world.model.calibration.suggested
    asset = world.asset()
    tracks = {world.track(asset, face(ADA, away)): away for away in (0.3, 0.0, 0.1, far - 0.01, far + 0.01)}
    world.track(asset, face(GRACE))
    (found,) = like(world, face(ADA))
    assert [track for track, _ in found] == sorted(
        (track for track, away in tracks.items() if away < far), key=lambda track: tracks[track]
    )
    assert [distance for _, distance in found] == pytest.approx([0.0, 0.1, 0.3, far - 0.01], abs=1e-3)


def test_faces_looked_for_together_are_answered_each_for_itself(world: World) -> None:
    asset = world.asset()
    for who in (ADA, GRACE, ADA):
        world.track(asset, face(who, 0.1))
    vectors = [face(GRACE), face(MARY), face(ADA, 0.2)]
    assert like(world, *vectors) == [like(world, vector)[0] for vector in vectors]
    assert [len(found) for found in like(world, *vectors)] == [1, 0, 2]
    assert likeness.tracks_like(likeness.faces_of([], world.model), world.model) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0.2, 1.5))
def test_relieved_of_crowding_no_track_is_passed_over(
    world: World, seed: int, crowding: float, radius: float
) -> None:
    """Faceprints and crowding at random: the pass over the table finds what every pair by itself does."""
    random = np.random.default_rng(seed)
    Faceprint.objects.all().delete()
    asset = world.asset()
    for _ in range(6):
        world.track(asset, random.normal(0, 0.06, 128).astype(np.float32))
    for print_ in Faceprint.objects.all():
        Faceprint.objects.filter(pk=print_.pk).update(crowding=random.normal(0, 0.1))
    calibration = Calibration(world.model.name, radius / 2, radius, 0.5, 10, crowding=crowding)
    asked = Faces(
        random.normal(0, 0.06, (3, 128)).astype(np.float16), random.normal(0, 0.1, 3).astype(np.float32)
    )
    rows, tracks, _ = queries.faces_near(asked, calibration)
    ids, stored = queries.faces_of_tracks(
        list(Faceprint.objects.values_list("track_id", flat=True)), world.model.name, world.model.dim
    )
    pairs = {
        (one, track)
        for one in range(3)
        for column, track in enumerate(ids.tolist())
        if distances(asked, np.array([one]), stored, np.array([column]), calibration.crowding)[0] <= radius
    }
    assert pairs <= set(zip(rows.tolist(), tracks.tolist(), strict=True))


def test_people_whose_faces_are_like_are_similar_nearest_first(world: World) -> None:
    ada, byron, augusta, grace = (people.create(name) for name in ("Ada", "Byron", "Augusta", "Grace"))
    for person, vector in (
        (ada, face(ADA)),
        (byron, face(ADA, 0.3)),
        (augusta, face(ADA, 0.1)),
        (grace, face(GRACE)),
    ):
        world.enrol(person.pk, vector)
    found = likeness.people_similar_to(ada.pk, world.model, 10)
    assert [one.person for one in found] == [augusta.pk, byron.pk]
    assert [one.distance for one in found] == pytest.approx([0.1, 0.3], abs=1e-3)
    back = likeness.people_similar_to(byron.pk, world.model, 10)
    assert next(one.distance for one in back if one.person == ada.pk) == pytest.approx(found[1].distance)
    assert likeness.people_similar_to(ada.pk, world.model, 1) == found[:1]
    assert likeness.people_similar_to(people.create("Nobody").pk, world.model, 10) == []


def test_people_of_many_faces_are_no_more_like_everybody_than_those_of_one(world: World) -> None:
    ada, byron = people.create("Ada"), people.create("Byron")
    world.enrol(byron.pk, face(ADA, 0.2))
    for towards in range(8):
        world.enrol(ada.pk, face(ADA, 0.5, towards))
    (found,) = likeness.people_similar_to(ada.pk, world.model, 10)
    assert found.distance > 0.3


@pytest.mark.parametrize("about_the_other", [False, True])
def test_those_whom_a_human_told_apart_are_not_similar(world: World, about_the_other: bool) -> None:
    asset = world.asset()
    tracks = [world.track(asset, face(ADA, away)) for away in (0.0, 0.15)]
    ada = world.say("is", tracks=tracks[:1], name="Ada").person
    assert ada is not None
    byron = world.say("is", tracks=tracks[1:], name="Byron").person
    assert byron is not None
    assert [one.person for one in likeness.people_similar_to(ada.pk, world.model, 9)] == [byron.pk]
    said = (
        world.say("is_not", tracks=tracks[:1], person=byron.pk)
        if about_the_other
        else world.say("is_not", tracks=tracks[1:], person=ada.pk)
    )
    assert likeness.people_similar_to(ada.pk, world.model, 9) == []
    assert likeness.people_similar_to(byron.pk, world.model, 9) == []
    world.undo(said)
    assert [one.person for one in likeness.people_similar_to(ada.pk, world.model, 9)] == [byron.pk]


@pytest.mark.parametrize("together", [True, False])
def test_two_who_were_confirmed_in_one_picture_are_not_one(world: World, together: bool) -> None:
    asset = world.asset()
    one = world.track(asset, face(ADA), start_ms=0)
    other = world.track(asset, face(ADA, 0.15), start_ms=500 if together else 1500, box=(600, 100, 80, 100))
    ada = world.say("is", tracks=[one], name="Ada").person
    assert ada is not None
    world.say("is", tracks=[other], name="Byron")
    found = likeness.people_similar_to(ada.pk, world.model, 9)
    assert len(found) == (0 if together else 1)


def test_who_was_told_to_be_ignored_is_like_nobody(world: World) -> None:
    ada = people.create("Ada")
    world.enrol(ada.pk, face(ADA))
    stranger = world.track(world.asset(), face(GRACE))
    world.say("ignore", tracks=[stranger])
    world.enrol(ada.pk, face(GRACE, 0.2))
    assert likeness.people_similar_to(ada.pk, world.model, 9) == []
    (near,) = likeness.people_like(likeness.faces_of([face(GRACE)], world.model), world.model)
    assert {one.person for one in near} <= {ada.pk}
