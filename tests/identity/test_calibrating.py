"""Thresholds, fitted and applied on an administrator's word."""

from unittest.mock import patch

import numpy as np
import pytest

from faces import calibration
from faces.identity.calibrating import Evidence, expected_false_names, fit, lacking
from faces.identity.model import current_model, measures
from faces.models import AppliedCalibration, Band
from tests.identity import recomputation
from tests.identity.world import World, face

RANDOM = np.random.default_rng(1)
EVIDENCE = Evidence(genuine=RANDOM.normal(0.42, 0.05, 2000), others=RANDOM.normal(0.8, 0.07, 200_000))


def test_more_people_make_the_radii_smaller() -> None:
    radii = [fit(EVIDENCE, people).auto for people in (10, 100, 1_000, 10_000)]
    assert radii == sorted(radii, reverse=True)
    assert len(set(radii)) == 4


def test_at_the_fitted_radius_one_of_a_hundred_strangers_is_named() -> None:
    fitted = fit(EVIDENCE, 100)
    assert expected_false_names(EVIDENCE, 100, fitted.auto) == pytest.approx(0.01, rel=0.2)
    assert fitted.auto < fitted.suggested


def test_beyond_what_was_counted_the_radius_follows_the_tail() -> None:
    few = Evidence(EVIDENCE.genuine, EVIDENCE.others[:20_000])
    assert fit(few, 1_000).auto == pytest.approx(fit(EVIDENCE, 1_000).auto, abs=0.03)


def test_confidence_is_a_half_between_the_right_person_and_the_nearest_stranger() -> None:
    fitted = fit(EVIDENCE, 100)
    nearest_stranger = float(np.quantile(EVIDENCE.others, 1 / 100))
    assert 0.45 < fitted.midpoint < nearest_stranger
    assert fitted.slope > 0


def test_with_too_little_evidence_it_says_so() -> None:
    with pytest.raises(ValueError, match="too little"):
        fit(Evidence(EVIDENCE.genuine[:10], EVIDENCE.others), 100)


def test_nothing_changes_before_an_administrator_applies_it(db: None) -> None:
    smallest, *_, largest = measures()
    world = World(model=current_model())
    ada = world.track(world.asset(), face(1))
    world.say("is", tracks=[ada], name="Ada")
    near = world.track(world.asset(), face(1, 0.44))
    assert world.band(near) == Band.AUTO
    foretold = calibration.effect(largest)
    assert (foretold.tracks, foretold.people) == (1, 1)
    assert (world.band(near), current_model().calibration.auto) == (Band.AUTO, smallest.thresholds.auto)

    offered = calibration.overview()
    option = next(option for option in offered.options if option.measure == largest)
    applied, effect = calibration.apply(option, by=world.user)
    assert effect == foretold
    assert applied.by == world.user
    assert (world.band(near), current_model().calibration.auto) == (Band.SUGGESTED, largest.thresholds.auto)
    assert [found.in_force for found in calibration.overview().options][-1]
    with pytest.raises(calibration.InForce):
        calibration.apply(option, by=world.user)

    back = next(option for option in offered.options if option.measure == smallest)
    assert calibration.apply(back, by=world.user)[1].bands == {(Band.SUGGESTED, Band.AUTO): 1}
    assert world.band(near) == Band.AUTO
    assert AppliedCalibration.objects.count() == 2
    recomputation.holds(current_model())


def test_a_switch_that_breaks_off_changes_nothing(db: None) -> None:
    world = World(model=current_model())
    world.say("is", tracks=[world.track(world.asset(), face(1))], name="Ada")
    near = world.track(world.asset(), face(1, 0.44))
    option = next(one for one in calibration.overview().options if one.measure == measures()[-1])

    def killed(done: int) -> None:
        assert world.band(near) == Band.SUGGESTED
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibration.apply(option, by=world.user, progress=killed)
    assert world.band(near) == Band.AUTO
    assert not AppliedCalibration.objects.exists()


def test_the_library_has_thresholds_of_its_own_where_enough_is_confirmed(db: None) -> None:
    world = World(model=current_model())
    assert not calibration.overview().evidence.enough
    assert "too little to judge by" in lacking(calibration.overview().evidence)
    asset = world.asset()
    for who in range(15):
        tracks = [world.track(asset, face(who, 0.3, towards)) for towards in range(3)]
        world.say("is", tracks=tracks, name=f"Person {who}")
    with (
        patch("faces.identity.calibrating.MIN_GENUINE", 20),
        patch("faces.identity.calibrating.MIN_OTHERS", 200),
    ):
        found = calibration.overview()
        assert (len(found.evidence.genuine), len(found.evidence.others)) == (45, 15 * 14)
        (own,) = (option for option in found.options if option.source == "library")
        assert all(option.false_names is not None for option in found.options)
        calibration.apply(own, by=None)
    (kept,) = (option for option in calibration.overview().options if option.source == "library")
    assert (kept.thresholds, kept.in_force, kept.former) == (own.thresholds, True, True)
