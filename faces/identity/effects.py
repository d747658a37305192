"""What a decision changes when it comes into force or goes out of it: the same way there and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from faces.identity import counts, queries, unknowns
from faces.identity import people as names
from faces.identity.following import Changed, follow, people_spoken_of, standings
from faces.identity.model import Model
from faces.identity.queries import Extent
from faces.identity.resolve import PersonId, Standing, TrackId
from faces.models import Attachment, Band, Decision, Person, Photo, Track, Unknown, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and what it changed; `decision.pk` is None for a preview.

    extents: what of it is in each asset, by the asset's key.
    """

    decision: Decision
    person: Person | None
    tracks: int
    appearances: int
    assets: int
    to_review: int
    changed: list[Changed] = field(repr=False)
    extents: dict[Any, Extent] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Before:
    """What was said of a decision's tracks before it came into force, or went out of it."""

    tracks: frozenset[TrackId]
    standings: dict[TrackId, Standing]


def look(subject: Decision) -> Before:
    """Take down how things stand, before `subject` is switched."""
    tracks = frozenset(Attachment.objects.filter(anchor__decision=subject).values_list("track_id", flat=True))
    return Before(tracks, standings(tracks))


def take_effect(decision: Decision, subject: Decision, before: Before, model: Model) -> Outcome:
    """Let the library follow `decision`, by which `subject` (itself, or what it undoes) was switched."""
    if subject.photo_id is not None:
        _refresh_photo(subject.photo_id)
    people, stood = _refresh_people(subject, before)
    regrouped = _regroup(subject, before, model)
    stand = standings(stood)
    concerned = people | people_spoken_of([*stood.values(), *stand.values()])
    changed = follow(stood, concerned, model)
    return _outcome(decision, subject, changed, regrouped)


def _refresh_people(subject: Decision, before: Before) -> tuple[set[PersonId], dict[TrackId, Standing]]:
    """Bring those of whom the decision speaks up to date: who is one with whom, called what, and still here.

    Answers them, and how the tracks stood whose statements now count for somebody else, or no longer.
    """
    people = {subject.person_id} if subject.person_id else set()
    people |= set(subject.merged.exclude(person=None).values_list("person_id", flat=True))
    stood = dict(before.standings)

    def take_down(spoken_of: set[PersonId]) -> None:
        stood.update(standings(queries.tracks_spoken_of(spoken_of) - stood.keys()))

    if subject.verdict == Verdict.MERGE:
        people = names.merged_with(people)
        take_down(people)
        names.refresh_merges(people)
    for person in Person.objects.filter(pk__in=people).order_by("pk"):
        if names.retires(person) != person.retired:
            take_down({person.pk, *Person.objects.filter(merged_into=person).values_list("pk", flat=True)})
        names.refresh(person)
    return people, stood


def _regroup(subject: Decision, before: Before, model: Model) -> set[TrackId]:
    """Read the keys that a merge or a split speaks of anew, and move their tracks; which tracks moved."""
    if subject.verdict not in (Verdict.MERGE, Verdict.SPLIT) or subject.unknown_id is None:
        return set()
    keys = {subject.unknown_id, *subject.merged.exclude(unknown=None).values_list("unknown_id", flat=True)}
    keys |= set(Unknown.objects.filter(born_of=subject).values_list("split_from_id", flat=True)) - {None}
    changed = unknowns.reread(keys, subject)
    tracks = unknowns.tracks_based_in(changed | keys) | before.tracks
    shown_before = _unknown_of(tracks)
    moved = unknowns.settle(tracks)
    unknowns.recentre(moved.bases, model.grouping)
    counts.recount_unknowns(moved.shown)
    return {track for track, unknown in _unknown_of(tracks).items() if shown_before[track] != unknown}


def _unknown_of(tracks: Iterable[TrackId]) -> dict[TrackId, int]:
    return dict(
        Track.objects.filter(pk__in=list(tracks), resolution__isnull=False).values_list(
            "pk", "resolution__unknown_id"
        )
    )


def _refresh_photo(photo: int) -> None:
    """A photograph counts while the last decision to enrol it is in force."""
    latest = Decision.objects.filter(photo=photo, verdict=Verdict.ENROL).order_by("-pk").first()
    Photo.objects.filter(pk=photo).update(enrolled=latest is None or latest.active)


def _outcome(
    decision: Decision, subject: Decision, changed: list[Changed], regrouped: set[TrackId]
) -> Outcome:
    person = subject.person if subject.person is not None and not subject.person.stranger else None
    asked = {change.track for change in changed if change.after == Band.SUGGESTED}
    told = {change.track for change in changed} - asked | regrouped
    to_review = sum(
        1 for change in changed if change.track in asked and change.person_after == subject.person_id
    )
    extents = queries.extents(told)
    appearances = sum(extent.appearances for extent in extents.values())
    decision.changed = {"tracks": len(told), "appearances": appearances, "assets": len(extents)}
    decision.to_review = to_review
    decision.save(update_fields=["changed", "to_review"])
    if person is not None:
        person.refresh_from_db()
    return Outcome(decision, person, len(told), appearances, len(extents), to_review, changed, extents)
