"""Another embedding model, made from the crops of real videos: foretold, put in force, taken back; no video opened."""

from __future__ import annotations

from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from numpy.typing import NDArray

from faces import calibration, enrolment, networks, photo_search, reembedding, scanning
from faces.host import host
from faces.identity import decisions, saying
from faces.identity.model import ModelSwitched, current_model, deciding, measure_in_force
from faces.models import (
    AppliedCalibration,
    Band,
    Exemplar,
    Faceprint,
    Person,
    Photo,
    Point,
    Resolution,
    Track,
    Unknown,
    UnknownCentroid,
)
from faces.vision import Image, PhotoFace, faces_in_photo
from faces.vision.networks import ManifestError
from mam.assets.models import Asset
from tests import material, second_network
from tests.identity import recomputation
from tests.library import ScannedLibrary

FIRST, SECOND = "dlib-resnet-v1", second_network.NAME

_read: dict[int, tuple[Any, float]] = {}
"""What the second network made of the crops of the sample library, whose rows have the same keys in every test."""


@pytest.fixture
def library(scanned_library: ScannedLibrary, known: None) -> ScannedLibrary:
    """One person enrolled, one named and refused once; the originals of all videos are gone."""
    obama = enrolment.person_called("Barack Obama")
    enrolment.enrol_photo(obama, material.portrait_path("obama").read_bytes())
    hopper = scanned_library.tracks_alone("grace_hopper")
    say(verdict="is", tracks=hopper[:1], name="Grace Hopper")
    grace = Person.objects.get(name="Grace Hopper")
    say(verdict="is_not", tracks=hopper[-1:], person=grace.pk)
    Asset.objects.update(file="gone.mp4")
    return scanned_library


@pytest.fixture
def embedded(library: ScannedLibrary) -> ScannedLibrary:
    """The second network has read all crops."""
    if not _read:
        reembedding.embed(SECOND)
        remember()
    Faceprint.objects.bulk_create(
        (
            Faceprint(model=SECOND, track_id=track, vector=vector, quality=quality)
            for track, (vector, quality) in _read.items()
        ),
        ignore_conflicts=True,
    )
    reembedding.embed(SECOND)
    return library


def remember() -> None:
    made = Faceprint.objects.filter(model=SECOND, track__isnull=False)
    _read.update({track: (v, q) for track, v, q in made.values_list("track_id", "vector", "quality")})


def say(**what: Any) -> None:
    with deciding() as model:
        decisions.decide(saying.Said(**what), by=None, model=model)


def switch(model: str) -> calibration.Effect:
    reembedding.embed(model)
    return reembedding.apply(model, by=None)


def answers() -> list[Any]:
    """Every answer with its key, as stored and as exported."""
    return [
        list(Resolution.objects.order_by("track_id").values_list()),
        list(Unknown.objects.order_by("pk").values_list()),
        list(Person.objects.order_by("pk").values_list()),
        recomputation.exported(current_model()),
    ]


def keys() -> list[tuple[int, str, int]]:
    return list(Resolution.objects.order_by("track_id").values_list("track_id", "unknown__key", "home_id"))


def is_sound() -> None:
    """What is stored is what a recomputation from nothing gives."""
    manage("faces_resolve", "--verify")
    recomputation.holds(current_model())


def manage(*command: str) -> list[str]:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().splitlines()


def vector_of(print_: Faceprint) -> NDArray[np.float32]:
    return np.asarray(print_.vector, np.float32)


def test_every_face_is_read_again_from_its_crops_and_no_video_is_opened(library: ScannedLibrary) -> None:
    before = answers()
    with pytest.raises(OSError, match=r"gone\.mp4"), host().open(library.videos[0].asset):
        pass
    faces = Track.objects.count() + Photo.objects.count()
    told: list[int] = []
    assert reembedding.embed(SECOND, told.append) == sum(told) == faces
    remember()
    assert not reembedding.faceless(SECOND)
    assert reembedding.embed(SECOND) == 0
    assert (measure_in_force().model, answers()) == (FIRST, before)
    for first in Faceprint.objects.filter(model=FIRST):
        second = Faceprint.objects.get(model=SECOND, track=first.track_id, photo=first.photo_id)
        assert second.quality == first.quality
        # crops are kept as WebP, which a faceprint feels by a fortieth of the radius
        assert np.linalg.norm(vector_of(first) @ second_network.turn() - vector_of(second)) < 0.05


def test_who_was_killed_goes_on_with_what_is_left(
    library: ScannedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reembedding, "_AT_ONCE", 3)
    Track.objects.filter(pk__in=Track.objects.order_by("pk")[6:]).delete()
    left = Track.objects.count() + Photo.objects.count()

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reembedding.embed(SECOND, killed)
    assert Faceprint.objects.filter(model=SECOND).count() == 3
    assert reembedding.waiting(SECOND) == left - 3
    assert reembedding.embed(SECOND) == left - 3


def test_what_would_change_is_told_first_and_then_happens(embedded: ScannedLibrary) -> None:
    before, keys_before = answers(), keys()
    confirmed = list(Resolution.objects.filter(band=Band.CONFIRMED).values_list("track_id", "person_id"))
    foretold = reembedding.effect(SECOND)
    assert (measure_in_force().model, answers()) == (FIRST, before)
    assert foretold.tracks

    assert reembedding.apply(SECOND, by=None) == foretold
    assert measure_in_force().model == current_model().name == networks.loaded().embedder.name == SECOND
    assert current_model().calibration.auto == second_network.AUTO
    assert keys() == keys_before
    assert set(Resolution.objects.values_list("model", flat=True)) == {SECOND}
    assert confirmed == list(
        Resolution.objects.filter(band=Band.CONFIRMED).values_list("track_id", "person_id")
    )
    for derived in (Point, Exemplar, UnknownCentroid):
        assert set(derived._default_manager.values_list("model", flat=True)) == {SECOND}
    is_sound()
    with pytest.raises(calibration.InForce):
        reembedding.apply(SECOND, by=None)
    assert {option.measure.model for option in calibration.overview().options} == {SECOND}


def test_going_there_and_back_leaves_everything_as_it_was(embedded: ScannedLibrary) -> None:
    before, derived, now = answers(), recomputation.stored(), measure_in_force()
    there, back = switch(SECOND), switch(FIRST)
    assert back.bands == {(after, was): count for (was, after), count in there.bands.items()}
    assert (measure_in_force(), answers(), recomputation.stored()) == (now, before, derived)
    assert [row.model for row in AppliedCalibration.objects.order_by("pk")] == [FIRST, SECOND, FIRST]
    is_sound()


def test_what_is_said_and_enrolled_under_one_model_holds_under_the_other(embedded: ScannedLibrary) -> None:
    switch(SECOND)
    collins = embedded.tracks_alone("eileen_collins")
    say(verdict="is", tracks=collins[:1], name="Eileen Collins")
    is_sound()
    photo = enrolment.enrol_photo(
        enrolment.person_called("Joe Biden"), material.portrait_path("biden").read_bytes()
    )
    assert [row.model for row in photo.faceprints.all()] == [SECOND]
    is_sound()
    portrait = material.portrait_path("obama3").read_bytes()
    (seen,) = enrolment.identify(portrait)
    assert seen.verdict.person == Person.objects.get(name="Barack Obama").pk
    (like,) = photo_search.search(portrait, Asset.objects.all())
    assert {one.track for one in like.moments} & set(embedded.tracks_alone("barack_obama"))
    switch(FIRST)
    assert {row.model for row in photo.faceprints.all()} == {FIRST, SECOND}
    assert Resolution.objects.get(track=collins[0]).band == Band.CONFIRMED
    is_sound()


def test_a_switch_that_breaks_off_changes_nothing(embedded: ScannedLibrary) -> None:
    before, derived = answers(), recomputation.stored()

    def killed(done: int) -> None:
        assert measure_in_force().model == SECOND
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reembedding.apply(SECOND, by=None, progress=killed)
    assert (measure_in_force().model, answers(), recomputation.stored()) == (FIRST, before, derived)


def test_what_arrives_before_the_switch_gets_its_faceprint_within(embedded: ScannedLibrary) -> None:
    late = Faceprint.objects.filter(model=SECOND, track__in=embedded.tracks_alone("joe_biden"))
    assert late.delete()[0]
    reembedding.apply(SECOND, by=None)
    assert not reembedding.faceless(SECOND)
    is_sound()


def test_missing_crops_are_counted_and_nobody_switches_unawares(embedded: ScannedLibrary) -> None:
    said = embedded.tracks_alone("grace_hopper")[0]
    nobody = Resolution.objects.exclude(band=Band.CONFIRMED).earliest("track_id").track_id
    Faceprint.objects.filter(model=SECOND, track__in=[said, nobody]).delete()
    Track.objects.filter(pk__in=[said, nobody]).update(pack="gone.faces")
    before = answers()
    assert manage("faces_reembed", "--to", SECOND)[1] == (
        "the crops of 2 tracks and 0 photographs cannot be read: under turned-192 these are whom humans said, else "
        "nobody"
    )
    with pytest.raises(CommandError, match="The crops of 2 tracks and 0 photographs cannot be read"):
        manage("faces_reembed", "--to", SECOND, "--apply")
    assert (measure_in_force().model, answers()) == (FIRST, before)

    manage("faces_reembed", "--to", SECOND, "--apply", "--despite-missing")
    bands = dict(Resolution.objects.filter(track__in=[said, nobody]).values_list("track_id", "band"))
    assert bands == {said: Band.CONFIRMED, nobody: Band.UNKNOWN}
    is_sound()


def test_an_unfinished_scan_whose_crops_are_gone_must_be_cancelled_first(embedded: ScannedLibrary) -> None:
    rescan = scanning.request_scan(embedded.videos[0].asset)
    found = Track.objects.filter(asset=embedded.videos[0].asset)[0]
    found.pk, found.scan, found.pack = None, rescan, "gone.faces"
    found.save()
    with pytest.raises(reembedding.CropsMissing, match="unfinished scans"):
        reembedding.apply(SECOND, by=None, despite_missing=True)
    assert scanning.cancel(rescan)
    reembedding.apply(SECOND, by=None)


def test_a_photograph_that_the_old_model_read_is_not_stored_as_the_new_ones(
    embedded: ScannedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = Photo.objects.count()

    def met(image: Image, reading: Any) -> list[PhotoFace]:
        found = faces_in_photo(image, reading)
        switch(SECOND)
        return found

    monkeypatch.setattr("faces.enrolment.faces_in_photo", met)
    biden = enrolment.person_called("Joe Biden")
    with pytest.raises(ModelSwitched, match="try again"):
        enrolment.enrol_photo(biden, material.portrait_path("biden").read_bytes())
    assert Photo.objects.count() == photos


def test_the_command_says_what_it_does_and_what_to_do(embedded: ScannedLibrary) -> None:
    for model, refusal in (
        (FIRST, "is in force already"),
        ("nobody-v1", f"no embedder nobody-v1, but {SECOND}"),
    ):
        with pytest.raises(CommandError, match=refusal):
            manage("faces_reembed", "--to", model)
    assert manage("faces_fetch_weights", SECOND)[1] == f"embedder: {SECOND}"
    with pytest.raises(CommandError, match=f"the manifest knows no nobody-v1, but .*{SECOND}"):
        manage("faces_fetch_weights", "nobody-v1")
    told = manage("faces_reembed", "--to", SECOND)
    faces = Track.objects.count() + Photo.objects.count()
    assert told[0] == f"{faces} faceprints of {SECOND} are there, 0 of them made now"
    assert told[-1].endswith(f"answers would change; add --apply to put {SECOND} in force")
    applied = manage("faces_reembed", "--to", SECOND, "--apply")
    assert applied[1:-1] == told[1:-1]
    assert f"{SECOND} is in force. --to {FIRST} --apply goes back" in applied[-1]
    with pytest.raises(CommandError, match="Nothing was deleted"):
        manage("faces_reembed", "--discard", SECOND)
    manage("faces_reembed", "--to", FIRST, "--apply")
    [deleted] = manage("faces_reembed", "--discard", SECOND)
    assert deleted == f"{faces} faceprints of {SECOND} were deleted; the crops stay"
    assert not Faceprint.objects.filter(model=SECOND).exists()
    is_sound()


def test_a_library_whose_model_is_no_longer_in_the_manifest_says_so(db: None) -> None:
    with deciding():
        pass
    AppliedCalibration.objects.filter(model=FIRST).update(model="gone-v1")
    [found] = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert found.id == "faces.E004"
    with pytest.raises(
        ManifestError, match=r"no embedder gone-v1\. Nothing was changed; put its passport back"
    ):
        current_model()
