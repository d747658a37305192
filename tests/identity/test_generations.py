"""Another crowding function: brought by a manifest, foretold, put in force on an administrator's word, taken back."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from numpy.typing import NDArray

from faces import calibration
from faces.calibration import Option
from faces.identity import model as judged
from faces.identity.crowding import Crowding, digest
from faces.identity.model import current_model, deciding, measure_in_force, measures
from faces.models import (
    AppliedCalibration,
    CrowdingFunction,
    Exemplar,
    Faceprint,
    Person,
    Point,
    Resolution,
    Unknown,
    UnknownCentroid,
)
from tests.api.conftest import client_of
from tests.identity import recomputation
from tests.identity.test_crowding import CROWDING, faceprints
from tests.identity.world import World, face

DERIVED: tuple[type[models.Model], ...] = (
    Faceprint,
    Point,
    UnknownCentroid,
    Exemplar,
    Resolution,
    Person,
    Unknown,
)

FIRST_RELEASED = "1a1a816d963f8615"
"""What models/dlib-resnet-v1.crowding.json says, and says for good: libraries were measured by it."""


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Crowding]:
    """Installs a manifest with another function, under which crowding is as much again, and stricter thresholds."""
    embedding, document = judged._embedder(judged.embedders()[0])
    assert document is not None
    other = {
        **document,
        "version": 2,
        "lowest": 2 * document["lowest"],
        "highest": 2 * document["highest"],
        "bulk": 2 * document["bulk"],
        "weights": [2 * weight for weight in document["weights"]],
    }
    stricter = tuple(replace(found, auto=found.auto - 0.03) for found in embedding.calibrations)

    def install() -> Crowding:
        brought = replace(embedding, calibrations=stricter)
        monkeypatch.setattr(judged, "_embedder", lambda model: (brought, other))
        return Crowding.of_document(other)

    return install


def peopled(chance: np.random.Generator) -> World:
    """A few people of whom some tracks are confirmed, some not, and strangers; all measured by what is in force."""
    with deciding() as model:
        world = World(model=model)

    def measured(vector: NDArray[np.float32]) -> float:
        return float(model.crowding_of(vector.astype(np.float16)[None])[0])

    assets = [world.asset(f"Evening news {day}") for day in range(3)]
    for who, centre in enumerate(faceprints(6, seed=3)):
        looks = centre + chance.normal(0, 0.03, (7, model.dim)).astype(np.float32)
        tracks = [
            world.track(assets[at % 3], look, crowding=measured(look)) for at, look in enumerate(looks[:6])
        ]
        if who < 4:
            told = world.say("is", tracks=tracks[:2], name=f"Person {who}")
            assert told.decision.person is not None
            world.enrol(told.decision.person.pk, looks[6], crowding=measured(looks[6]))
            world.say("is_not", tracks=tracks[3:4], person=told.decision.person.pk)
    return world


def everything() -> list[Any]:
    """Every derived row, and all that exports say."""
    rows: list[Any] = [
        [tuple(map(str, row)) for row in kind._default_manager.order_by("pk").values_list()]
        for kind in DERIVED
    ]
    return [*rows, recomputation.exported(current_model())]


def option(*, switches: bool, former: bool = False) -> Option:
    return next(
        one for one in calibration.overview().options if (one.switches, one.former) == (switches, former)
    )


def test_a_manifest_that_brings_another_function_changes_nothing_by_itself(
    db: None, upgrade: Callable[[], Crowding]
) -> None:
    peopled(np.random.default_rng(1))
    before, now = everything(), measure_in_force()
    assert not calibration.overview().fitting.switches
    upgrade()
    assert (measure_in_force(), everything()) == (now, before)
    with deciding() as model:
        vectors = faceprints(5, seed=9).astype(np.float16)
        assert model.crowding_of(vectors).tolist() == CROWDING.of(vectors).tolist()
    found = calibration.overview()
    assert found.fitting.switches
    assert not found.outgrown
    assert [one.former for one in found.options if one.in_force] == [True]


def test_every_door_says_that_another_function_waits(upgrade: Callable[[], Crowding], db: None) -> None:
    peopled(np.random.default_rng(1))
    administrator = client_of(User.objects.create_superuser("ada"))
    [began, *_] = said("faces_calibrate")[2:]
    assert began.startswith("* manifest")
    assert waiting() == []
    upgrade()
    assert waiting() == ["faces.W001"]
    told = said("faces_calibrate")
    assert told[-1].endswith("with radii of its own: --people 30 says what it would change")
    [former] = [line for line in told if "(former)" in line]
    key = former.split()[-2]
    assert sum("(other crowding function)" in line for line in told) == len(measures())

    shown = administrator.get("/api/v1/calibration/").json()
    assert shown["new_function"]
    assert {one["function"] for one in shown["options"] if one["switches"]} == {measures()[0].function}
    preview = administrator.post("/api/v1/calibration/preview/", {"calibration": shown["fitting"]}).json()
    foretold = said("faces_calibrate", people=30)
    assert foretold[0] == "with another crowding function than the one in force"
    assert f"{preview['changed']['tracks']} answers would change" in foretold[-1]

    said("faces_calibrate", people=30, apply=True)
    assert waiting() == []
    assert not administrator.get("/api/v1/calibration/").json()["new_function"]
    assert "answers were changed" in said("faces_calibrate", key=key, apply=True)[-1]
    assert waiting() == ["faces.W001"]
    with pytest.raises(CommandError, match="nothing that is listed has the id 0"):
        said("faces_calibrate", key="0")


def said(command: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue().splitlines()


def waiting() -> list[str | None]:
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message.id for message in found]


def test_switching_there_and_back_leaves_every_row_and_answer_as_it_was(
    db: None, upgrade: Callable[[], Crowding]
) -> None:
    world = peopled(np.random.default_rng(1))
    before = everything()
    other = upgrade()
    chosen = option(switches=True)
    foretold = calibration.effect(chosen.measure)
    assert everything() == before
    assert foretold.tracks

    applied, done = calibration.apply(chosen, by=world.user)
    assert done == foretold
    assert applied.function is not None
    assert Crowding.of_document(applied.function.document).version == 2
    for print_ in Faceprint.objects.all():
        assert print_.crowding == other.of(np.array([print_.vector], np.float16))[0]
    assert all(ours != theirs for ours, theirs in zip(everything()[:3], before[:3], strict=True))
    recomputation.holds(current_model())
    with pytest.raises(calibration.InForce):
        calibration.apply(chosen, by=world.user)

    back = calibration.apply(option(switches=True, former=True), by=world.user)[1]
    assert back.bands == {(after, was): count for (was, after), count in done.bands.items()}
    assert everything() == before
    assert AppliedCalibration.objects.count() == 3
    assert CrowdingFunction.objects.count() == 2


def test_a_switch_that_breaks_off_changes_nothing(db: None, upgrade: Callable[[], Crowding]) -> None:
    world = peopled(np.random.default_rng(1))
    before, now = everything(), measure_in_force()
    upgrade()

    def killed(done: int) -> None:
        assert everything() != before
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibration.apply(option(switches=True), by=world.user, progress=killed)
    assert (measure_in_force(), everything()) == (now, before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("applied", [False, True])
def test_a_library_from_before_keeps_what_it_was_judged_by(applied: bool) -> None:
    world = World(model=current_model())
    world.track(world.asset(), face(1))
    here = "faces", "0006_add_crowding_function"
    executor = MigrationExecutor(connection)
    last = executor.loader.graph.leaf_nodes("faces")
    try:
        executor.migrate(executor.loader.get_migration(*here).dependencies)
        assert waiting() == []
        if applied:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO faces_appliedcalibration (model, people, crowding, auto, suggested, midpoint, slope,"
                    " source, at) VALUES (%s, 7, 1, 0.5, 0.6, 0.55, 50, 'library', now())",
                    [world.model.name],
                )
    finally:
        MigrationExecutor(connection).migrate(last)
    [kept] = AppliedCalibration.objects.all()
    assert kept.function is not None
    assert kept.function.digest == digest(kept.function.document) == FIRST_RELEASED
    assert measure_in_force().function == FIRST_RELEASED
    assert (kept.source, kept.people) == (("library", 7) if applied else ("manifest", 30))
