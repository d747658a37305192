"""Thresholds, fitted and applied on an administrator's word."""

import numpy as np
import pytest

from faces import calibration
from faces.identity.calibrating import Evidence, expected_false_names, fit
from faces.identity.model import calibrations, current_model
from faces.models import AppliedCalibration, Band
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
    smallest, *_, largest = calibrations()
    world = World(model=current_model())
    ada = world.track(world.asset(), face(1))
    world.say("is", tracks=[ada], name="Ada")
    near = world.track(world.asset(), face(1, 0.44))
    assert world.band(near) == Band.AUTO
    assert calibration.effect(largest).total() == 1
    assert (world.band(near), current_model().calibration.auto) == (Band.AUTO, smallest.auto)

    option = next(option for option in calibration.options() if option.thresholds == largest)
    assert len(list(calibration.apply(option, by=world.user))) == 1
    assert (world.band(near), current_model().calibration.auto) == (Band.SUGGESTED, largest.auto)
    assert [found.in_force for found in calibration.options()][-1]

    back = next(option for option in calibration.options() if option.thresholds == smallest)
    list(calibration.apply(back, by=world.user))
    assert world.band(near) == Band.AUTO
    assert AppliedCalibration.objects.count() == 2
