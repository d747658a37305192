"""How near is near enough: shown to administrators, foretold, and applied on their word alone."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from faces import calibration
from faces.identity import queries
from faces.identity.model import current_model, measures, put_in_force
from faces.models import AppliedCalibration, Band, Resolution
from tests.api.answers import refused, results
from tests.api.conftest import Client, client_of, editor_named
from tests.identity import recomputation
from tests.identity.world import World, face

CALIBRATION = "/api/v1/calibration/"
PREVIEW, HISTORY = f"{CALIBRATION}preview/", f"{CALIBRATION}history/"


@pytest.fixture
def near(db: None) -> int:
    """A track that is Ada's by the thresholds for few people, and not certainly by those for many."""
    world = World(model=current_model())
    world.say("is", tracks=[world.track(world.asset(), face(1))], name="Ada")
    return world.track(world.asset(), face(1, 0.44))


def offered(administrator: Client) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = administrator.get(CALIBRATION).json()["options"]
    return options


def test_an_administrator_sees_what_is_in_force_and_what_could_be(administrator: Client, near: int) -> None:
    shown = administrator.get(CALIBRATION).json()
    assert [option["people"] for option in shown["options"]] == [
        found.thresholds.people for found in measures()
    ]
    assert [option["in_force"] for option in shown["options"]] == [True, *[False] * (len(measures()) - 1)]
    assert {option["origin"] for option in shown["options"]} == {"manifest"}
    assert (shown["people"], shown["fitting"], shown["outgrown"]) == (1, shown["options"][0]["id"], False)
    assert shown["own"]["enough"] is False
    assert "0 confirmed faces" in shown["own"]["detail"]
    assert all(option["strangers_named"] is None for option in shown["options"])


def test_what_would_change_is_foretold_then_done_and_taken_back(administrator: Client, near: int) -> None:
    smallest, *_, largest = offered(administrator)
    said = {"calibration": largest["id"]}
    foretold = administrator.post(PREVIEW, said)
    assert foretold.status_code == 200
    assert foretold.json()["changed"] == {"tracks": 1, "people": 1}
    assert foretold.json()["bands"] == [{"before": "auto", "after": "suggested", "tracks": 1}]
    assert Resolution.objects.get(pk=near).band == Band.AUTO
    assert not AppliedCalibration.objects.exists()

    done = administrator.post(CALIBRATION, said)
    assert done.status_code == 201
    assert {member: done.json()[member] for member in foretold.json()} == foretold.json()
    assert done.json()["by"] == "ada"
    assert Resolution.objects.get(pk=near).band == Band.SUGGESTED
    assert [option["in_force"] for option in offered(administrator)][-1]
    refused(administrator.post(CALIBRATION, said), 409, "in-force")

    back = administrator.post(CALIBRATION, {"calibration": smallest["id"]}).json()
    assert back["bands"] == [{"before": "suggested", "after": "auto", "tracks": 1}]
    assert Resolution.objects.get(pk=near).band == Band.AUTO
    listed = results(administrator.get(HISTORY))
    assert [(row["id"], row["by"]) for row in listed] == [(smallest["id"], "ada"), (largest["id"], "ada")]
    assert listed[1]["at"] == done.json()["at"]


def test_what_was_applied_once_is_offered_again(administrator: Client, near: int) -> None:
    first = measures()[0]
    stricter = replace(first.thresholds, auto=first.thresholds.auto / 2)
    put_in_force(replace(first, thresholds=stricter), source="library", by=None)
    former = offered(administrator)[-1]
    assert (former["origin"], former["former"], former["in_force"]) == ("library", True, True)
    manifest = offered(administrator)[0]["id"]
    assert administrator.post(CALIBRATION, {"calibration": manifest}).status_code == 201
    assert administrator.post(CALIBRATION, {"calibration": former["id"]}).status_code == 201


def test_thresholds_that_nobody_offers_are_refused(administrator: Client, near: int) -> None:
    for route in (PREVIEW, CALIBRATION):
        refused(administrator.post(route, {"calibration": "0" * 16}), 404, "not-found")
        refused(administrator.post(route, {"calibration": "0" * 17}), 400, "invalid")
        refused(administrator.post(route, {}), 400, "invalid")
    assert not AppliedCalibration.objects.exists()


def test_applying_happens_once(administrator: Client, near: int) -> None:
    said = {"calibration": offered(administrator)[-1]["id"]}
    first, again = (
        administrator.post(CALIBRATION, said, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert AppliedCalibration.objects.count() == 1


def test_it_is_no_matter_of_editors_and_viewers(editor: Client, viewer: Client) -> None:
    for client in (editor, viewer):
        for route in (CALIBRATION, HISTORY):
            refused(client.get(route), 403, "not-allowed")
        for route in (CALIBRATION, PREVIEW):
            refused(client.post(route, {"calibration": "0" * 16}), 403, "not-allowed")


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_waited_for_the_switch_is_judged_by_the_new_thresholds() -> None:
    world = World(model=current_model())
    track = world.track(world.asset(), face(1))
    near = world.track(world.asset(), face(1, 0.44))
    editor = client_of(editor_named("emil"))
    largest = next(option for option in calibration.overview().options if option.measure == measures()[-1])

    def name() -> None:
        try:
            editor.post("/api/v1/decisions/", {"verdict": "is", "tracks": [str(track)], "name": "Ada"})
        finally:
            connection.close()

    waiting = threading.Thread(target=name)
    with queries.identity_write():
        waiting.start()
        while not waits_for_the_lock():
            assert waiting.is_alive()
        calibration.apply(largest, by=User.objects.first())
    waiting.join()
    assert world.band(near) == Band.SUGGESTED
    recomputation.holds(current_model())


def waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
