"""What somebody who may not see every asset is told of people, unknowns and decisions: nothing that only others show.

The stored counts are of the whole library; here they are counted anew, on the rows in hand and never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from faces.host import asset_model, host
from faces.identity.effects import Outcome
from faces.models import Anchor, Band, Decision, Person, Resolution, Track, Unknown
from faces.search import union

NAMED = (Band.CONFIRMED, Band.AUTO)
OPEN = (Band.UNKNOWN, Band.SUGGESTED)
COVERS = 4


class _Shown(NamedTuple):
    of: int
    asset: Any
    track: int
    band: str
    quality: float
    start_ms: int
    end_ms: int


def narrowed(user: Any) -> QuerySet[Any] | None:
    """The assets that this user may see; None where the site hides none, so that stored counts hold."""
    visible = host().visible_to(user)
    query = visible.query
    return visible if query.where or query.is_sliced or query.combinator else None


def count_people(rows: Sequence[Person], visible: QuerySet[Any]) -> None:
    shown = _shown("person_id", rows, visible)
    for row in rows:
        named = _of_bands(shown[row.pk], NAMED)
        row.tracks, row.assets, row.screen_time_ms = len(named), _assets(named), _screen_time_ms(named)
        row.to_review = len(_of_bands(shown[row.pk], (Band.SUGGESTED,)))
        row.cover_id = next(iter(_best(named, first=(Band.CONFIRMED,))), None)


def count_unknowns(rows: Sequence[Unknown], visible: QuerySet[Any]) -> None:
    shown = _shown("unknown_id", rows, visible)
    for row in rows:
        found = _of_bands(shown[row.pk], OPEN)
        ignored = _of_bands(shown[row.pk], (Band.IGNORED,))
        counted = found or ignored
        row.tracks, row.ignored = len(found), len(ignored)
        row.assets, row.screen_time_ms = _assets(counted), _screen_time_ms(counted)
        row.covers = _best(shown[row.pk], first=OPEN)


def count_outcome(outcome: Outcome, visible: QuerySet[Any]) -> tuple[dict[str, int], int]:
    """What a decision changed, and how many tracks of that are to be reviewed, in these assets."""
    concerned = asset_model()._default_manager.filter(pk__in=outcome.extents)
    here = [outcome.extents[asset] for asset in concerned.filter(pk__in=visible).values_list("pk", flat=True)]
    asked = [
        change.track
        for change in outcome.changed
        if change.after == Band.SUGGESTED and change.person_after == outcome.decision.person_id
    ]
    to_review = Track.objects.filter(pk__in=asked, asset__in=visible).count() if outcome.to_review else 0
    changed = {
        "tracks": sum(extent.tracks for extent in here),
        "appearances": sum(extent.appearances for extent in here),
        "assets": len(here),
    }
    return changed, to_review


def decisions_about(visible: QuerySet[Any], rows: QuerySet[Decision]) -> QuerySet[Decision]:
    """Those of the decisions that do not speak of tracks in other assets alone."""
    places = Anchor.objects.filter(decision=OuterRef("pk"))
    return rows.filter(~Exists(places) | Exists(places.filter(asset__in=visible)))


def _shown(who: str, rows: Sequence[Any], visible: QuerySet[Any]) -> dict[int, list[_Shown]]:
    found: dict[int, list[_Shown]] = defaultdict(list)
    for row in (
        Resolution.objects.filter(**{f"{who}__in": [row.pk for row in rows]}, track__asset__in=visible)
        .exclude(band=Band.NOT_A_FACE)
        .values_list(
            *(who, "track__asset_id", "track_id", "band"),
            *("track__quality", "track__start_ms", "track__end_ms"),
        )
    ):
        found[row[0]].append(_Shown(*row))
    return found


def _of_bands(shown: list[_Shown], bands: Collection[str]) -> list[_Shown]:
    return [track for track in shown if track.band in bands]


def _assets(shown: list[_Shown]) -> int:
    return len({track.asset for track in shown})


def _screen_time_ms(shown: list[_Shown]) -> int:
    spans: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for track in shown:
        spans[track.asset].append((track.start_ms, track.end_ms))
    return sum(end - start for theirs in spans.values() for start, end in union(theirs))


def _best(shown: list[_Shown], *, first: Collection[str]) -> list[int]:
    ranked = sorted(shown, key=lambda track: (track.band not in first, -track.quality, track.track))
    return [track.track for track in ranked[:COVERS]]
