"""The faces that stand for a person: pinned, taken away, brought back; and people who look alike."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from faces.models import Decision, Exemplar
from tests import material
from tests.api.answers import refused, results
from tests.api.conftest import Client
from tests.api.test_access import HidesOne
from tests.api.test_people import PEOPLE, enrol
from tests.library import ScannedLibrary


@pytest.fixture
def obama(editor: Client, scanned_library: ScannedLibrary) -> str:
    """Barack Obama, whose seven tracks a human named."""
    said = {
        "verdict": "is",
        "unknown": scanned_library.unknown_of("barack_obama"),
        "name": "Barack Obama",
    }
    person: str = editor.post("/api/v1/decisions/", said).json()["person"]["id"]
    return person


def exemplars(client: Client, person: str) -> list[dict[str, Any]]:
    return results(client.get(f"{PEOPLE}{person}/exemplars/"))


def undo(client: Client, decision: dict[str, Any]) -> None:
    assert client.post(f"/api/v1/decisions/{decision['id']}/undo/").status_code == 201


def test_a_face_is_taken_from_those_that_stand_for_a_person_and_brought_back(
    editor: Client, obama: str
) -> None:
    before = exemplars(editor, obama)
    gone = before[0]
    answer = editor.delete(f"{PEOPLE}{obama}/exemplars/{gone['id']}/")
    assert answer.status_code == 200
    decision = answer.json()
    assert (decision["verdict"], decision["person"]["id"]) == ("remove_exemplar", obama)
    assert exemplars(editor, obama) == before[1:]
    asset = next(t for t in results(editor.get("/api/v1/assets/"))[-1:])["id"]
    tracks = results(editor.get(f"/api/v1/assets/{asset}/tracks/?person={obama}"))
    assert next(track["band"] for track in tracks if track["id"] == gone["track"]) == "confirmed"
    refused(editor.delete(f"{PEOPLE}{obama}/exemplars/{gone['id']}/"), 404, "not-found")
    undo(editor, decision)
    assert exemplars(editor, obama) == before


def test_a_removed_face_is_pinned_again(editor: Client, obama: str) -> None:
    before = exemplars(editor, obama)
    editor.delete(f"{PEOPLE}{obama}/exemplars/{before[0]['id']}/")
    answer = editor.post(f"{PEOPLE}{obama}/exemplars/", {"track": before[0]["track"]})
    assert answer.status_code == 201
    assert (answer.json()["verdict"], answer.json()["person"]["id"]) == ("add_exemplar", obama)
    assert exemplars(editor, obama) == before
    undo(editor, answer.json())
    assert exemplars(editor, obama) == before[1:]


def test_a_photograph_no_longer_stands_for_a_person_until_that_is_undone(editor: Client) -> None:
    person = editor.post(PEOPLE, {"name": "Barack Obama"}).json()["id"]
    for name in ("obama", "obama3"):
        enrol(editor, person, material.portrait_path(name))
    first, second = exemplars(editor, person)
    decision = editor.delete(f"{PEOPLE}{person}/exemplars/{first['id']}/").json()
    assert exemplars(editor, person) == [second]
    undo(editor, decision)
    assert exemplars(editor, person) == [first, second]


def test_only_a_face_that_a_human_confirmed_can_stand_for_somebody(
    editor: Client, obama: str, scanned_library: ScannedLibrary
) -> None:
    stranger = scanned_library.tracks_alone("eileen_collins")[0]
    route = f"{PEOPLE}{obama}/exemplars/"
    problem = refused(editor.post(route, {"track": str(stranger)}), 422, "not-confirmed")
    assert "Barack Obama" in problem["detail"]
    for wrong in ("999999", "x", "-1"):
        refused(editor.post(route, {"track": wrong}), 404, "not-found")
    refused(editor.post(route, {}), 400, "invalid")
    refused(editor.post(f"{PEOPLE}999999/exemplars/", {"track": str(stranger)}), 404, "not-found")
    refused(editor.delete(f"{route}999999/"), 404, "not-found")
    assert Decision.objects.count() == 1


def test_a_pin_sent_twice_is_one_decision(editor: Client, obama: str) -> None:
    exemplar = exemplars(editor, obama)[0]
    route, key = f"{PEOPLE}{obama}/exemplars/", {"Idempotency-Key": "k"}
    first, again = (editor.post(route, {"track": exemplar["track"]}, headers=key) for _ in range(2))
    assert first.json() == again.json()
    key = {"Idempotency-Key": "d"}
    first, again = (editor.delete(f"{route}{exemplar['id']}/", headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert Decision.objects.count() == 3


def test_a_viewer_may_look_and_not_choose(viewer: Client, editor: Client, obama: str) -> None:
    exemplar = exemplars(viewer, obama)[0]
    route = f"{PEOPLE}{obama}/exemplars/"
    refused(viewer.post(route, {"track": exemplar["track"]}), 403, "not-allowed")
    refused(viewer.delete(f"{route}{exemplar['id']}/"), 403, "not-allowed")
    assert viewer.get(f"{PEOPLE}{obama}/similar/").status_code == 200


def test_what_the_site_hides_can_neither_be_pinned_nor_taken_away(
    editor: Client, obama: str, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    everything = exemplars(editor, obama)
    settings.FACES = settings.FACES | {"host": f"{HidesOne.__module__}.{HidesOne.__name__}"}
    shown = exemplars(editor, obama)
    (hidden, *_) = (one for one in everything if one not in shown)
    refused(editor.post(f"{PEOPLE}{obama}/exemplars/", {"track": hidden["track"]}), 404, "not-found")
    refused(editor.delete(f"{PEOPLE}{obama}/exemplars/{hidden['id']}/"), 404, "not-found")


def test_the_same_person_under_two_names_is_similar_with_pictures(
    editor: Client, viewer: Client, obama: str
) -> None:
    other = editor.post(PEOPLE, {"name": "Barry"}).json()["id"]
    biden = editor.post(PEOPLE, {"name": "Joe Biden"}).json()["id"]
    enrol(editor, other, material.portrait_path("obama3"))
    enrol(editor, biden, material.portrait_path("biden"))
    (found,) = results(viewer.get(f"{PEOPLE}{obama}/similar/"))
    assert found["person"] == {"id": other, "name": "Barry"}
    assert 0.5 < found["confidence"] <= 1
    assert found["distance"] > 0
    assert viewer.get(found["thumbnails"][0])["Content-Type"] == "image/jpeg"
    (back,) = results(viewer.get(f"{PEOPLE}{other}/similar/"))
    assert back["person"]["id"] == obama
    assert 1 <= len(back["thumbnails"]) <= 4
    assert back["distance"] == pytest.approx(found["distance"])
    merged = {"verdict": "merge", "people": [obama, other], "into": obama}
    assert editor.post("/api/v1/decisions/", merged).status_code == 201
    assert results(viewer.get(f"{PEOPLE}{obama}/similar/")) == []


def test_pictures_of_similar_people_are_of_what_one_may_see(
    editor: Client, obama: str, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    other = editor.post(PEOPLE, {"name": "Barry"}).json()["id"]
    enrol(editor, other, material.portrait_path("obama3"))
    settings.FACES = settings.FACES | {"host": f"{HidesOne.__module__}.{HidesOne.__name__}"}
    (found,) = results(editor.get(f"{PEOPLE}{other}/similar/"))
    assert found["thumbnails"]
    assert all(editor.get(picture).status_code == 200 for picture in found["thumbnails"])


def test_nobody_is_similar_to_somebody_without_a_face(editor: Client, obama: str) -> None:
    ada = editor.post(PEOPLE, {"name": "Ada"}).json()["id"]
    assert results(editor.get(f"{PEOPLE}{ada}/similar/")) == []
    assert Exemplar.objects.exists()
    refused(editor.get(f"{PEOPLE}999999/similar/"), 404, "not-found")
