"""What humans say, and its undoing: the only writer of decisions.

Each verb runs in one transaction with everything that follows from it, so an answer means that the whole library
already agrees. A preview is the same work, rolled back: it cannot differ from the effect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from faces.identity import people as names
from faces.identity import queries
from faces.identity.following import Changed, follow, standings
from faces.identity.model import Model
from faces.models import (
    Anchor,
    Attachment,
    Band,
    Decision,
    Person,
    Track,
    Unknown,
    Verdict,
)

MAX_TRACKS = 20_000
_OPEN = (Band.UNKNOWN, Band.SUGGESTED)


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
    """A statement as it comes in: a verdict about tracks or an unknown, and for `is`, a person or a name."""

    verdict: str
    tracks: Sequence[int] = ()
    unknown: str = ""
    person: int | None = None
    name: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and what it changed; `decision.pk` is None for a preview."""

    decision: Decision
    person: Person | None
    tracks: int
    appearances: int
    assets: int
    to_review: int
    changed: list[Changed] = field(repr=False)


class _RolledBack(Exception):
    """Carries a preview's outcome out of its transaction."""


def decide(said: Said, *, by: Any, model: Model) -> Outcome:
    """Record what a human says and let the library follow.

    Raises Unsayable, NotFound, AlreadyDecided, people.NameRefused.
    """
    with queries.identity_write():
        return _decide(said, by, model)


def preview(said: Said, *, by: Any, model: Model) -> Outcome:
    """What `decide` would answer now, changing nothing. Raises what it raises."""
    outcome: Outcome | None = None
    try:
        with queries.identity_write():
            outcome = _decide(said, by, model)
            raise _RolledBack
    except _RolledBack:
        assert outcome is not None
    outcome.decision.pk = None
    if outcome.person is not None and not Person.objects.filter(pk=outcome.person.pk).exists():
        outcome.person.pk = None
    return outcome


def undo(decision: int, *, by: Any, model: Model, part: bool = False) -> Outcome:
    """Take a decision back; undoing an undo is a redo. Later decisions about the same tracks stay in force.

    Where there are such, raises Conflict unless `part`, which says: undo what they leave free. Raises NotFound, and
    AlreadyDecided where the decision is already undone.
    """
    with queries.identity_write():
        reverted = Decision.objects.select_related("person").filter(pk=decision).first()
        if reverted is None:
            raise NotFound("There is no such decision. Nothing was changed; reload the activity.")
        if not reverted.active:
            standing = reverted.reverted_by.filter(active=True).first()
            raise AlreadyDecided("This decision is already undone. Nothing was changed.", standing)
        subject = _subject(reverted)
        touched = set(Attachment.objects.filter(anchor__decision=subject).values_list("track_id", flat=True))
        if not part:
            _refuse_if_later(reverted, subject, touched)
        undoing = Decision.objects.create(
            verdict=Verdict.UNDO, person=subject.person, by=by, by_name=_name_of(by), reverts=reverted
        )
        before = standings(touched)
        _set_active(reverted, False)
        return _follow(undoing, subject.person, touched, before, model)


def delete_person(person: int, *, by: Any, model: Model) -> Outcome:
    """Take a name out of the library. The decisions that used it stay, and undoing this brings it all back."""
    with queries.identity_write():
        found = _living_person(person)
        decision = Decision.objects.create(
            verdict=Verdict.DELETE_PERSON, person=found, by=by, by_name=_name_of(by)
        )
        return _follow(decision, found, set(), {}, model)


def photos_changed(person: Person, *, model: Model) -> list[Changed]:
    """An enrolled photograph came or went: let the library follow. Inside `queries.identity_write()`."""
    return follow((), {person.pk}, model.calibration)


def _decide(said: Said, by: Any, model: Model) -> Outcome:
    _check(said)
    tracks, key = _tracks_of(said)
    decision = Decision(verdict=said.verdict, by=by, by_name=_name_of(by), why=said.why, unknown_key=key)
    decision.save()
    decision.person = _person_of(said, decision)
    decision.save(update_fields=["person"])
    before = standings([track.pk for track in tracks])
    anchors = Anchor.objects.bulk_create(
        Anchor(
            decision=decision,
            asset_id=track.asset_id,
            start_ms=track.start_ms,
            end_ms=track.end_ms,
            boxes=track.boxes,
        )
        for track in tracks
    )
    Attachment.objects.bulk_create(
        Attachment(anchor=anchor, track=track) for anchor, track in zip(anchors, tracks, strict=True)
    )
    return _follow(decision, decision.person, {track.pk for track in tracks}, before, model)


def _follow(
    decision: Decision, person: Person | None, tracks: set[int], before: dict[int, Any], model: Model
) -> Outcome:
    if person is not None and names.refresh_retirement(person):
        tracks = tracks | queries.tracks_spoken_of(person.pk)
    concerned = {person.pk} if person is not None else set()
    for standing in (*before.values(), *standings(tracks).values()):
        if standing.confirmed is not None:
            concerned.add(standing.confirmed)
    changed = follow(tracks, concerned, model.calibration)
    asked = [change for change in changed if change.after == Band.SUGGESTED]
    told = [change for change in changed if change.after != Band.SUGGESTED]
    to_review = sum(1 for change in asked if person is not None and change.person_after == person.pk)
    appearances, assets = _extent(told)
    decision.changed = {"tracks": len(told), "appearances": appearances, "assets": assets}
    decision.to_review = to_review
    decision.save(update_fields=["changed", "to_review"])
    if person is not None:
        person.refresh_from_db()
    return Outcome(decision, person, len(told), appearances, assets, to_review, changed)


def _extent(changed: list[Changed]) -> tuple[int, int]:
    """How many maximal intervals of one answer the changed tracks make up, and in how many assets."""
    spans = sorted(
        (str(asset), (person, 0) if person else (0, unknown), start, end)
        for asset, person, unknown, start, end in Track.objects.filter(
            pk__in=[change.track for change in changed]
        ).values_list("asset_id", "resolution__person_id", "resolution__unknown_id", "start_ms", "end_ms")
    )
    appearances, until, shown = 0, -1, None
    for asset, who, start, end in spans:
        if (asset, who) != shown or start > until:
            appearances, until = appearances + 1, end
        shown, until = (asset, who), max(until, end)
    return appearances, len({asset for asset, *_ in spans})


def _check(said: Said) -> None:
    if bool(said.tracks) == bool(said.unknown):
        raise Unsayable(
            "Say which tracks or which unknown this is about, one of the two. Nothing was changed."
        )
    if len(said.tracks) > MAX_TRACKS:
        raise Unsayable(
            f"One decision takes at most {MAX_TRACKS} tracks. Nothing was changed; decide in parts."
        )
    if said.verdict == Verdict.IS:
        if (said.person is None) == (not said.name):
            raise Unsayable("Say who it is: a person or a name, one of the two. Nothing was changed.")
    elif said.verdict == Verdict.IS_NOT:
        if said.person is None:
            raise Unsayable("Say which person it is not. Nothing was changed.")
    elif said.verdict not in (Verdict.IGNORE, Verdict.NOT_A_FACE):
        raise Unsayable(f"“{said.verdict}” is no verdict that can be said here. Nothing was changed.")
    elif said.person is not None or said.name:
        raise Unsayable("This verdict speaks of no person. Nothing was changed; leave the person out.")


def _tracks_of(said: Said) -> tuple[list[Track], str]:
    if said.tracks:
        wanted = sorted(set(said.tracks))
        tracks = list(Track.objects.filter(pk__in=wanted, resolution__isnull=False).order_by("pk"))
        if len(tracks) < len(wanted):
            raise NotFound(
                f"{len(wanted) - len(tracks)} of the {len(wanted)} tracks no longer exist; the video may have been "
                "scanned again. Nothing was changed; reload the page."
            )
        return tracks, ""
    key = bare_key(said.unknown)
    unknown = Unknown.objects.filter(key=key).first()
    if unknown is None:
        raise NotFound(f"There is no unknown {key}. Nothing was changed; reload the page.")
    # What the human sees under this key: its open tracks, and for the verdicts that bring something back, the rest.
    tracks = list(
        Track.objects.filter(resolution__unknown=unknown, resolution__band__in=_OPEN).order_by("pk")
    ) or list(
        Track.objects.filter(resolution__unknown=unknown, resolution__band=Band.IGNORED).order_by("pk")
        if said.verdict == Verdict.IS
        else Track.objects.none()
    )
    if not tracks:
        latest = (
            Decision.objects.filter(anchors__attachments__track__resolution__unknown=unknown, active=True)
            .order_by("-pk")
            .first()
        )
        raise AlreadyDecided(
            f"Somebody already decided on {unknown.label}. Nothing was changed; look at their decision first.",
            latest,
        )
    return tracks, key


def bare_key(key: str) -> str:
    """An unknown's 16 hex digits, with or without its prefix."""
    return re.sub(r"^unknown face\s+", "", key.strip(), flags=re.IGNORECASE).lower()


def _person_of(said: Said, decision: Decision) -> Person | None:
    if said.person is not None:
        return _living_person(said.person)
    if said.verdict != Verdict.IS:
        return None
    called = names.called(said.name)
    if len(called) > 1:
        raise Unsayable(
            f"{len(called)} people are named {called[0].name}. Nothing was changed; say which by the person's id."
        )
    return called[0] if called else names.create(said.name, born_of=decision)


def _living_person(person: int) -> Person:
    found = Person.objects.filter(pk=person, retired=False).first()
    if found is None:
        raise NotFound("There is no such person. Nothing was changed; reload the page.")
    return found


def _subject(decision: Decision) -> Decision:
    """The decision that a chain of undos is about in the end."""
    while decision.reverts is not None:
        decision = decision.reverts
    return decision


def _set_active(decision: Decision, active: bool) -> None:
    """Switch a decision, and with it whatever it had switched the other way."""
    decision.active = active
    decision.save(update_fields=["active"])
    if decision.reverts is not None:
        _set_active(decision.reverts, not active)


def _refuse_if_later(reverted: Decision, subject: Decision, touched: set[int]) -> None:
    later = list(
        Decision.objects.filter(
            pk__gt=max(reverted.pk, subject.pk), active=True, anchors__attachments__track__in=touched
        )
        .exclude(verdict=Verdict.UNDO)
        .distinct()
        .order_by("pk")
    )
    if later:
        held = set(
            Attachment.objects.filter(anchor__decision__in=later, track__in=touched).values_list(
                "track_id", flat=True
            )
        )
        raise Conflict(
            f"{len(later)} later decision{'s' if len(later) > 1 else ''} speak of {len(held)} of the same tracks and "
            "would stay in force. Nothing was changed; undo those first, or undo the part that is free.",
            later,
            sorted(touched - held),
        )


def _name_of(user: Any) -> str:
    return str(user.get_username()) if user is not None else ""
