"""Finding moments by the people in them, against the samples' truth."""

from typing import Any

import pytest

from tests.api.answers import refused, results
from tests.api.conftest import Client
from tests.api.test_documents import name_all
from tests.library import ScannedLibrary

SEARCH = "/api/v1/search/"
Spans = list[tuple[int, int]]


@pytest.fixture
def ids(editor: Client, scanned_library: ScannedLibrary) -> dict[str, str]:
    return name_all(editor, scanned_library)


def found(client: Client, query: str) -> dict[str, Spans]:
    """The moments that a search finds, by title."""
    return {
        hit["asset"]["title"]: [(moment["start_ms"], moment["end_ms"]) for moment in hit["moments"]]
        for hit in results(client.get(f"{SEARCH}?{query}"))
    }


def truth(library: ScannedLibrary, person: str) -> dict[str, Spans]:
    spans = library.intervals(person)
    return {video.title: theirs for video, theirs in zip(library.videos, spans, strict=True) if theirs}


def together(one: Spans, other: Spans) -> Spans:
    met = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted((start, end) for start, end in met if start < end)


def test_one_person_is_found_whenever_they_are_seen(
    viewer: Client, ids: dict[str, str], scanned_library: ScannedLibrary
) -> None:
    for who in (ids["Eileen Collins"], "Eileen Collins", "eileen collins"):
        assert found(viewer, f"all={who}") == truth(scanned_library, "eileen_collins")
        assert found(viewer, f"any={who}") == truth(scanned_library, "eileen_collins")


def test_two_people_in_the_same_frame_are_found_where_both_are(
    viewer: Client, ids: dict[str, str], scanned_library: ScannedLibrary
) -> None:
    obama, grace = truth(scanned_library, "barack_obama"), truth(scanned_library, "grace_hopper")
    expected = {
        title: met for title in obama.keys() & grace.keys() if (met := together(obama[title], grace[title]))
    }
    assert expected  # or the samples prove nothing
    answer = viewer.get(f"{SEARCH}?all=Barack Obama&all=Grace Hopper&together_within_ms=0")
    assert {
        hit["asset"]["title"]: [(m["start_ms"], m["end_ms"]) for m in hit["moments"]]
        for hit in results(answer)
    } == expected
    people = [moment["people"] for hit in results(answer) for moment in hit["moments"]]
    assert all({ids["Barack Obama"], ids["Grace Hopper"]} <= set(shown) for shown in people)


def test_within_a_distance_people_need_not_share_a_frame(viewer: Client, ids: dict[str, str]) -> None:
    """In the second sample Eileen Collins is alone until 9009 ms and Joe Biden takes over."""
    pair = "all=Eileen Collins&all=Joe Biden"
    assert "Sample 2: Space and computing" not in found(viewer, f"{pair}&together_within_ms=0")
    near = found(viewer, f"{pair}&together_within_ms=10")["Sample 2: Space and computing"]
    assert near
    assert all(start < 9009 < end or start < 11011 < end for start, end in near)


def test_all_wants_everybody_in_the_video_and_any_wants_somebody(
    viewer: Client, ids: dict[str, str], scanned_library: ScannedLibrary
) -> None:
    first, second, third = (video.title for video in scanned_library.videos)
    assert set(found(viewer, "all=Eileen Collins&all=Barack Obama")) == {second, third}
    assert set(found(viewer, "any=Eileen Collins&any=Barack Obama")) == {first, second, third}
    assert set(found(viewer, "all=Barack Obama&none=Eileen Collins")) == {first}
    assert found(viewer, "all=Barack Obama&none=Joe Biden") == {}


def test_a_collection_and_dates_narrow_the_search(
    viewer: Client, editor: Client, ids: dict[str, str], scanned_library: ScannedLibrary
) -> None:
    first = scanned_library.videos[0]
    editor.patch(f"/api/v1/assets/{first.pk}/", {"broadcast_date": "2026-03-14", "collection": "News"})
    for query, titles in (
        ("collection=News", {first.title}),
        ("collection=Nowhere", set()),
        ("from=2026-03-14&to=2026-03-14", {first.title}),
        ("from=2026-03-15", set()),
        ("to=2026-03-13", set()),
    ):
        assert set(found(viewer, f"all=Barack Obama&{query}")) == titles, query


def test_a_search_pages_over_videos(
    viewer: Client, ids: dict[str, str], scanned_library: ScannedLibrary
) -> None:
    paged: list[Any] = []
    following = f"{SEARCH}?all=Barack Obama&limit=1"
    while following:
        answer = viewer.get(following).json()
        paged += [hit["asset"]["title"] for hit in answer["results"]]
        following = answer["next"]
    assert sorted(paged) == sorted(video.title for video in scanned_library.videos)


def test_who_was_asked_about_but_never_seen_is_in_no_video(editor: Client, ids: dict[str, str]) -> None:
    editor.post("/api/v1/people/", {"name": "Ada Lovelace"})
    assert found(editor, "all=Ada Lovelace") == {}
    assert found(editor, "all=Ada Lovelace&all=Barack Obama&together_within_ms=0") == {}
    assert len(found(editor, "any=Ada Lovelace&any=Barack Obama&together_within_ms=0")) == 3


def test_a_name_that_two_people_have_is_no_answer_to_whom(editor: Client, ids: dict[str, str]) -> None:
    second = editor.post("/api/v1/people/", {"name": "Grace Hopper", "same_name": True})
    assert second.status_code == 201
    refused(editor.get(f"{SEARCH}?all=Grace Hopper"), 422, "ambiguous-name")


def test_it_looks_for_so_many_people_and_not_for_more(viewer: Client, ids: dict[str, str]) -> None:
    query = "&".join(f"any={number}" for number in range(51))
    refused(viewer.get(f"{SEARCH}?{query}"), 400, "invalid")
