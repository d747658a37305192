"""Finding moments by the people in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from faces.models import Band, Resolution

Span = tuple[int, int]
_NAMED = (Band.CONFIRMED, Band.AUTO)


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch [start_ms, end_ms) that answers the search, and who of those asked for is in it."""

    start_ms: int
    end_ms: int
    people: tuple[int, ...]


def assets_with(
    assets: QuerySet[Any], *, every: Sequence[int], some: Sequence[int], nobody: Sequence[int]
) -> QuerySet[Any]:
    """The assets in which all of `every`, at least one of `some` and none of `nobody` appear."""
    named = Resolution.objects.filter(band__in=_NAMED)
    for person in every:
        assets = assets.filter(pk__in=named.filter(person=person).values("track__asset_id"))
    if some:
        assets = assets.filter(pk__in=named.filter(person__in=some).values("track__asset_id"))
    if nobody:
        assets = assets.exclude(pk__in=named.filter(person__in=nobody).values("track__asset_id"))
    return assets


def moments(
    assets: Iterable[Any], *, every: Sequence[int], some: Sequence[int], together_within_ms: int | None
) -> dict[Any, list[Moment]]:
    """For each asset (by key), when the people asked for are seen.

    Without `together_within_ms` every appearance is a moment. With it, a moment is where all of `every` (and one of
    `some`) are seen within that many milliseconds of each other; 0: in the same frame.
    """
    keys = [asset.pk for asset in assets]
    wanted = {*every, *some}
    seen: dict[Any, dict[int, list[Span]]] = {key: {} for key in keys}
    for asset, person, start, end in (
        Resolution.objects.filter(track__asset__in=keys, band__in=_NAMED, person__in=wanted)
        .order_by("track__start_ms")
        .values_list("track__asset_id", "person_id", "track__start_ms", "track__end_ms")
    ):
        seen[asset].setdefault(person, []).append((start, end))
    return {
        key: _together(people, every, some, together_within_ms)
        if together_within_ms is not None and len(wanted) > 1
        else _each(people)
        for key, people in seen.items()
    }


def _each(people: dict[int, list[Span]]) -> list[Moment]:
    return sorted(
        (Moment(start, end, (person,)) for person, spans in people.items() for start, end in union(spans)),
        key=lambda moment: (moment.start_ms, moment.people),
    )


def _together(
    people: dict[int, list[Span]], every: Sequence[int], some: Sequence[int], within_ms: int
) -> list[Moment]:
    """Widen each person's time by half the distance allowed; where all widened times meet, they are together."""
    reach = within_ms / 2

    def widened(spans: Iterable[Span]) -> list[tuple[float, float]]:
        return union((start - reach, end + reach) for start, end in spans)

    needed = [widened(people.get(person, ())) for person in every]
    if some:
        needed.append(widened(span for person in some for span in people.get(person, ())))
    shared = needed[0]
    for other in needed[1:]:
        shared = _intersection(shared, other)
    found = []
    for start, end in shared:
        if end - start <= 0:
            continue
        present = {
            person: [span for span in spans if span[0] < end + reach and span[1] > start - reach]
            for person, spans in people.items()
        }
        inside = [span for spans in present.values() for span in spans]
        if within_ms == 0:
            found.append(Moment(int(start), int(end), _present(present)))
        elif inside:
            found.append(Moment(min(s for s, _ in inside), max(e for _, e in inside), _present(present)))
    return found


def _present(people: dict[int, list[Span]]) -> tuple[int, ...]:
    return tuple(sorted(person for person, spans in people.items() if spans))


def union(spans: Iterable[tuple[float, float]]) -> list[tuple[Any, Any]]:
    """Spans that touch or overlap, joined; in order."""
    joined: list[tuple[Any, Any]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _intersection(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> list[tuple[float, float]]:
    met = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            met.append((start, end))
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
    return met
