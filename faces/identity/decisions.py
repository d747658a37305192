"""What humans say, and its undoing: the only writer of decisions.

Each verb runs in one transaction with everything that follows from it, so an answer means that the whole library
already agrees. A preview is the same work, rolled back: it cannot differ from the effect.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from faces.identity import anchors, effects, queries, unknowns
from faces.identity import people as names
from faces.identity.effects import Before, Outcome
from faces.identity.following import follow, standings
from faces.identity.model import Model
from faces.identity.resolve import TrackId
from faces.identity.saying import AlreadyDecided, Conflict, NotFound, Said, Unsayable, check
from faces.models import Attachment, Band, Decision, Merged, Person, Photo, Resolution, Unknown, Verdict

_OPEN = (Band.UNKNOWN, Band.SUGGESTED)
_NAMED = (Band.CONFIRMED, Band.AUTO)


class _RolledBack(Exception):
    """Carries a preview's outcome out of its transaction."""


def decide(said: Said, *, by: Any, model: Model) -> Outcome:
    """Record what a human says and let the library follow.

    Raises Unsayable, NotFound, AlreadyDecided, people.NameRefused, people.NameTaken.
    """
    check(said)
    with queries.identity_write():
        return _decide(said, by, model)


def preview(said: Said, *, by: Any, model: Model) -> Outcome:
    """What `decide` would answer now, changing nothing. Raises what it raises."""
    check(said)
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
        reverted = _in_force_by(reverted)
        subject = _subject(reverted)
        before = effects.look(subject)
        if not part:
            _refuse_if_later(reverted, subject, before.tracks)
        undoing = Decision.objects.create(
            verdict=Verdict.UNDO, person=subject.person, by=by, by_name=_name_of(by), reverts=reverted
        )
        _set_active(reverted, False)
        return effects.take_effect(undoing, subject, before, model)


def give_leeway(person: Person, leeway: float, *, model: Model) -> None:
    """Judge a person more generously than others, or more strictly: `leeway` is added to both radii."""
    with queries.identity_write():
        Person.objects.filter(pk=person.pk).update(leeway=leeway)
        follow((), {person.pk}, model)


def _decide(said: Said, by: Any, model: Model) -> Outcome:
    """The caller holds the identity lock and has checked what is said."""
    tracks, key = _tracks_of(said)
    decision = Decision.objects.create(
        verdict=said.verdict, by=by, by_name=_name_of(by), why=said.why, unknown_key=key
    )
    before = Before(frozenset(tracks), standings(tracks))
    decision.person = _person_of(said, decision)
    match said.verdict:
        case Verdict.RENAME:
            assert decision.person is not None
            decision.name = names.free_name(said.name, decision.person, same_name=said.same_name)
        case Verdict.MERGE:
            _merge(said, decision)
        case Verdict.SPLIT:
            _split(said, decision, tracks)
    if said.photo is not None:
        decision.photo = _photo_of(decision.person, said.photo)
    decision.save()
    anchors.point_at(decision, tracks)
    return effects.take_effect(decision, decision, before, model)


def _tracks_of(said: Said) -> tuple[list[TrackId], str]:
    if said.unknown:
        return _tracks_of_unknown(said)
    wanted = set(said.tracks)
    tracks = sorted(Resolution.objects.filter(track__in=wanted).values_list("track_id", flat=True))
    if len(tracks) < len(wanted):
        raise NotFound(
            f"{len(wanted) - len(tracks)} of the {len(wanted)} tracks no longer exist; the video may have been "
            "scanned again. Nothing was changed; reload the page."
        )
    return tracks, ""


def _tracks_of_unknown(said: Said) -> tuple[list[TrackId], str]:
    """What the human sees under this key: its open tracks, or for a verdict that brings something back, the ignored."""
    unknown = _unknown(said.unknown)
    members = Resolution.objects.filter(unknown=unknown)
    tracks = sorted(members.filter(band__in=_OPEN).values_list("track_id", flat=True))
    if not tracks and said.verdict == Verdict.IS:
        tracks = sorted(members.filter(band=Band.IGNORED).values_list("track_id", flat=True))
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
    return tracks, unknown.key


def bare_key(key: str) -> str:
    """An unknown's 16 hex digits, with or without its prefix."""
    return re.sub(r"^unknown face\s+", "", key.strip(), flags=re.IGNORECASE).lower()


def _unknown(key: str) -> Unknown:
    found = unknowns.read_key(bare_key(key))
    if found is None:
        raise NotFound(f"There is no unknown {bare_key(key)}. Nothing was changed; reload the page.")
    return found


def _person_of(said: Said, decision: Decision) -> Person | None:
    if said.person is not None:
        return _living_person(said.person)
    if said.verdict == Verdict.IGNORE:
        return names.create_stranger(decision)
    if said.verdict not in (Verdict.IS, Verdict.SPLIT) or not (said.name or said.verdict == Verdict.IS):
        return None
    called = names.called(said.name)
    if len(called) > 1:
        raise Unsayable(
            f"{len(called)} people are named {called[0].name}. Nothing was changed; say which by the person's id."
        )
    return called[0] if called else names.create(said.name, born_of=decision)


def _living_person(person: int) -> Person:
    found = names.find(person)
    if found is None:
        raise NotFound("There is no such person. Nothing was changed; reload the page.")
    return found


def _photo_of(person: Person | None, photo: int) -> Photo:
    found = Photo.objects.filter(pk=photo, person=person).first() or (
        Photo.objects.filter(pk=photo, person__merged_into=person).first()
    )
    if found is None:
        raise NotFound("This person has no such photograph. Nothing was changed; reload the page.")
    return found


def _merge(said: Said, decision: Decision) -> None:
    if said.people:
        others = [_living_person(person) for person in sorted(set(said.people) - {said.person})]
        Merged.objects.bulk_create(Merged(decision=decision, person=person) for person in others)
        return
    found = {unknown.pk: unknown for unknown in (_unknown(key) for key in said.unknowns)}
    if len(found) < 2:
        raise AlreadyDecided("These unknowns are one already. Nothing was changed.", None)
    oldest = found[min(found)]
    decision.unknown, decision.unknown_key = oldest, oldest.key
    Merged.objects.bulk_create(
        Merged(decision=decision, unknown=unknown)
        for key, unknown in sorted(found.items())
        if unknown is not oldest
    )


def _split(said: Said, decision: Decision, tracks: Collection[TrackId]) -> None:
    """With a name the tracks are that person; without, they leave the person or unknown they are shown under."""
    rows = list(Resolution.objects.filter(track__in=tracks).select_related("track", "unknown", "person"))
    sources = {row.person_id if row.band in _NAMED else -row.unknown_id for row in rows}
    if len(sources) > 1:
        raise Unsayable(
            "These tracks are shown under several people or unknowns. Nothing was changed; split one at a time."
        )
    if said.name:
        return
    source = rows[0]
    if source.band in _NAMED:
        decision.person = source.person
    elif (
        not Resolution.objects.filter(unknown=source.unknown, band__in=_OPEN)
        .exclude(track__in=tracks)
        .exists()
    ):
        raise Unsayable("These are all of this unknown's tracks. Nothing was changed; leave some behind.")
    decision.unknown_key = source.unknown.key
    decision.unknown = unknowns.born_of_split([row.track for row in rows], source.unknown, decision)


def _subject(decision: Decision) -> Decision:
    """The decision that a chain of undos is about in the end."""
    while decision.reverts is not None:
        decision = decision.reverts
    return decision


def _in_force_by(decision: Decision) -> Decision:
    """The last redo by which a decision is in force again, or the decision itself: what an undo of it takes back.

    So undos and redos of one decision always make one chain, whichever of its links a human points at.
    """
    redo = Decision.objects.filter(reverts__reverts=decision, reverts__active=False, active=True).first()
    return _in_force_by(redo) if redo is not None else decision


def _set_active(decision: Decision, active: bool) -> None:
    """Switch a decision, and with it whatever it had switched the other way."""
    decision.active = active
    decision.save(update_fields=["active"])
    if decision.reverts is not None:
        _set_active(decision.reverts, not active)


def _refuse_if_later(reverted: Decision, subject: Decision, touched: Collection[TrackId]) -> None:
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
            sorted(set(touched) - held),
        )


def _name_of(user: Any) -> str:
    return str(user.get_username()) if user is not None else ""
