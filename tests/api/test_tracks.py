"""Tracks, boxes, frames, unknowns and pictures of the scanned samples."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from faces.models import Person, Resolution, Track
from tests.api.answers import refused, results
from tests.api.conftest import Client
from tests.library import ScannedLibrary


def test_each_track_lies_where_the_truth_has_somebody(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    for video in scanned_library.videos:
        shown = results(viewer.get(f"/api/v1/assets/{video.pk}/tracks/"))
        expected = sorted(
            (shot["start_ms"], shot["end_ms"]) for shot in video.truth["shots"] for _ in shot["people"]
        )
        assert [(track["start_ms"], track["end_ms"]) for track in shown] == expected
        assert {track["asset"] for track in shown} == {str(video.pk)}


def test_a_track_of_nobody_says_so(viewer: Client, scanned_library: ScannedLibrary) -> None:
    track = results(viewer.get(f"/api/v1/assets/{scanned_library.videos[0].pk}/tracks/"))[0]
    key = scanned_library.unknown_of("barack_obama")
    assert track.pop("quality") > 0.5
    assert track == {
        "id": str(scanned_library.tracks_alone("barack_obama")[0]),
        "asset": str(scanned_library.videos[0].pk),
        "start_ms": 0,
        "end_ms": 2600,
        "band": "unknown",
        "person": None,
        "unknown": key,
        "key": f"Unknown Face {key}",
        "confidence": None,
        "distance": None,
        "why": None,
        "suggestion": None,
        "thumbnail": f"/api/v1/tracks/{track['id']}/thumbnail",
    }


def test_an_automatic_name_says_why(editor: Client, scanned_library: ScannedLibrary) -> None:
    first, *others = scanned_library.tracks_alone("grace_hopper")
    editor.post("/api/v1/decisions/", {"verdict": "is", "tracks": [str(first)], "name": "Grace Hopper"})
    shown = {
        track["id"]: track
        for video in scanned_library.videos
        for track in results(editor.get(f"/api/v1/assets/{video.pk}/tracks/?band=auto"))
    }
    track = shown[str(others[0])]
    assert track["person"]["name"] == track["key"] == "Grace Hopper"
    assert track["unknown"] is None
    assert 0.5 < track["confidence"] <= 1
    assert 0 < track["distance"] < 0.6
    assert track["why"]["model"] == "dlib-resnet-v1"
    assert track["why"]["exemplar"] is not None
    assert track["why"]["runner_up"] is None


def test_tracks_are_found_by_time_person_unknown_and_band(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    video = scanned_library.videos[0]
    key = scanned_library.unknown_of("grace_hopper")

    def ids(query: str) -> list[tuple[int, int]]:
        found = results(editor.get(f"/api/v1/assets/{video.pk}/tracks/?{query}"))
        return [(track["start_ms"], track["end_ms"]) for track in found]

    assert ids("from_ms=2600&to_ms=2601") == [(2600, 4800)]
    assert ids("from_ms=4800&to_ms=6400") == []
    assert ids("from_ms=4799&to_ms=6401") == [(2600, 4800), (6400, 9200), (6400, 9200)]
    assert ids(f"unknown={key}") == ids(f"unknown=Unknown Face {key}") == [(9200, 11600), (13400, 15200)]
    person = editor.post(
        "/api/v1/decisions/", {"verdict": "is", "unknown": key, "name": "Grace Hopper"}
    ).json()["person"]["id"]
    assert ids(f"person={person}") == ids("band=confirmed") == [(9200, 11600), (13400, 15200)]
    assert ids(f"unknown={key}") == []
    assert ids("person=999999") == []


def test_a_suggested_track_is_found_by_its_person_among_the_suggestions_alone(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    """It has no person yet."""
    video, joe = scanned_library.videos[0], Person.objects.create(name="Joe Biden", name_key="joe biden")
    key = scanned_library.unknown_of("joe_biden")
    Resolution.objects.filter(unknown__key=key).update(band="suggested", person=joe, distance=0.5)
    tracks = f"/api/v1/assets/{video.pk}/tracks/?person={joe.pk}"
    assert results(viewer.get(tracks)) == results(viewer.get(f"{tracks}&band=auto")) == []
    suggested = results(viewer.get(f"{tracks}&band=suggested"))
    assert suggested == results(viewer.get(f"/api/v1/assets/{video.pk}/tracks/?unknown={key}"))
    assert suggested


def test_boxes_follow_the_faces(viewer: Client, scanned_library: ScannedLibrary) -> None:
    """Every box of a shot with one face holds the middle of the true one."""
    for video in scanned_library.videos:
        answer = viewer.get(f"/api/v1/assets/{video.pk}/boxes/").json()
        assert (answer["width"], answer["height"]) == (video.truth["width"], video.truth["height"])
        boxes = {track["id"]: track for track in answer["tracks"]}
        assert len(boxes) == Track.objects.filter(asset=video.pk).count()
        for shot in video.truth["shots"]:
            if len(shot["people"]) != 1:
                continue
            track = boxes[str(Track.objects.get(asset=video.pk, start_ms=shot["start_ms"]).pk)]
            true = shot["people"][0]["track"]
            for at_ms, (left, top, width, height) in zip(track["times"], track["boxes"], strict=True):
                assert shot["start_ms"] <= at_ms < shot["end_ms"]
                middle = [
                    np.interp(at_ms, [box["t_ms"] for box in true], [box[a] + box[b] / 2 for box in true])
                    for a, b in ("xw", "yh")
                ]
                assert left < middle[0] < left + width
                assert top < middle[1] < top + height


def test_boxes_of_a_stretch_reach_just_over_its_ends(viewer: Client, scanned_library: ScannedLibrary) -> None:
    video = scanned_library.videos[0]
    tracks = viewer.get(f"/api/v1/assets/{video.pk}/boxes/?from_ms=1000&to_ms=1500").json()["tracks"]
    assert len(tracks) == 1
    assert tracks[0]["times"][0] <= 1000
    assert tracks[0]["times"][-1] >= 1500
    assert len(tracks[0]["times"]) < 8


def test_frames_are_shown_when_the_truth_says(viewer: Client, scanned_library: ScannedLibrary) -> None:
    for video in scanned_library.videos:
        times = video.truth["frame_times_ms"]
        frames = f"/api/v1/assets/{video.pk}/frames/"
        assert viewer.get(frames).json() == {"first": 0, "total": len(times), "times": times}
        part = viewer.get(f"{frames}?from=10&to=20").json()
        assert part == {"first": 10, "total": len(times), "times": times[10:20]}
        assert viewer.get(f"{frames}?from=999999").json()["times"] == []


def test_unknowns_count_over_the_whole_library(viewer: Client, scanned_library: ScannedLibrary) -> None:
    unknowns = results(viewer.get("/api/v1/unknowns/"))
    assert len(unknowns) == 4
    assert [u["screen_time_ms"] for u in unknowns] == sorted(
        (u["screen_time_ms"] for u in unknowns), reverse=True
    )
    for person in ("barack_obama", "grace_hopper", "eileen_collins", "joe_biden"):
        key = scanned_library.unknown_of(person)
        (unknown,) = (unknown for unknown in unknowns if unknown["key"] == key)
        spans = scanned_library.intervals(person)
        assert unknown["label"] == f"Unknown Face {key}"
        assert unknown["assets"] == sum(bool(theirs) for theirs in spans)
        assert unknown["screen_time_ms"] == sum(end - start for theirs in spans for start, end in theirs)
        assert unknown["first_seen"] < unknown["last_seen"]  # each comes again in a later video
        assert viewer.get(f"/api/v1/unknowns/{key}/").json() == unknown
        assert viewer.get(f"/api/v1/unknowns/Unknown%20Face%20{key}/").json() == unknown
        tracks = results(viewer.get(f"/api/v1/unknowns/{key}/tracks/"))
        assert len(tracks) == unknown["tracks"]
        assert {track["unknown"] for track in tracks} == {key}


@pytest.mark.parametrize("sort", ["screen_time", "recent", "assets", "quality"])
def test_every_order_of_the_unknowns_pages_through_all_of_them(
    sort: str, viewer: Client, scanned_library: ScannedLibrary
) -> None:
    everything = results(viewer.get(f"/api/v1/unknowns/?sort={sort}"))
    paged: list[dict[str, Any]] = []
    following = f"/api/v1/unknowns/?sort={sort}&limit=1"
    while following:
        answer = viewer.get(following).json()
        assert len(answer["results"]) == 1
        paged += answer["results"]
        following = answer["next"]
    assert paged == everything


def test_a_thumbnail_is_a_square_jpeg_that_browsers_may_keep(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    for unknown in results(viewer.get("/api/v1/unknowns/")):
        for thumbnail in unknown["thumbnails"]:
            response = viewer.get(thumbnail)
            picture = Image.open(BytesIO(response.content))
            assert (response["Content-Type"], picture.format) == ("image/jpeg", "JPEG")
            assert 0.9 < picture.width / picture.height < 1.1
            assert "private" in response["Cache-Control"]


def test_faceprints_are_given_out_by_model(viewer: Client, scanned_library: ScannedLibrary) -> None:
    track = scanned_library.tracks_alone("grace_hopper")[0]
    (print_,) = results(viewer.get(f"/api/v1/tracks/{track}/faceprints/"))
    assert print_["model"] == "dlib-resnet-v1"
    assert len(print_["vector"]) == 128
    assert results(viewer.get(f"/api/v1/tracks/{track}/faceprints/?model=dlib-resnet-v1")) == [print_]
    refused(viewer.get(f"/api/v1/tracks/{track}/faceprints/?model=other"), 404, "not-found")


def test_an_answer_in_any_accepted_form_is_its_own(viewer: Client, scanned_library: ScannedLibrary) -> None:
    asset = scanned_library.videos[0].pk
    for path, accept in (
        ("appearances/?format=csv", "text/csv"),
        ("appearances/?format=webvtt", "text/vtt"),
        ("media", "video/mp4"),
        ("poster", "image/avif,image/webp"),
    ):
        response = viewer.get(f"/api/v1/assets/{asset}/{path}", HTTP_ACCEPT=accept)
        assert response.status_code == 200
        assert b"".join(response)
