"""Finding people, unknowns and moments by a photograph."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from faces import crops, networks, photo_search
from faces.identity.model import current_model
from faces.models import Decision, Faceprint, Photo, Track
from faces.vision import LIKE_DEGREES, Pose, faces_in_photo, read_photo
from tests import material
from tests.api.answers import refused
from tests.api.conftest import Client
from tests.api.test_access import HidesOne
from tests.api.test_documents import name_all
from tests.library import ScannedLibrary

ROUTE = "/api/v1/search/photo/"


def search(client: Client, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("who.jpg", content, "image/jpeg")
    return client.post(ROUTE, {"file": file, **more}, format="multipart")


def found(client: Client, content: bytes, **more: Any) -> list[dict[str, Any]]:
    answer = search(client, content, **more)
    assert answer.status_code == 200, answer.content
    faces: list[dict[str, Any]] = answer.json()["faces"]
    return faces


def portrait(name: str) -> bytes:
    return material.portrait_path(name).read_bytes()


def starts(library: ScannedLibrary, person: str) -> set[tuple[str, int]]:
    """(asset, start_ms) of each shot of the truth that shows this person."""
    return {
        (str(video.pk), shot["start_ms"])
        for video in library.videos
        for shot in video.truth["shots"]
        if person in [seen["person"] for seen in shot["people"]]
    }


def test_a_photograph_finds_the_unknown_and_every_moment_before_anybody_is_named(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    (face,) = found(viewer, portrait("astronaut"))
    assert set(face) == {"box", "people", "unknowns", "moments"}
    assert face["people"] == []
    assert face["unknowns"][0]["key"] == scanned_library.unknown_of("eileen_collins")
    assert face["unknowns"][0]["confidence"] > 0.9
    expected = starts(scanned_library, "eileen_collins")
    nearest = face["moments"][: len(expected)]
    assert {(moment["asset"], moment["start_ms"]) for moment in nearest} == expected
    assert {moment["track"] for moment in nearest} >= {
        str(track) for track in scanned_library.tracks_alone("eileen_collins")
    }
    sure = [moment["confidence"] for moment in face["moments"]]
    assert sure == sorted(sure, reverse=True)


def test_a_photograph_finds_people_by_name_once_they_have_one(
    viewer: Client, editor: Client, scanned_library: ScannedLibrary
) -> None:
    ids = name_all(editor, scanned_library)
    (face,) = found(viewer, portrait("obama3"))
    first = face["people"][0]
    assert first["person"] == {"id": ids["Barack Obama"], "name": "Barack Obama"}
    assert first["confidence"] > 0.9
    assert 0 < first["distance"] <= current_model().calibration.suggested
    assert face["unknowns"] == []
    (box,) = (f.box for f in faces_in_photo(read_photo(portrait("obama3")), networks.loaded()))
    assert face["box"] == dict(
        zip(("left", "top", "width", "height"), np.rint(box).astype(int).tolist(), strict=True)
    )


def test_of_several_faces_each_is_looked_for_or_the_one_asked_for(
    viewer: Client, editor: Client, two_faces: Path, scanned_library: ScannedLibrary
) -> None:
    name_all(editor, scanned_library)
    both = found(viewer, two_faces.read_bytes())
    assert [face["people"][0]["person"]["name"] for face in both] == ["Barack Obama", "Joe Biden"]
    assert both[0]["box"]["left"] < both[1]["box"]["left"]
    for number in (0, 1):
        (alone,) = found(viewer, two_faces.read_bytes(), face=number)
        assert alone == both[number]
    problem = refused(search(viewer, two_faces.read_bytes(), face=2), 422, "no-face")
    assert "2 faces" in problem["detail"]
    for wrong in (-1, "x"):
        refused(search(viewer, two_faces.read_bytes(), face=wrong), 400, "invalid")


def test_nothing_of_the_photograph_is_kept(
    viewer: Client, scanned_library: ScannedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise AssertionError("something was stored")

    monkeypatch.setattr(type(crops.storage()), "save", refuse)
    before = [model._default_manager.count() for model in (Faceprint, Photo, Track, Decision)]
    found(viewer, portrait("biden"))
    assert [model._default_manager.count() for model in (Faceprint, Photo, Track, Decision)] == before


def test_pictures_that_show_nobody_or_are_none_are_refused(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    backdrop = material.portraits().backdrops["rocket"].read_bytes()
    refused(search(viewer, backdrop), 422, "no-face")
    refused(search(viewer, b"no picture"), 422, "photo-unreadable")
    refused(search(viewer, portrait("obama")[:3000]), 422, "photo-unreadable")
    refused(search(viewer, b""), 400, "invalid")
    refused(viewer.post(ROUTE, {}, format="multipart"), 400, "invalid")
    refused(search(viewer, portrait("obama"), pose="sideways"), 400, "invalid")
    refused(viewer.get(ROUTE), 405, "method-not-allowed")


def test_somebody_who_is_nowhere_is_nobody(viewer: Client, db: None) -> None:
    (face,) = found(viewer, portrait("obama"))
    assert (face["people"], face["unknowns"], face["moments"]) == ([], [], [])


def test_a_like_pose_leaves_out_those_who_look_elsewhere(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    (own, *_) = faces_in_photo(read_photo(portrait("obama3")), networks.loaded())
    (any_pose,) = found(viewer, portrait("obama3"))
    (like,) = found(viewer, portrait("obama3"), pose="like")
    turned = {str(track.pk): Pose(track.yaw or 0, track.pitch or 0) for track in Track.objects.all()}
    assert like["moments"] == [
        moment
        for moment in any_pose["moments"]
        if turned[moment["track"]].degrees_from(own.pose) <= LIKE_DEGREES
    ]
    assert 0 < len(like["moments"]) < len(any_pose["moments"])
    assert found(viewer, portrait("obama3"), pose="any") == [any_pose]


def test_what_somebody_may_not_see_is_not_found(
    viewer: Client, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    hidden = str(scanned_library.videos[0].pk)
    (everything,) = found(viewer, portrait("grace_hopper"))
    settings.FACES = settings.FACES | {"host": f"{HidesOne.__module__}.{HidesOne.__name__}"}
    (shown,) = found(viewer, portrait("grace_hopper"))
    assert shown["moments"] == [m for m in everything["moments"] if m["asset"] != hidden]
    assert len(shown["moments"]) < len(everything["moments"])


def test_who_is_ignored_or_no_face_is_not_found(
    viewer: Client, editor: Client, scanned_library: ScannedLibrary
) -> None:
    key = scanned_library.unknown_of("eileen_collins")
    (before,) = found(viewer, portrait("astronaut"))
    no_face, *others = (moment["track"] for moment in before["moments"])
    editor.post("/api/v1/decisions/", {"verdict": "not_a_face", "tracks": [no_face]})
    (after,) = found(viewer, portrait("astronaut"))
    assert [moment["track"] for moment in after["moments"]] == others
    editor.post("/api/v1/decisions/", {"verdict": "ignore", "unknown": key})
    (ignored,) = found(viewer, portrait("astronaut"))
    assert key not in {unknown["key"] for unknown in ignored["unknowns"]}
    assert ignored["people"] == []
    assert len(ignored["moments"]) < len(others)


def test_it_answers_the_likeliest_and_as_many_as_it_says(
    viewer: Client, scanned_library: ScannedLibrary, monkeypatch: pytest.MonkeyPatch, two_faces: Path
) -> None:
    whole = found(viewer, two_faces.read_bytes())
    for bound, number in (("MAX_MOMENTS", 2), ("MAX_UNKNOWNS", 1), ("MAX_FACES", 1), ("_BATCH", 1)):
        monkeypatch.setattr(photo_search, bound, number)
    (obama,) = found(viewer, two_faces.read_bytes())
    assert obama["moments"] == whole[0]["moments"][:2]
    assert obama["unknowns"] == whole[0]["unknowns"][:1]
    (biden,) = found(viewer, two_faces.read_bytes(), face=1)
    assert biden["box"] == whole[1]["box"]


def test_a_crowd_is_looked_for_in_one_pass(
    viewer: Client,
    scanned_library: ScannedLibrary,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    names = ("obama", "biden", "grace_hopper", "astronaut")
    heads = [cv2.imread(str(material.portrait_path(name))) for name in names]
    crowd = cv2.hconcat([cv2.resize(head, (400, 500)) for head in heads if head is not None])
    content = ContentFile(cv2.imencode(".jpg", crowd)[1].tobytes()).read()
    with django_assert_max_num_queries(14):
        faces = found(viewer, content)
    assert len(faces) == 4
    assert [face["unknowns"][0]["key"] for face in sorted(faces, key=lambda face: face["box"]["left"])] == [
        scanned_library.unknown_of(who)
        for who in ("barack_obama", "joe_biden", "grace_hopper", "eileen_collins")
    ]
