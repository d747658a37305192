"""People: made, changed, enrolled from photographs, recognised in others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from faces.models import Faceprint, Person, Photo
from tests import material
from tests.api.answers import refused, results
from tests.api.conftest import Client, client_of, editor_named
from tests.library import ScannedLibrary

PEOPLE = "/api/v1/people/"


def upload(path: Path, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, path.read_bytes(), "image/jpeg")


def enrol(client: Client, person: str, path: Path, **more: Any) -> Any:
    return client.post(f"{PEOPLE}{person}/photos/", {"file": upload(path), **more}, format="multipart")


def test_a_person_is_made_read_changed_and_deleted(editor: Client) -> None:
    given = {
        "name": "  Grace   Hopper ",
        "aliases": ["Amazing Grace"],
        "description": "Rear admiral",
        "external_ids": {"wikidata": "Q11641"},
    }
    made = editor.post(PEOPLE, given)
    assert made.status_code == 201
    person = made.json()
    assert person["name"] == "Grace Hopper"
    assert {key: person[key] for key in ("aliases", "description", "external_ids")} == {
        key: given[key] for key in ("aliases", "description", "external_ids")
    }
    assert (person["tracks"], person["assets"], person["screen_time_ms"], person["cover"]) == (0, 0, 0, None)
    address = f"{PEOPLE}{person['id']}/"
    assert editor.get(address).json() == person
    changed = editor.patch(address, {"name": "Grace Brewster Hopper", "description": ""}).json()
    assert (changed["name"], changed["description"]) == ("Grace Brewster Hopper", "")
    assert changed["aliases"] == ["Amazing Grace"]
    assert editor.get(f"{PEOPLE}?q=brewster").json()["results"] == [changed]
    assert editor.get(f"{PEOPLE}?q=amazing").json()["results"] == [changed]
    assert editor.get(f"{PEOPLE}?q=nobody").json()["results"] == []
    assert editor.delete(address).status_code == 204
    refused(editor.get(address), 404, "not-found")
    refused(editor.delete(address), 404, "not-found")
    assert editor.get(PEOPLE).json()["results"] == []


@pytest.mark.parametrize("name", ["", "   ", "a" * 201, "a\x1bb", "\u200b"])
def test_a_name_that_is_none_is_refused(name: str, editor: Client) -> None:
    problem = refused(editor.post(PEOPLE, {"name": name}), 400, "name-refused")
    assert problem["errors"]["name"]
    ada = editor.post(PEOPLE, {"name": "Ada"}).json()["id"]
    refused(editor.patch(f"{PEOPLE}{ada}/", {"name": name}), 400, "name-refused")
    assert [person.name for person in Person.objects.all()] == ["Ada"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": "Ada", "aliases": "x"},
        {"name": "Ada", "aliases": ["a" * 201]},
        {"name": "Ada", "external_ids": ["x"]},
        {"name": "Ada", "external_ids": {"a\x00": "x"}},
        {"name": "Ada", "description": "\x00"},
        {"name": "Ada", "description": "a" * 5001},
    ],
)
def test_what_a_person_cannot_have_is_refused(given: dict[str, Any], editor: Client) -> None:
    refused(editor.post(PEOPLE, given), 400, "invalid")
    assert not Person.objects.exists()


def test_what_is_wrong_in_a_list_is_said_with_the_list_s_name(editor: Client) -> None:
    problem = refused(editor.post(PEOPLE, {"name": "Ada", "aliases": ["Al", "a" * 201]}), 400, "invalid")
    assert problem["detail"].startswith("aliases: ")


def test_a_name_that_is_taken_is_refused_with_whose_it_is(editor: Client) -> None:
    first = editor.post(PEOPLE, {"name": "Zoë Smith"}).json()["id"]
    for name in ("Zoë Smith", "zoe smith", " ZOË  SMITH"):
        assert refused(editor.post(PEOPLE, {"name": name}), 409, "name-taken")["person"] == first
    second = editor.post(PEOPLE, {"name": "zoe smith", "same_name": True})
    assert second.status_code == 201
    other = editor.post(PEOPLE, {"name": "Ada"}).json()["id"]
    assert (
        refused(editor.patch(f"{PEOPLE}{other}/", {"name": "Zoe Smith"}), 409, "name-taken")["person"]
        == first
    )
    own = editor.patch(f"{PEOPLE}{other}/", {"name": "ADA"})
    assert own.json()["name"] == "ADA"


def test_one_name_given_twice_at_once_makes_one_person(transactional_db: None) -> None:
    clients = [client_of(editor_named(name)) for name in ("edith", "emil", "erna", "egon")]

    def make(client: Client) -> Any:
        try:
            return client.post(PEOPLE, {"name": "Ada Lovelace"})
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(make, clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert Person.objects.count() == 1


def test_people_page_in_every_order(editor: Client) -> None:
    for name in ("Émile", "ada", "Zoë", "Bea", "Eve"):
        assert editor.post(PEOPLE, {"name": name}).status_code == 201
    for sort in ("name", "screen_time", "recent"):
        everybody = results(editor.get(f"{PEOPLE}?sort={sort}"))
        paged, following = [], f"{PEOPLE}?sort={sort}&limit=2"
        while following:
            answer = editor.get(following).json()
            paged += answer["results"]
            following = answer["next"]
        assert paged == everybody
    names = [person["name"] for person in results(editor.get(f"{PEOPLE}?sort=name"))]
    assert names == ["ada", "Bea", "Émile", "Eve", "Zoë"]


def test_a_page_stays_where_it_was_when_others_come_in_before_it(editor: Client) -> None:
    for name in ("Bea", "Dora", "Fay", "Hal"):
        editor.post(PEOPLE, {"name": name})
    first = editor.get(f"{PEOPLE}?sort=name&limit=2").json()
    editor.post(PEOPLE, {"name": "Ada"})
    editor.post(PEOPLE, {"name": "Eve"})
    Person.objects.filter(name="Dora").delete()
    second = editor.get(first["next"]).json()
    names = [person["name"] for answer in (first, second) for person in answer["results"]]
    assert names == ["Bea", "Dora", "Eve", "Fay"]


def test_a_cursor_of_another_list_or_order_is_refused(editor: Client) -> None:
    for name in ("Ada", "Bea", "Eve"):
        editor.post(PEOPLE, {"name": name})
    cursor = editor.get(f"{PEOPLE}?sort=name&limit=1").json()["next"].split("cursor=")[1].split("&")[0]
    assert editor.get(f"{PEOPLE}?sort=name&cursor={cursor}").status_code == 200
    for path in (f"{PEOPLE}?sort=recent", "/api/v1/unknowns/?sort=recent", "/api/v1/assets/?sort=title"):
        refused(editor.get(f"{path}&cursor={cursor}"), 400, "invalid")
    refused(editor.get(f"{PEOPLE}?sort=name&cursor={cursor[:-1]}"), 400, "invalid")


def test_a_photograph_names_its_person_in_every_video(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    """The photograph is another than those in the videos."""
    person = editor.post(PEOPLE, {"name": "Barack Obama"}).json()["id"]
    (path,) = material.reference_photos()["Barack Obama"]
    answer = enrol(editor, person, path)
    assert answer.status_code == 201
    photo = answer.json()
    assert (photo["faces"], photo["used"]) == (1, 0)
    assert photo["quality"] > 0.5
    shown = editor.get(f"{PEOPLE}{person}/").json()
    assert shown["tracks"] + shown["to_review"] == 7
    assert shown["tracks"] >= 6
    appearances = {
        found["asset"]["id"]: [(seen["start_ms"], seen["end_ms"]) for seen in found["appearances"]]
        for found in results(editor.get(f"{PEOPLE}{person}/appearances/"))
    }
    if not shown["to_review"]:
        spans = scanned_library.intervals("barack_obama")
        assert appearances == {
            str(video.pk): theirs for video, theirs in zip(scanned_library.videos, spans, strict=True)
        }
    (exemplar,) = results(editor.get(f"{PEOPLE}{person}/exemplars/"))
    assert (exemplar["kind"], exemplar["photo"], exemplar["track"]) == ("photo", photo["id"], None)
    assert editor.get(exemplar["thumbnail"])["Content-Type"] == "image/jpeg"
    assert enrol(editor, person, path).json() == photo
    assert Photo.objects.count() == 1


def test_a_person_known_by_photograph_alone_has_it_as_cover(editor: Client) -> None:
    person = editor.post(PEOPLE, {"name": "Barack Obama"}).json()["id"]
    enrol(editor, person, material.portrait_path("obama"))
    cover = editor.get(f"{PEOPLE}{person}/").json()["cover"]
    assert editor.get(cover)["Content-Type"] == "image/jpeg"


def test_of_several_faces_one_is_chosen(editor: Client, two_faces: Path) -> None:
    person = editor.post(PEOPLE, {"name": "Joe Biden"}).json()["id"]
    answer = enrol(editor, person, two_faces, face=1)
    assert (answer.json()["faces"], answer.json()["used"]) == (2, 1)
    problem = refused(enrol(editor, person, two_faces, face=2), 422, "no-face")
    assert "2 faces" in problem["detail"]
    refused(enrol(editor, person, two_faces, face=-1), 400, "invalid")
    refused(enrol(editor, person, two_faces, face="x"), 400, "invalid")
    recognised = editor.post(
        "/api/v1/identify/", {"file": upload(material.portrait_path("biden"))}, format="multipart"
    ).json()
    assert [face["person"]["name"] for face in recognised["faces"]] == ["Joe Biden"]


def test_pictures_that_enrol_nobody_leave_nothing(editor: Client) -> None:
    person = editor.post(PEOPLE, {"name": "Ada"}).json()["id"]
    route = f"{PEOPLE}{person}/photos/"
    backdrop = material.portraits().backdrops["rocket"].read_bytes()
    whole = material.portrait_path("obama").read_bytes()
    for content, code in (
        (backdrop, "no-face"),
        (b"hello", "photo-unreadable"),
        (whole[: len(whole) // 8], "photo-unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo-unreadable"),
    ):
        file = SimpleUploadedFile("p.jpg", content)
        refused(editor.post(route, {"file": file}, format="multipart"), 422, code)
    assert not Photo.objects.exists()
    refused(
        editor.post(route, {"file": SimpleUploadedFile("p.jpg", b"")}, format="multipart"), 400, "invalid"
    )
    refused(editor.post(route, {}, format="multipart"), 400, "invalid")
    refused(editor.post("/api/v1/identify/", {"file": "x"}), 400, "invalid")
    refused(enrol(editor, "999999", material.portrait_path("obama")), 404, "not-found")


def test_identify_says_who_is_who_and_keeps_nothing(viewer: Client, editor: Client, two_faces: Path) -> None:
    person = editor.post(PEOPLE, {"name": "Barack Obama"}).json()["id"]
    enrol(editor, person, material.portrait_path("obama3"))
    prints = Faceprint.objects.count()
    answer = viewer.post("/api/v1/identify/", {"file": upload(two_faces)}, format="multipart")
    assert answer.status_code == 200
    obama, biden = answer.json()["faces"]
    assert obama["person"] == {"id": person, "name": "Barack Obama"}
    assert (obama["band"], obama["suggestion"]) == ("auto", None)
    assert 0.5 < obama["confidence"] <= 1
    assert biden["person"] is None
    assert obama["box"]["width"] > biden["box"]["width"] > 0
    assert obama["box"]["left"] < biden["box"]["left"]
    assert (Faceprint.objects.count(), Photo.objects.count()) == (prints, 1)


def test_nobody_is_in_a_picture_without_faces(viewer: Client) -> None:
    picture = upload(material.portraits().backdrops["rocket"])
    answer = viewer.post("/api/v1/identify/", {"file": picture}, format="multipart")
    assert answer.json() == {"faces": []}


def test_deleting_a_person_gives_their_tracks_back(editor: Client, scanned_library: ScannedLibrary) -> None:
    key = scanned_library.unknown_of("joe_biden")
    before = editor.get(f"/api/v1/unknowns/{key}/").json()
    person = editor.post("/api/v1/decisions/", {"verdict": "is", "unknown": key, "name": "Joe Biden"}).json()[
        "person"
    ]["id"]
    assert editor.delete(f"{PEOPLE}{person}/").status_code == 204
    assert editor.get(f"/api/v1/unknowns/{key}/").json() == before
    (deletion, _) = results(editor.get("/api/v1/decisions/"))
    assert deletion["verdict"] == "delete_person"
    assert editor.post(f"/api/v1/decisions/{deletion['id']}/undo/").status_code == 201
    assert editor.get(f"{PEOPLE}{person}/").json()["tracks"] == before["tracks"]
