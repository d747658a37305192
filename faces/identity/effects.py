"""What a decision changes when it comes into force or goes out of it: the same way there and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from faces.identity import counts, queries, unknowns
from faces.identity import people as names
from faces.identity.following import Changed, follow, people_spoken_of, standings
from faces.identity.model import Model
from faces.identity.queries import Extent
from faces.identity.resolve import PersonId, Standing, TrackId
from faces.models import Attachment, Band, Decision, Person, Photo, Resolution, Unknown, Verdict

_ShownAs: TypeAlias = int
"""The person whom a track is shown under or, less than nothing, the unknown."""


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


def _regroup(subject: Decision, before: Before, model: Model) -> dict[TrackId, _ShownAs]:
    """Read the keys that a merge or a split speaks of anew, and move their tracks.

    Answers those that moved, and what each is shown as.
    """
    if subject.verdict not in (Verdict.MERGE, Verdict.SPLIT) or subject.unknown_id is None:
        return {}
    keys = {subject.unknown_id, *subject.merged.exclude(unknown=None).values_list("unknown_id", flat=True)}
    keys |= set(Unknown.objects.filter(born_of=subject).values_list("split_from_id", flat=True)) - {None}
    changed = unknowns.reread(keys, subject)
    tracks = unknowns.tracks_based_in(changed | keys) | before.tracks
    shown_before = _answers(tracks)
    moved = unknowns.settle(tracks)
    unknowns.recentre(moved.bases, model.grouping)
    counts.recount_unknowns(moved.shown)
    return {track: _shown_as(person, unknown) for track, person, unknown in _answers(tracks) - shown_before}


def _answers(tracks: Iterable[TrackId]) -> set[tuple[TrackId, PersonId | None, int]]:
    """(track, person, unknown) of those of these that are shown."""
    shown = Resolution.objects.filter(track__in=list(tracks))
    return set(shown.values_list("track_id", "person_id", "unknown_id"))


def _shown_as(person: PersonId | None, unknown: int) -> _ShownAs:
    return person if person is not None else -unknown


def _refresh_photo(photo: int) -> None:
    """A photograph counts while the last decision to enrol it is in force."""
    latest = Decision.objects.filter(photo=photo, verdict=Verdict.ENROL).order_by("-pk").first()
    Photo.objects.filter(pk=photo).update(enrolled=latest is None or latest.active)


def _outcome(
    decision: Decision, subject: Decision, changed: list[Changed], regrouped: dict[TrackId, _ShownAs]
) -> Outcome:
    person = subject.person if subject.person is not None and not subject.person.stranger else None
    asked = {change.track for change in changed if change.after == Band.SUGGESTED}
    shown_as = regrouped | {
        change.track: _shown_as(change.person_after, change.unknown)
        for change in changed
        if change.track not in asked or change.track in regrouped
    }
    to_review = sum(
        1 for change in changed if change.track in asked and change.person_after == subject.person_id
    )
    extents = queries.extents(shown_as)
    appearances = sum(extent.appearances for extent in extents.values())
    decision.changed = {"tracks": len(shown_as), "appearances": appearances, "assets": len(extents)}
    decision.to_review = to_review
    decision.save(update_fields=["changed", "to_review"])
    if person is not None:
        person.refresh_from_db()
    return Outcome(decision, person, len(shown_as), appearances, len(extents), to_review, changed, extents)
