"""Choosing how distances are judged: what the manifest offers, what the library's own decisions say, what would change.

Nothing here is put in force by itself: an administrator looks, and applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from faces.identity import exemplars, following, people, queries
from faces.identity.calibrating import Evidence, expected_false_names, fit
from faces.identity.model import Model, calibrations, current_model, model_judging_by
from faces.identity.resolve import spread
from faces.models import AppliedCalibration, Faceprint, Point
from faces.vision.networks.manifest import Thresholds

MOST_PEOPLE = 2_000
"""Of so many people the faces are looked at; more would say nothing new."""


@dataclass(frozen=True, slots=True)
class Option:
    """Thresholds that could be put in force.

    source: "manifest" or "library". false_names: the share of strangers who would be named among the people of this
    library, by its own decisions; None where these are too few to tell.
    """

    source: str
    thresholds: Thresholds
    in_force: bool
    false_names: float | None


def options() -> list[Option]:
    """What can be chosen from: the manifest's, and where there are decisions enough, what they themselves suggest."""
    now, size = current_model().calibration, people.living().count()
    offered = [("manifest", found) for found in calibrations()]
    offered += [("library", found) for found in _own(size)]
    found: dict[float, Evidence] = {}
    listed = []
    for source, thresholds in offered:
        model = model_judging_by(thresholds)
        evidence = found.setdefault(thresholds.crowding, gather(model))
        listed.append(
            Option(
                source,
                thresholds,
                in_force=model.calibration == now,
                false_names=expected_false_names(evidence, max(size, 1), thresholds.auto)
                if evidence.enough
                else None,
            )
        )
    return listed


def outgrown() -> Thresholds | None:
    """The manifest's thresholds for a library of this size, where those in force were made for a smaller one."""
    size = people.living().count()
    fitting = [found for found in calibrations() if found.people <= size * 2]
    suited = fitting[-1] if fitting else calibrations()[0]
    return suited if suited.auto < current_model().calibration.auto else None


def effect(
    thresholds: Thresholds, progress: Callable[[int], object] = lambda done: None
) -> Counter[tuple[str, str]]:
    """How many tracks would go from which band to which, under these thresholds; changes nothing."""
    model = model_judging_by(thresholds)
    counted: Counter[tuple[str, str]] = Counter()
    for change in following.resolve_all(model, write=False, progress=progress):
        if (change.before, change.person_before) != (change.after, change.person_after):
            counted[change.before, change.after] += 1
    return counted


def apply(
    option: Option, *, by: Any, progress: Callable[[int], object] = lambda done: None
) -> Iterator[following.Changed]:
    """Put thresholds in force and bring every answer up to date. Broken off, `faces_resolve --full` goes on with it."""
    model = model_judging_by(option.thresholds)
    with queries.identity_write():
        AppliedCalibration.objects.create(
            model=model.name, source=option.source, by=by, **asdict(option.thresholds)
        )
    return following.resolve_all(model, write=True, progress=progress)


def gather(model: Model) -> Evidence:
    """What the library's decisions say about distances as this model judges them."""
    genuine: list[float] = []
    probes, owners, points, spreads = [], [], [], []
    for person in (
        Point.objects.filter(model=model.name)
        .order_by("person_id")
        .values_list("person_id", flat=True)[:MOST_PEOPLE]
    ):
        vectors = _faces_of(person, model)
        if not len(vectors):
            continue
        points.append(vectors.mean(axis=0, dtype=np.float64))
        spreads.append(spread(vectors))
        probes.append(vectors[0])
        owners.append(len(points) - 1)
        if len(vectors) > 1:
            for left_out in range(len(vectors)):
                rest = np.delete(vectors, left_out, axis=0)
                genuine += (
                    _distances(
                        vectors[left_out][None], rest.mean(axis=0)[None], np.array([spread(rest)]), model
                    )
                    .ravel()
                    .tolist()
                )
    if len(points) < 2:
        return Evidence(np.array(genuine), np.empty(0))
    across = _distances(np.array(probes), np.array(points), np.array(spreads), model)
    others = across[~np.eye(len(points), dtype=bool)[owners]]
    return Evidence(np.array(genuine), others)


def _own(size: int) -> list[Thresholds]:
    """Thresholds fitted to this library's decisions; none where these are too few."""
    suited = outgrown() or calibrations()[0]
    evidence = gather(model_judging_by(suited))
    if not evidence.enough:
        return []
    fitted = fit(evidence, max(size, 1))
    return [
        Thresholds(
            people=fitted.people,
            crowding=suited.crowding,
            auto=fitted.auto,
            suggested=fitted.suggested,
            midpoint=fitted.midpoint,
            slope=fitted.slope,
        )
    ]


def _faces_of(person: int, model: Model) -> NDArray[np.float32]:
    """(n, dim): every faceprint that humans gave the library to know a person by."""
    evidence = exemplars.gathered([person])[person]
    prints = Faceprint.objects.filter(
        Q(photo__in=evidence.photos) | Q(track__in=evidence.tracks), model=model.name
    ).order_by("pk")
    return np.array([list(print_.vector) for print_ in prints], np.float32).reshape(-1, model.dim)


def _distances(
    faces: NDArray[Any], points: NDArray[Any], spreads: NDArray[np.float64], model: Model
) -> NDArray[np.float64]:
    """(n, m): of faces, (n, dim), to people's points, (m, dim), as the model's calibration measures."""
    x, m = faces.astype(np.float64), points.astype(np.float64)
    squared = (x**2).sum(1)[:, None] + (m**2).sum(1) - 2 * x @ m.T
    plain = np.sqrt(np.maximum(squared, 0) + spreads)
    if model.crowding is None or not model.calibration.crowding:
        return np.asarray(plain)
    own, theirs = model.crowding.of(x), model.crowding.of_points(m, spreads)
    return np.asarray(plain - model.calibration.crowding / 2 * (own[:, None] + theirs))
