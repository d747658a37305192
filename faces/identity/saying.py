"""What humans can say, and why it may be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faces.models import Decision, Verdict

MAX_TRACKS = 20_000
MAX_MERGED = 1000


class Unsayable(ValueError):
    """The statement is incomplete or contradicts itself."""


class NotFound(LookupError):
    """What the statement speaks of does not exist, or no longer does."""


class AlreadyDecided(Exception):
    """Another editor was first; `decision` is theirs."""

    def __init__(self, message: str, decision: Decision | None) -> None:
        super().__init__(message)
        self.decision = decision


class Conflict(Exception):
    """Later decisions speak of the same tracks. `free` are the tracks that can be undone without touching those."""

    def __init__(self, message: str, later: list[Decision], free: list[int]) -> None:
        super().__init__(message)
        self.later, self.free = later, free


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement as it comes in: a verdict and what it speaks of.

    is, is_not, ignore, not_a_face: of tracks or an unknown; the first also a person or a name, the second a person.
    merge: people into one of them, or unknowns. split: tracks, and a name where they have one.
    rename: a person and a name. set_cover: a person and a track. add_exemplar, remove_exemplar: a person and tracks, or
    a photograph. delete_person: a person.
    """

    verdict: str
    tracks: Sequence[int] = ()
    unknown: str = ""
    unknowns: Sequence[str] = ()
    people: Sequence[int] = ()
    person: int | None = None
    name: str = ""
    same_name: bool = False
    photo: int | None = None
    why: str = ""


_SPEAKS_OF = {
    Verdict.IS: {"tracks", "unknown", "person", "name"},
    Verdict.IS_NOT: {"tracks", "unknown", "person"},
    Verdict.IGNORE: {"tracks", "unknown"},
    Verdict.NOT_A_FACE: {"tracks", "unknown"},
    Verdict.MERGE: {"people", "person", "unknowns"},
    Verdict.SPLIT: {"tracks", "name"},
    Verdict.RENAME: {"person", "name"},
    Verdict.SET_COVER: {"person", "tracks"},
    Verdict.ADD_EXEMPLAR: {"person", "tracks", "photo"},
    Verdict.REMOVE_EXEMPLAR: {"person", "tracks", "photo"},
    Verdict.ENROL: {"person", "photo"},
    Verdict.DELETE_PERSON: {"person"},
}
_CALLED = {
    "tracks": "tracks",
    "unknown": "an unknown",
    "unknowns": "unknowns",
    "people": "people",
    "person": "a person",
    "name": "a name",
    "photo": "a photograph",
}


def check(said: Said) -> None:
    """Raises Unsayable where a statement is incomplete or says too much."""
    given = {field for field in _CALLED if getattr(said, field) not in (None, "", (), [])}
    allowed = _SPEAKS_OF.get(Verdict(said.verdict)) if said.verdict in Verdict.values else None
    if allowed is None:
        raise Unsayable(f"“{said.verdict}” is no verdict that can be said here. Nothing was changed.")
    if too_much := sorted(given - allowed):
        what = " and ".join(_CALLED[field] for field in too_much)
        raise Unsayable(f"“{said.verdict}” does not speak of {what}. Nothing was changed; leave that out.")
    if len(said.tracks) > MAX_TRACKS:
        raise Unsayable(
            f"One decision takes at most {MAX_TRACKS} tracks. Nothing was changed; decide in parts."
        )
    if lacking := _lacking(said, given):
        raise Unsayable(f"{lacking} Nothing was changed.")


def _lacking(said: Said, given: set[str]) -> str:
    """What a statement still needs, as a sentence; empty where it is whole."""
    match said.verdict:
        case Verdict.IS | Verdict.IS_NOT | Verdict.IGNORE | Verdict.NOT_A_FACE:
            if ("tracks" in given) == ("unknown" in given):
                return "Say which tracks or which unknown this is about, one of the two."
            if said.verdict == Verdict.IS and ("person" in given) == ("name" in given):
                return "Say who it is: a person or a name, one of the two."
            if said.verdict == Verdict.IS_NOT and "person" not in given:
                return "Say which person it is not."
        case Verdict.MERGE:
            if ("people" in given) == ("unknowns" in given):
                return "Say which people or which unknowns are one, one of the two."
            if "people" in given and "person" not in given:
                return "Say into which of these people the others are merged."
            if max(len(set(said.people) | {said.person}), len(set(said.unknowns))) < 2:
                return "It takes two to merge."
            if len(said.people) + len(said.unknowns) > MAX_MERGED:
                return f"One decision merges at most {MAX_MERGED}; decide in parts."
        case Verdict.SPLIT:
            if "tracks" not in given:
                return "Say which tracks are somebody else."
        case Verdict.RENAME:
            if not {"person", "name"} <= given:
                return "Say who, and the new name."
        case Verdict.SET_COVER:
            if "person" not in given or len(said.tracks) != 1:
                return "Say who, and the one track whose picture is wanted."
        case Verdict.ADD_EXEMPLAR | Verdict.REMOVE_EXEMPLAR:
            if "person" not in given or ("tracks" in given) == ("photo" in given):
                return "Say who, and which tracks or which photograph, one of the two."
        case Verdict.ENROL:
            if not {"person", "photo"} <= given:
                return "Say who, and the photograph."
        case Verdict.DELETE_PERSON:
            if "person" not in given:
                return "Say who."
    return ""
