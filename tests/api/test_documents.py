"""Who appears when, as documents, against the samples' exact truth: 25 frames a second, 29.97 and variable rate."""

import csv
import io
from bisect import bisect_left
from typing import Any

import pytest

from faces.models import Person, Resolution, Scan, Track
from tests.api.answers import refused
from tests.api.conftest import Client
from tests.library import ScannedLibrary, ScannedVideo

NAMES = {
    "barack_obama": "Barack Obama",
    "grace_hopper": "Grace Hopper",
    "eileen_collins": "Eileen Collins",
    "joe_biden": "Joe Biden",
}


def name_all(client: Client, library: ScannedLibrary) -> dict[str, str]:
    """Name the unknowns of everybody in the samples; their ids by name."""
    ids = {}
    for person, name in NAMES.items():
        said = {"verdict": "is", "unknown": library.unknown_of(person), "name": name}
        answer = client.post("/api/v1/decisions/", said)
        assert answer.status_code == 201, answer.content
        ids[name] = answer.json()["person"]["id"]
    return ids


def export(client: Client, video: ScannedVideo, form: str, query: str = "") -> Any:
    response = client.get(f"/api/v1/assets/{video.pk}/appearances/?format={form}{query}")
    assert response.status_code == 200, response.content
    return response


def truth_of(video: ScannedVideo) -> dict[str, list[dict[str, int]]]:
    """For each person, what videobox must say: first and last frame, and when those are shown."""
    times = video.truth["frame_times_ms"]
    return {
        NAMES[seen["person"]]: [
            {
                "start": times.index(start_ms),
                "end": bisect_left(times, end_ms) - 1,
                "start_ms": start_ms,
                "end_ms": end_ms,
            }
            for start_ms, end_ms in seen["intervals"]
        ]
        for seen in video.truth["people"]
    }


@pytest.mark.parametrize("number", [0, 1, 2], ids=["25", "29.97", "variable"])
def test_videobox_says_the_truth_field_by_field(
    number: int, editor: Client, scanned_library: ScannedLibrary
) -> None:
    ids = name_all(editor, scanned_library)
    video = scanned_library.videos[number]
    document = export(editor, video, "videobox").json()
    assert list(document) == ["complete", "faces"]
    assert document["complete"] is True
    assert all(
        set(face) == {"key", "name", "person_id", "instances"} and face["key"] == face["name"]
        for face in document["faces"]
    )
    assert {face["name"]: face["person_id"] for face in document["faces"]} == {
        name: ids[name] for name in truth_of(video)
    }
    for face in document["faces"]:
        for instance in face["instances"]:
            assert 0.5 < instance.pop("confidence") <= 1
        assert face["instances"] == truth_of(video)[face["name"]], face["name"]


def test_the_last_frame_of_a_video_ends_with_the_video(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    name_all(editor, scanned_library)
    for video in scanned_library.videos:
        document = export(editor, video, "videobox").json()
        last = max(
            (instance for face in document["faces"] for instance in face["instances"]),
            key=lambda instance: instance["end_ms"],
        )
        assert last["end"] == video.truth["frame_count"] - 1
        assert last["end_ms"] == video.truth["duration_ms"]


def test_an_unknown_has_its_key_and_no_name(viewer: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[1]
    faces = export(viewer, video, "videobox").json()["faces"]
    key = scanned_library.unknown_of("eileen_collins")
    (face,) = (face for face in faces if face["key"] == f"Unknown Face {key}")
    assert (face["name"], face["person_id"]) == (None, None)
    assert face["instances"] == truth_of(video)["Eileen Collins"]  # no confidence of a name that is not given


def test_a_confirmed_name_is_certain(editor: Client, scanned_library: ScannedLibrary) -> None:
    name_all(editor, scanned_library)
    for face in export(editor, scanned_library.videos[0], "videobox").json()["faces"]:
        assert {instance["confidence"] for instance in face["instances"]} == {1.0}


def test_a_stretch_is_cut_to_the_frames_shown_in_it(viewer: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    key = f"Unknown Face {scanned_library.unknown_of('barack_obama')}"
    faces = export(viewer, video, "videobox", "&from_ms=1010&to_ms=1990").json()["faces"]
    assert faces == [
        {
            "key": key,
            "name": None,
            "person_id": None,
            "instances": [{"start": 25, "end": 49, "start_ms": 1010, "end_ms": 1990}],
        }
    ]
    assert export(viewer, video, "videobox", "&from_ms=5000&to_ms=6000").json()["faces"] == []


def test_json_names_its_tracks_and_adds_up_screen_time(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    ids = name_all(editor, scanned_library)
    for video in scanned_library.videos:
        document = export(editor, video, "json").json()
        assert document["asset"] == {
            "id": str(video.pk),
            "title": video.title,
            "duration_ms": video.truth["duration_ms"],
            "frames": video.truth["frame_count"],
        }
        for face in document["faces"]:
            (seen,) = (seen for seen in video.truth["people"] if NAMES[seen["person"]] == face["name"])
            assert face["person_id"] == ids[face["name"]]
            assert face["screen_time_ms"] == seen["total_ms"]
            shown = [[a["start_ms"], a["end_ms"]] for a in face["appearances"]]
            assert shown == seen["intervals"]
        tracks = [t for face in document["faces"] for a in face["appearances"] for t in a["tracks"]]
        assert sorted(map(int, tracks)) == sorted(
            Track.objects.filter(asset=video.pk).values_list("pk", flat=True)
        )


def test_csv_has_a_row_for_each_appearance(editor: Client, scanned_library: ScannedLibrary) -> None:
    ids = name_all(editor, scanned_library)
    video = scanned_library.videos[1]
    response = export(editor, video, "csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    expected = sorted(
        (span["start_ms"], span["end_ms"], name) for name, spans in truth_of(video).items() for span in spans
    )
    assert [(int(row["start_ms"]), int(row["end_ms"]), row["name"]) for row in rows] == expected
    assert rows[0] == {
        "key": "Eileen Collins",
        "name": "Eileen Collins",
        "person_id": ids["Eileen Collins"],
        "start": "00:00:00.000",
        "end": "00:00:02.669",
        "start_ms": "0",
        "end_ms": "2669",
        "duration_ms": "2669",
        "confidence": "1.0",
    }


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", '"quoted", with comma', "=cmd|' /C calc'!A0"]
)
def test_no_name_becomes_a_formula_in_a_spreadsheet(
    name: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    said = {"verdict": "is", "unknown": scanned_library.unknown_of("joe_biden"), "name": name}
    assert editor.post("/api/v1/decisions/", said).status_code == 201
    text = export(editor, scanned_library.videos[0], "csv").content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["person_id"]]
    assert {row["name"] for row in rows} == {name if name.startswith('"') else f"'{name}"}
    assert all(not row["key"].startswith(("=", "+", "-", "@")) for row in rows)


def test_webvtt_has_a_cue_for_each_appearance(editor: Client, scanned_library: ScannedLibrary) -> None:
    name_all(editor, scanned_library)
    said = {"verdict": "is", "tracks": [str(scanned_library.tracks_alone("eileen_collins")[0])]}
    editor.post("/api/v1/decisions/", {**said, "name": "<b>Eileen</b> --> & Collins"})
    response = export(editor, scanned_library.videos[1], "webvtt")
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    cues = response.content.decode().split("\n\n")
    assert cues[0] == "WEBVTT"
    assert cues[1] == "1\n00:00:00.000 --> 00:00:02.669\n&lt;b&gt;Eileen&lt;/b&gt; --&gt; &amp; Collins"
    assert cues[2] == "2\n00:00:02.669 --> 00:00:05.005\nGrace Hopper"


def test_a_download_has_a_harmless_name(editor: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    editor.patch(f"/api/v1/assets/{video.pk}/", {"title": '../"; x=1\r\nSet-Cookie: a=b ü.mp4'})
    response = export(editor, video, "csv", "&download=1")
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert response["Content-Disposition"].count('"') == 2
    assert "/" not in response["Content-Disposition"]


def test_two_people_of_one_name_share_a_key_and_differ_in_id(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    video = scanned_library.videos[0]
    twins = [
        editor.post("/api/v1/people/", {"name": "John Smith", "same_name": True}).json()["id"]
        for _ in range(2)
    ]
    for person, twin in zip(("barack_obama", "joe_biden"), twins, strict=True):
        said = {"verdict": "is", "unknown": scanned_library.unknown_of(person), "person": twin}
        assert editor.post("/api/v1/decisions/", said).status_code == 201
    faces = export(editor, video, "videobox").json()["faces"]
    assert sorted(face["person_id"] for face in faces if face["key"] == "John Smith") == sorted(twins)


def test_ignored_faces_are_left_out_unless_asked_for(editor: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    key = scanned_library.unknown_of("joe_biden")
    editor.post("/api/v1/decisions/", {"verdict": "ignore", "unknown": key})
    for form in ("videobox", "json"):
        without = {face["key"] for face in export(editor, video, form).json()["faces"]}
        with_them = {face["key"] for face in export(editor, video, form, "&include=ignored").json()["faces"]}
        assert with_them - without == {f"Unknown Face {key}"}


def test_what_is_not_a_face_is_in_no_document(editor: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    track = scanned_library.tracks_alone("joe_biden")[0]
    editor.post("/api/v1/decisions/", {"verdict": "not_a_face", "tracks": [str(track)]})
    document = export(editor, video, "json", "&include=ignored,suggested").json()
    assert str(track) not in {
        t for face in document["faces"] for a in face["appearances"] for t in a["tracks"]
    }
    listed = editor.get(f"/api/v1/assets/{video.pk}/tracks/").json()["results"]
    assert str(track) not in {shown["id"] for shown in listed}
    boxes = editor.get(f"/api/v1/assets/{video.pk}/boxes/").json()["tracks"]
    assert str(track) not in {shown["id"] for shown in boxes}


def test_a_document_is_incomplete_while_a_scan_waits(editor: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    answer = editor.post(f"/api/v1/assets/{video.pk}/scan/", {"priority": 5})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (202, "queued", 2)
    assert export(editor, video, "videobox").json()["complete"] is False
    problem = refused(editor.post(f"/api/v1/assets/{video.pk}/scan/"), 409, "scan-open")
    assert problem["scan"] == answer.json()["id"]
    cancelled = editor.post(f"/api/v1/scans/{answer.json()['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    refused(editor.post(f"/api/v1/scans/{answer.json()['id']}/cancel/"), 409, "scan-ended")
    assert export(editor, video, "videobox").json()["complete"] is True
    assert editor.get(f"/api/v1/assets/{video.pk}/").json()["status"] == "ready"
    assert Scan.objects.filter(asset=video.pk, live=True).count() == 1


def test_a_suggested_face_counts_as_its_unknown_unless_suggestions_are_asked_for(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    video, key = scanned_library.videos[0], scanned_library.unknown_of("joe_biden")
    joe = Person.objects.create(name="Joe Biden", name_key="joe biden")
    Resolution.objects.filter(unknown__key=key).update(band="suggested", person=joe, distance=0.5)
    plain = {face["key"]: face for face in export(editor, video, "videobox").json()["faces"]}
    assert "Joe Biden" not in plain
    assert plain[f"Unknown Face {key}"]["instances"] == truth_of(video)["Joe Biden"]
    asked = {
        face["key"]: face for face in export(editor, video, "videobox", "&include=suggested").json()["faces"]
    }
    assert f"Unknown Face {key}" not in asked
    assert asked["Joe Biden"]["person_id"] == str(joe.pk)
    assert all(0 < instance["confidence"] < 1 for instance in asked["Joe Biden"]["instances"])
    track = editor.get(f"/api/v1/assets/{video.pk}/tracks/?band=suggested").json()["results"][0]
    assert (track["person"], track["unknown"], track["confidence"]) == (None, key, None)
    assert track["key"] == f"Unknown Face {key}"
    assert track["suggestion"]["person"] == {"id": str(joe.pk), "name": "Joe Biden"}
    assert 0 < track["suggestion"]["confidence"] < 1
