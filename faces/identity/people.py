"""Names of people: how they are written, found and kept apart."""

from __future__ import annotations

import unicodedata

from faces.models import Decision, Person, Verdict

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
    return Person.objects.create(name=cleaned, name_key=name_key(cleaned), born_of=born_of)


def rename(person: Person, name: str, *, same_name: bool = False) -> None:
    """Give a person another name. Raises NameRefused, and NameTaken unless `same_name`."""
    cleaned = clean_name(name)
    others = [other for other in called(cleaned) if other.pk != person.pk]
    if others and not same_name:
        raise NameTaken(others[0])
    person.name, person.name_key = cleaned, name_key(cleaned)
    person.save(update_fields=["name", "name_key"])


def called(name: str) -> list[Person]:
    """The living people of exactly this name, case and accents aside, the oldest first."""
    return list(Person.objects.filter(name_key=name_key(clean_name(name)), retired=False).order_by("pk"))


def refresh_retirement(person: Person) -> bool:
    """A name that a decision made goes when no active decision or photograph uses it; a deleted one is gone.

    Whether that has changed now: then whatever was ever said of this person counts again, or no longer.
    """
    active = person.decisions.filter(active=True)
    made_by_hand = person.born_of_id is None or person.photos.exists()
    deleted = active.filter(verdict=Verdict.DELETE_PERSON).exists()
    retired = deleted or not (made_by_hand or active.filter(verdict=Verdict.IS).exists())
    changed = retired != person.retired
    if changed:
        person.retired = retired
        person.save(update_fields=["retired"])
    return changed
