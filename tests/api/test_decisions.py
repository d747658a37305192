"""What editors say through the API, what follows, and its undoing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from faces.export import FORMATS
from faces.identity import counts
from faces.models import Decision, Person, Resolution, Track, Unknown
from tests.api.answers import refused, results
from tests.api.conftest import Client, client_of, editor_named
from tests.library import ScannedLibrary

DECISIONS = "/api/v1/decisions/"
PREVIEW = "/api/v1/decisions/preview/"
SAYINGS = ["unknown", "tracks", "person", "is_not", "ignore", "not_a_face"]


def snapshot(client: Client, library: ScannedLibrary) -> dict[str, bytes]:
    """Every export of every video, and every list that shows names and counts: bytes."""
    found = {
        f"{video.title} {form} {include}": client.get(
            f"/api/v1/assets/{video.pk}/appearances/?format={form}&include={include}"
        ).content
        for video in library.videos
        for form in FORMATS
        for include in ("", "suggested,ignored")
    }
    paths = ["unknowns/?sort=screen_time", "unknowns/?band=ignored", "people/", "review/", "assets/"]
    paths += [f"assets/{video.pk}/tracks/" for video in library.videos]
    return found | {path: client.get(f"/api/v1/{path}").content for path in paths}


def saying(kind: str, client: Client, library: ScannedLibrary) -> dict[str, Any]:
    """A statement of that kind about Grace Hopper's face."""
    tracks = [str(track) for track in library.tracks_alone("grace_hopper")]
    if kind in ("person", "is_not"):
        made = client.post("/api/v1/people/", {"name": "Rear Admiral Hopper"}).json()["id"]
    match kind:
        case "unknown":
            return {"verdict": "is", "unknown": library.unknown_of("grace_hopper"), "name": "Grace Hopper"}
        case "tracks":
            return {"verdict": "is", "tracks": tracks[:1], "name": "Grace Hopper", "why": "I know her"}
        case "person":
            return {"verdict": "is", "tracks": tracks[:1], "person": made}
        case "is_not":
            client.post(DECISIONS, {"verdict": "is", "tracks": tracks[:1], "person": made})
            return {"verdict": "is_not", "tracks": tracks[1:], "person": made}
        case "ignore":
            return {"verdict": "ignore", "unknown": library.unknown_of("grace_hopper")}
        case _:
            return {"verdict": "not_a_face", "tracks": tracks[:1]}


def test_one_name_and_the_library_follows(editor: Client, scanned_library: ScannedLibrary) -> None:
    key = scanned_library.unknown_of("grace_hopper")
    outcome = editor.post(DECISIONS, {"verdict": "is", "unknown": key, "name": "Grace Hopper"}).json()
    spans = scanned_library.intervals("grace_hopper")
    assert outcome["verdict"] == "is"
    assert outcome["person"]["name"] == "Grace Hopper"
    assert (outcome["by"], outcome["reverts"], outcome["to_review"]) == ("edith", None, 0)
    assert outcome["changed"] == {"tracks": 6, "appearances": sum(map(len, spans)), "assets": 3}
    person = editor.get(f"/api/v1/people/{outcome['person']['id']}/").json()
    assert (person["tracks"], person["assets"]) == (6, 3)
    assert person["screen_time_ms"] == sum(end - start for theirs in spans for start, end in theirs)
    assert person["cover"].endswith("/thumbnail")
    listed = results(editor.get(f"/api/v1/assets/?person={outcome['person']['id']}"))
    assert len(listed) == 3
    assert all([face["name"] for face in asset["cast"]] == ["Grace Hopper"] for asset in listed)


@pytest.mark.parametrize("kind", SAYINGS)
def test_a_preview_foretells_the_effect_and_changes_nothing(
    kind: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    said = saying(kind, editor, scanned_library)
    before, decided = snapshot(editor, scanned_library), Decision.objects.count()
    foretold = editor.post(PREVIEW, said)
    assert foretold.status_code == 200
    assert foretold.json()["id"] is None
    assert snapshot(editor, scanned_library) == before
    assert Decision.objects.count() == decided
    done = editor.post(DECISIONS, said)
    assert done.status_code == 201
    assert done.json()["changed"]["tracks"] > 0
    for member in ("verdict", "by", "why", "unknown", "changed", "to_review", "reverts"):
        assert foretold.json()[member] == done.json()[member], member
    assert snapshot(editor, scanned_library) != before


@pytest.mark.parametrize("kind", SAYINGS)
def test_undo_restores_every_byte_and_redo_too(
    kind: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    said = saying(kind, editor, scanned_library)
    before = snapshot(editor, scanned_library)
    done = editor.post(DECISIONS, said).json()
    after = snapshot(editor, scanned_library)
    undone = editor.post(f"{DECISIONS}{done['id']}/undo/")
    assert undone.status_code == 201
    assert (undone.json()["reverts"], undone.json()["verdict"]) == (done["id"], "undo")
    assert snapshot(editor, scanned_library) == before
    redone = editor.post(f"{DECISIONS}{undone.json()['id']}/undo/").json()
    assert redone["reverts"] == undone.json()["id"]
    assert snapshot(editor, scanned_library) == after
    assert editor.post(f"{DECISIONS}{redone['id']}/undo/").status_code == 201
    assert snapshot(editor, scanned_library) == before


def test_an_unknown_is_taken_with_and_without_its_prefix(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    key = scanned_library.unknown_of("joe_biden")
    for written in (key, key.upper(), f"Unknown Face {key}", f" unknown face  {key} "):
        answer = editor.post(PREVIEW, {"verdict": "is", "unknown": written, "name": "Joe"})
        assert (answer.status_code, answer.json()["unknown"]) == (200, key), written


def test_a_name_finds_the_person_who_has_it_whatever_case_and_accents(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    made = editor.post("/api/v1/people/", {"name": "Gráce Hopper"}).json()["id"]
    said = {"verdict": "is", "unknown": scanned_library.unknown_of("grace_hopper"), "name": "grace HOPPER"}
    assert editor.post(DECISIONS, said).json()["person"] == {"id": made, "name": "Gráce Hopper"}


def test_a_name_that_two_people_have_has_to_be_told_apart(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    for _ in range(2):
        editor.post("/api/v1/people/", {"name": "John Smith", "same_name": True})
    said = {"verdict": "is", "unknown": scanned_library.unknown_of("joe_biden"), "name": "John Smith"}
    refused(editor.post(DECISIONS, said), 422, "unsayable")


def test_a_rejected_track_never_comes_back_to_that_person(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    first, second, *_ = scanned_library.tracks_alone("grace_hopper")
    person = editor.post(DECISIONS, {"verdict": "is", "tracks": [str(first)], "name": "Grace Hopper"}).json()[
        "person"
    ]["id"]
    editor.post(DECISIONS, {"verdict": "is_not", "tracks": [str(second)], "person": person})
    key = Track.objects.get(pk=second).resolution.unknown.key
    left = {track["id"]: track for track in results(editor.get(f"/api/v1/unknowns/{key}/tracks/"))}
    rejected = left.pop(str(second))
    assert (rejected["band"], rejected["suggestion"]) == ("unknown", None)
    # others that are more like the rejected one than like the confirmed one are asked about, no longer named
    assert {track["band"] for track in left.values()} <= {"suggested"}


def test_the_ignored_have_a_list_of_their_own(editor: Client, scanned_library: ScannedLibrary) -> None:
    key = scanned_library.unknown_of("joe_biden")
    before = editor.get(f"/api/v1/unknowns/{key}/").json()
    assert results(editor.get("/api/v1/unknowns/?band=ignored")) == []
    editor.post(DECISIONS, {"verdict": "ignore", "unknown": key})
    assert key not in {unknown["key"] for unknown in results(editor.get("/api/v1/unknowns/"))}
    (ignored,) = results(editor.get("/api/v1/unknowns/?band=ignored"))
    assert ignored == before
    assert (ignored["key"], ignored["tracks"]) == (key, 5)
    assert {track["band"] for track in results(editor.get(f"/api/v1/unknowns/{key}/tracks/"))} == {"ignored"}
    said = {"verdict": "is", "unknown": key, "name": "Joe Biden"}
    assert editor.post(DECISIONS, said).status_code == 201  # a human may always think again
    assert results(editor.get("/api/v1/unknowns/?band=ignored")) == []


def test_the_second_editor_learns_what_the_first_decided(
    editor: Client, administrator: Client, scanned_library: ScannedLibrary
) -> None:
    key = scanned_library.unknown_of("joe_biden")
    first = editor.post(DECISIONS, {"verdict": "is", "unknown": key, "name": "Joe Biden"}).json()
    for said in ({"verdict": "is", "name": "Joseph"}, {"verdict": "ignore"}, {"verdict": "not_a_face"}):
        problem = refused(administrator.post(DECISIONS, {"unknown": key, **said}), 409, "already-decided")
        assert problem["decision"]["id"] == first["id"]
        assert problem["decision"]["person"] == first["person"]
        assert (problem["decision"]["by"], problem["decision"]["verdict"]) == ("edith", "is")
    assert not Person.objects.filter(name="Joseph").exists()


def test_two_editors_naming_one_unknown_at_once_make_one_decision(
    committed_library: ScannedLibrary,
) -> None:
    key = committed_library.unknown_of("joe_biden")
    clients = {name: client_of(editor_named(name)) for name in ("edith", "emil", "erna", "egon")}

    def decide(name: str) -> Any:
        try:
            return clients[name].post(DECISIONS, {"verdict": "is", "unknown": key, "name": f"Joe of {name}"})
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = dict(zip(clients, pool.map(decide, clients), strict=True))
    (winner,) = (name for name, answer in answers.items() if answer.status_code == 201)
    for name, answer in answers.items():
        if name != winner:
            assert refused(answer, 409, "already-decided")["decision"]["by"] == winner
    assert [person.name for person in Person.objects.all()] == [f"Joe of {winner}"]
    assert Decision.objects.count() == 1


def test_undo_is_refused_where_later_decisions_stand_on_it(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    tracks = [str(track) for track in scanned_library.tracks_alone("grace_hopper")]
    first = editor.post(DECISIONS, {"verdict": "is", "tracks": tracks, "name": "Grace"}).json()
    later = editor.post(DECISIONS, {"verdict": "is", "tracks": tracks[:1], "name": "Ada"}).json()
    problem = refused(editor.post(f"{DECISIONS}{first['id']}/undo/"), 409, "conflict")
    assert [decision["id"] for decision in problem["later"]] == [later["id"]]
    assert problem["later"][0]["person"] == later["person"]
    assert problem["can_undo"] == {"tracks": len(tracks) - 1}
    part = editor.post(f"{DECISIONS}{first['id']}/undo/", {"part": True})
    assert part.status_code == 201
    shown = {track: Resolution.objects.get(track=int(track)) for track in tracks}
    assert shown[tracks[0]].person_id == int(later["person"]["id"])
    assert all(shown[track].band != "confirmed" for track in tracks[1:])


def test_undoing_twice_is_refused_with_the_first_undo(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    done = editor.post(DECISIONS, saying("unknown", editor, scanned_library)).json()
    undone = editor.post(f"{DECISIONS}{done['id']}/undo/").json()
    problem = refused(editor.post(f"{DECISIONS}{done['id']}/undo/"), 409, "already-decided")
    assert problem["decision"]["id"] == undone["id"]


def test_the_activity_tells_who_decided_what(
    editor: Client, administrator: Client, scanned_library: ScannedLibrary
) -> None:
    done = editor.post(DECISIONS, saying("unknown", editor, scanned_library)).json()
    other = administrator.post(
        DECISIONS, {"verdict": "ignore", "unknown": scanned_library.unknown_of("joe_biden")}
    ).json()
    shown = results(editor.get(DECISIONS))
    assert [decision["id"] for decision in shown] == [other["id"], done["id"]]
    assert shown[1] == done
    video = scanned_library.videos[1].pk
    for query, expected in (
        (f"person={done['person']['id']}", [done]),
        ("user=ada", [other]),
        ("user=nobody", []),
        (f"asset={video}", [other, done]),
    ):
        assert results(editor.get(f"{DECISIONS}?{query}")) == expected, query
    User.objects.get(username="edith").delete()
    assert results(administrator.get(DECISIONS))[1]["by"] == "edith"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"verdict": "perhaps"}, 400, "invalid"),
        ({"verdict": "merge", "people": ["999998", "999999"], "into": "999999"}, 404, "not-found"),
        ({"verdict": "merge", "people": ["{person}", "{person}"], "into": "{person}"}, 422, "unsayable"),
        ({"verdict": "merge", "people": ["{person}", "999999"]}, 422, "unsayable"),
        ({"verdict": "merge", "unknowns": ["{key}"]}, 422, "unsayable"),
        ({"verdict": "merge", "unknowns": ["{key}", "0123456789abcdef"]}, 404, "not-found"),
        ({"verdict": "split", "name": "Ada"}, 422, "unsayable"),
        ({"verdict": "split", "tracks": ["{track}"], "person": "{person}"}, 422, "unsayable"),
        ({"verdict": "undo", "tracks": ["{track}"]}, 400, "invalid"),
        ({"verdict": "is", "name": "Ada"}, 422, "unsayable"),
        ({"verdict": "is", "name": "Ada", "tracks": []}, 422, "unsayable"),
        ({"verdict": "is", "name": "Ada", "tracks": ["{track}"], "unknown": "{key}"}, 422, "unsayable"),
        ({"verdict": "is", "tracks": ["{track}"]}, 400, "name-refused"),
        ({"verdict": "is", "tracks": ["{track}"], "name": "Ada", "person": "{person}"}, 422, "unsayable"),
        ({"verdict": "is_not", "tracks": ["{track}"]}, 422, "unsayable"),
        ({"verdict": "ignore", "tracks": ["{track}"], "person": "{person}"}, 422, "unsayable"),
        ({"verdict": "is", "tracks": ["{track}"], "person": "999999"}, 404, "not-found"),
        ({"verdict": "is", "tracks": ["{track}"], "person": "Ada"}, 404, "not-found"),
        ({"verdict": "is", "tracks": ["{track}"], "person": "9" * 30}, 400, "invalid"),
        ({"verdict": "is", "tracks": ["{track}", "999999"], "name": "Ada"}, 404, "not-found"),
        ({"verdict": "is", "tracks": ["'"], "name": "Ada"}, 404, "not-found"),
        ({"verdict": "is", "tracks": "{track}", "name": "Ada"}, 400, "invalid"),
        ({"verdict": "is", "tracks": [None], "name": "Ada"}, 400, "invalid"),
        ({"verdict": "is", "unknown": "0123456789abcdef", "name": "Ada"}, 404, "not-found"),
        ({"verdict": "is", "unknown": "'; --", "name": "Ada"}, 404, "not-found"),
        ({"verdict": "is", "unknown": "\x00", "name": "Ada"}, 400, "invalid"),
        ({"verdict": "is", "unknown": "{key}", "name": ""}, 400, "name-refused"),
        ({"verdict": "is", "unknown": "{key}", "name": " \t\n "}, 400, "name-refused"),
        ({"verdict": "is", "unknown": "{key}", "name": "\u200b\u2060"}, 400, "name-refused"),
        ({"verdict": "is", "unknown": "{key}", "name": "a" * 201}, 400, "name-refused"),
        ({"verdict": "is", "unknown": "{key}", "name": "a\x1bb"}, 400, "name-refused"),
        ({"verdict": "is", "unknown": "{key}", "name": "a\x00b"}, 400, "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    said: dict[str, Any], status: int, code: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    known = {
        "{track}": str(scanned_library.tracks_alone("joe_biden")[0]),
        "{key}": scanned_library.unknown_of("joe_biden"),
        "{person}": editor.post("/api/v1/people/", {"name": "Grace"}).json()["id"],
    }

    def meant(value: Any) -> Any:
        return [meant(one) for one in value] if isinstance(value, list) else known.get(value, value)

    body = {member: meant(value) for member, value in said.items()}
    rows = list(Unknown.objects.order_by("pk").values()), list(Resolution.objects.order_by("pk").values())
    for route in (PREVIEW, DECISIONS):
        refused(editor.post(route, body), status, code)
    assert rows == (
        list(Unknown.objects.order_by("pk").values()),
        list(Resolution.objects.order_by("pk").values()),
    )
    assert not Decision.objects.exists()
    assert [person.name for person in Person.objects.all()] == ["Grace"]


@pytest.mark.parametrize(
    "name", ["李小龍", "Ольга", "محمد", "Zoë", "O’Neill & Søn <b>", "🎬", "a" * 200, "𝒜da"]
)
def test_a_name_may_be_of_any_script(name: str, editor: Client, scanned_library: ScannedLibrary) -> None:
    said = {"verdict": "is", "unknown": scanned_library.unknown_of("joe_biden"), "name": f"  {name} "}
    assert editor.post(DECISIONS, said).json()["person"]["name"] == name
    (person,) = results(editor.get("/api/v1/people/", {"q": name}))
    assert person["name"] == name
    faces = editor.get(f"/api/v1/assets/{scanned_library.videos[0].pk}/appearances/?format=videobox").json()
    assert name in {face["key"] for face in faces["faces"]}


def test_review_lists_what_waits_for_an_answer(editor: Client, scanned_library: ScannedLibrary) -> None:
    assert results(editor.get("/api/v1/review/")) == []
    waiting = Resolution.objects.filter(track=scanned_library.tracks_alone("joe_biden")[0])
    waiting.update(band="suggested", person=Person.objects.create(name="Joe", name_key="joe"), distance=0.5)
    counts.recount_unknowns([row.unknown_id for row in waiting])
    (asked,) = results(editor.get("/api/v1/review/"))
    assert asked["key"] == scanned_library.unknown_of("joe_biden")
    assert asked["suggestion"]["person"]["name"] == "Joe"
    assert 0 < asked["suggestion"]["confidence"] < 1
    assert results(editor.get(f"/api/v1/review/?person={asked['suggestion']['person']['id']}")) == [asked]
    assert results(editor.get("/api/v1/review/?person=999999")) == []
