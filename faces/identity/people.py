"""Names of people: how they are written, found and kept apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from faces.models import Decision, Merged, Person, Photo, Verdict

MAX_NAME = 200


class NameRefused(ValueError):
    """The name is empty, too long, or holds characters that cannot be shown."""


class NameTaken(Exception):
    """Somebody of that name exists; the caller may mean them, or say `same_name`."""

    def __init__(self, other: Person) -> None:
        super().__init__(
            f"There is already somebody named {other.name}. Nothing was changed; use that person, "
            "or say same_name if they are two people."
        )
        self.other = other


def clean_name(name: str) -> str:
    """The name as it is stored: composed, single-spaced. Raises NameRefused."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in cleaned):  # nothing to be seen
        raise NameRefused("A name may not be empty. Nothing was changed; give a name.")
    if len(cleaned) > MAX_NAME:
        raise NameRefused(
            f"The name has {len(cleaned)} characters, {MAX_NAME} are the most. Nothing was changed; shorten it."
        )
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn") for character in cleaned):
        raise NameRefused("The name holds control characters. Nothing was changed; remove them.")
    return cleaned


def name_key(name: str) -> str:
    """The form by which names are compared: without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))[:400]


def create(name: str, *, same_name: bool = False, born_of: Decision | None = None) -> Person:
    """A new person. Raises NameRefused, and NameTaken unless `same_name`."""
    cleaned = clean_name(name)
    if not same_name and (other := called(cleaned)):
        raise NameTaken(other[0])
    return Person.objects.create(
        name=cleaned, first_name=cleaned, name_key=name_key(cleaned), born_of=born_of
    )


def create_stranger(born_of: Decision) -> Person:
    """Somebody without a name, whom a human told to ignore."""
    return Person.objects.create(name="", name_key="", born_of=born_of, stranger=True)


def free_name(name: str, person: Person, *, same_name: bool = False) -> str:
    """The name as it is stored, if the person may take it. Raises NameRefused, and NameTaken unless `same_name`."""
    cleaned = clean_name(name)
    others = [other for other in called(cleaned) if other.pk != person.pk]
    if others and not same_name:
        raise NameTaken(others[0])
    return cleaned


def living() -> QuerySet[Person]:
    """Everybody whom the library shows under a name."""
    return Person.objects.filter(retired=False, stranger=False)


def find(key: int) -> Person | None:
    """The living person of that id, or who that person is by the merges in force."""
    found = Person.objects.select_related("merged_into").filter(pk=key, stranger=False).first()
    who = found.merged_into or found if found is not None else None
    return who if who is not None and not who.retired else None


def called(name: str) -> list[Person]:
    """The living people of exactly this name, case and accents aside, the oldest first.

    Somebody merged into another is found under the old name, too.
    """
    found = Person.objects.filter(name_key=name_key(clean_name(name)), stranger=False).select_related(
        "merged_into"
    )
    living = {
        person.pk: person for each in found for person in [each.merged_into or each] if not person.retired
    }
    return [living[key] for key in sorted(living)]


def refresh(person: Person) -> bool:
    """Bring a person's name and retirement up to date with the decisions in force; whether anything changed."""
    renamed = person.decisions.filter(active=True, verdict=Verdict.RENAME).order_by("-pk").first()
    name = renamed.name if renamed is not None else person.first_name
    retired = retires(person)
    if retired == person.retired and name == person.name:
        return False
    person.retired, person.name, person.name_key = retired, name, name_key(name)
    person.save(update_fields=["retired", "name", "name_key"])
    return True


def retires(person: Person) -> bool:
    """Whether a person is to be shown no more: deleted, merged, or of no use to any decision or photograph in force.

    Somebody whom no decision made, but a human by hand, needs no such use. Whatever was ever said of a retired person
    counts no longer.
    """
    own = Decision.objects.filter(Q(person=person) | Q(person__merged_into=person), active=True)
    made_by_hand = person.born_of_id is None
    used = (
        own.filter(verdict__in=[Verdict.IS, Verdict.IGNORE]).exists()
        or own.filter(verdict=Verdict.SPLIT, unknown=None).exists()
        or Photo.objects.filter(Q(person=person) | Q(person__merged_into=person), enrolled=True).exists()
    )
    deleted = person.decisions.filter(active=True, verdict=Verdict.DELETE_PERSON).exists()
    return person.merged_into_id is not None or deleted or not (made_by_hand or used)


def merged_with(people: Iterable[int]) -> set[int]:
    """These people and everybody whom merges in force make one with them."""
    return set(_merges(people)[0])


def refresh_merges(people: Iterable[int]) -> None:
    """Decide anew who each of these, and whoever is merged with them, is by the merges in force.

    Merges are read in their order, each time the one merged into gives the name: so whichever of them is undone, the
    others go on to mean what they said.
    """
    known, merges = _merges(people)
    now = {person: person for person in known}
    for _, into, merged in merges:
        kept, gone = now[into], now[merged]
        now = {person: kept if who == gone else who for person, who in now.items()}
    rows = list(Person.objects.filter(pk__in=known))
    for row in rows:
        row.merged_into_id = None if now[row.pk] == row.pk else now[row.pk]
    Person.objects.bulk_update(rows, ["merged_into"])


def _merges(people: Iterable[int]) -> tuple[set[int], list[tuple[int, int, int]]]:
    """Everybody merged with these people, and the merges in force among them: (decision, into, merged), in order."""
    known: set[int] = set()
    merges: dict[int, tuple[int, int, int]] = {}
    wanted = set(people)
    while frontier := wanted - known:
        known |= frontier
        for key, decision, into, merged in Merged.objects.filter(
            Q(person__in=frontier) | Q(decision__person__in=frontier),
            decision__active=True,
            person__isnull=False,
        ).values_list("pk", "decision_id", "decision__person_id", "person_id"):
            merges[key] = (decision, into, merged)
            wanted |= {into, merged}
    return known, sorted(merges.values())
