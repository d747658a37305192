"""What waits for an editor's yes or no."""

from faces.identity import counts
from faces.models import Person, Resolution, Unknown
from tests.api.answers import results
from tests.api.conftest import Client
from tests.library import ScannedLibrary

REVIEW = "/api/v1/review/"


def suggest(library: ScannedLibrary, who: str, *people: Person) -> str:
    """Suggest these people for the tracks of an unknown, in turns, the first most often; the unknown's key."""
    key = library.unknown_of(who)
    for turn, row in enumerate(Resolution.objects.filter(unknown__key=key).order_by("track_id")):
        row.band, row.person, row.distance = "suggested", people[turn % len(people)], 0.4 + turn / 100
        row.save()
    counts.recount_unknowns([Unknown.objects.get(key=key).pk])
    return key


def test_suggestions_are_reviewed_longest_first(viewer: Client, scanned_library: ScannedLibrary) -> None:
    assert results(viewer.get(REVIEW)) == []
    joe = Person.objects.create(name="Joe Biden", name_key="joe biden")
    keys = [suggest(scanned_library, who, joe) for who in ("joe_biden", "barack_obama")]
    asked = results(viewer.get(REVIEW))
    assert {unknown["key"] for unknown in asked} == set(keys)
    assert asked[0]["screen_time_ms"] >= asked[1]["screen_time_ms"]
    assert {unknown["suggestion"]["person"]["name"] for unknown in asked} == {"Joe Biden"}


def test_the_review_of_one_person_asks_for_that_person(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    """Also where most of an unknown's tracks are more like somebody else."""
    joe, ann = (Person.objects.create(name=name, name_key=name.lower()) for name in ("Joe", "Ann"))
    key = suggest(scanned_library, "joe_biden", joe, ann)
    for person, query in ((joe, ""), (joe, f"?person={joe.pk}"), (ann, f"?person={ann.pk}")):
        (unknown,) = results(viewer.get(f"{REVIEW}{query}"))
        assert unknown["key"] == key
        assert unknown["suggestion"]["person"] == {"id": str(person.pk), "name": person.name}
    assert results(viewer.get(f"{REVIEW}?person=999999")) == []
