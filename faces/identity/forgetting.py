"""An asset leaves the library: whatever spoke of its tracks is brought up to date in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from faces.identity import counts, queries, unknowns
from faces.identity.following import follow, people_spoken_of, standings
from faces.identity.model import Model
from faces.models import Resolution


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who loses something when an asset goes."""

    people: frozenset[int]
    unknowns: frozenset[int]
    bases: frozenset[int]


def concerned_by(asset: Any) -> Concerned:
    """Everybody whom tracks of this asset speak of. In a transaction, before the asset is deleted; locks identity."""
    queries.lock_identity()
    rows = Resolution.objects.filter(track__asset=asset)
    said = people_spoken_of(standings(list(rows.values_list("track_id", flat=True))).values())
    return Concerned(
        frozenset(said | set(rows.filter(person__isnull=False).values_list("person_id", flat=True))),
        frozenset(rows.values_list("unknown_id", flat=True)),
        frozenset(rows.values_list("base_id", flat=True)),
    )


def forget(concerned: Concerned, model: Model) -> None:
    """Recount, and rebuild what stood on the tracks that are gone. In the same transaction, afterwards."""
    unknowns.recentre(concerned.bases, model.grouping)
    follow((), concerned.people, model)
    counts.recount_unknowns(concerned.unknowns)
