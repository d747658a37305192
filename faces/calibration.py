"""Choosing how distances are judged: what the manifest offers, what the library's own decisions say, what would change.

Nothing here is put in force by itself: an administrator looks, and applies. Radii belong to the crowding function that
they were fitted with, so the two are put in force together.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity import exemplars, following, people, queries, unknowns
from faces.identity.calibrating import Evidence, expected_false_names, fit
from faces.identity.model import (
    Measure,
    Model,
    ModelSwitched,
    fitting,
    last_applied,
    measure_in_force,
    measure_of,
    measures,
    model_judging_by,
    put_in_force,
)
from faces.identity.resolve import PersonId, spread
from faces.models import AppliedCalibration, Point
from faces.vision.networks.manifest import Thresholds

MOST_PEOPLE = 2_000
"""Of so many people the faces are looked at; more would say nothing new."""
MOST_FACES = 20
"""Of one person so many, from the first to the last: whoever was confirmed ten thousand times speaks for one."""


class InForce(Exception):
    """These thresholds are in force already."""


@dataclass(frozen=True, slots=True)
class Option:
    """A measure that could be put in force.

    source: "manifest" or "library". false_names: the share of strangers who would be named among the people of this
    library, by its own decisions; None where these are too few to tell. former: offered because it was applied once.
    now: what is in force.
    """

    source: str
    measure: Measure
    now: Measure
    false_names: float | None
    former: bool = False

    @property
    def key(self) -> str:
        return key_of(self.measure)

    @property
    def thresholds(self) -> Thresholds:
        return self.measure.thresholds

    @property
    def in_force(self) -> bool:
        return self.measure == self.now

    @property
    def switches(self) -> bool:
        """Whether it comes with another crowding function than the one in force."""
        return self.measure.function != self.now.function


@dataclass(frozen=True, slots=True)
class Overview:
    """What can be chosen from. people: how many have a name. fitting: the option made for so many, or for the most.

    evidence: what the library's own decisions say, in the fitting option's measure.
    """

    people: int
    options: tuple[Option, ...]
    fitting: Option
    evidence: Evidence

    @property
    def outgrown(self) -> bool:
        """Whether what is in force was made for fewer people and names strangers too freely.

        Radii of two crowding functions cannot be compared: where the manifest brings another, it says nothing.
        """
        return not self.fitting.switches and self.fitting.thresholds.auto < self.fitting.now.thresholds.auto


@dataclass(frozen=True, slots=True)
class Effect:
    """How many tracks go from which band to which; a track that only changes its person stays in its band.

    people: how many people win or lose tracks, as their name or as a suggestion.
    """

    bands: Counter[tuple[str, str]]
    people: int

    @property
    def tracks(self) -> int:
        return self.bands.total()


def key_of(measure: Measure) -> str:
    """Names this measure and no other."""
    said = sorted(asdict(measure.thresholds).items()), measure.function, measure.model
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def overview() -> Overview:
    """The manifest's measures, what the library's own decisions suggest where they are enough, and former ones."""
    now, size = measure_in_force(), people.living().count()
    suited = fitting(measures(), size)
    evidence = gather(model_judging_by(suited))
    gathered = {_relief(suited): evidence}
    options = []
    own = _fitted(evidence, size, suited) if evidence.enough else None
    for measure, (source, former) in _offered(own).items():
        if _relief(measure) not in gathered:
            gathered[_relief(measure)] = gather(model_judging_by(measure))
        found = gathered[_relief(measure)]
        share = expected_false_names(found, max(size, 1), measure.thresholds.auto) if found.enough else None
        options.append(Option(source, measure, now, share, former))
    return Overview(size, tuple(options), next(one for one in options if one.measure == suited), evidence)


def _relief(measure: Measure) -> tuple[str, float]:
    """What distances depend on."""
    return measure.function, measure.thresholds.crowding


def find(key: str) -> Option | None:
    """The option of that key. Only for one that the library's own decisions suggest are these looked through."""
    now = measure_in_force()
    for measure, (source, former) in _offered(None).items():
        if key_of(measure) == key:
            return Option(source, measure, now, None, former)
    return next((option for option in overview().options if option.key == key), None)


def _offered(own: Measure | None) -> dict[Measure, tuple[str, bool]]:
    """Each with its source, and whether it is offered only because it was applied once."""
    offered = dict.fromkeys(measures(), ("manifest", False))
    if own is not None:
        offered.setdefault(own, ("library", False))
    for applied in history():
        offered.setdefault(measure_of(applied), (applied.source, True))
    return offered


def history() -> Any:
    """Whatever was applied under the model in force, the last first."""
    applied = AppliedCalibration.objects.filter(model=measure_in_force().model).select_related("function")
    return applied.defer("function__document").order_by("-pk")


def option_for(model: str) -> Option:
    """To live by that model: as it was judged when it was in force last, or as the manifest says for so many people.

    Raises ManifestError where the manifest does not know it.
    """
    now, applied = measure_in_force(), last_applied(model)
    if applied is not None:
        return Option(applied.source, measure_of(applied), now, None, former=True)
    return Option("manifest", fitting(measures(model), people.living().count()), now, None)


def effect(measure: Measure, progress: Callable[[int], object] = lambda done: None) -> Effect:
    """What this measure would change; no answer is changed. Another crowding function is computed aside, for each face.

    Of another model, whose faceprints are stored already, the points of people are stored beside those in force.
    """
    now, model = measure_in_force(), model_judging_by(measure)
    if measure.model != now.model:
        exemplars.rebuild_all(model)
    anew = (measure.model, measure.function) != (now.model, now.function)
    return _effect(following.resolve_all(model, write=False, anew=anew, progress=progress))


def apply(
    option: Option, *, by: Any, progress: Callable[[int], object] = lambda done: None
) -> tuple[AppliedCalibration, Effect]:
    """Put a measure in force and bring every answer up to date, in one transaction: all of it, or nothing.

    With another crowding function a new generation of crowding is written first; with another model, whose faceprints
    are stored already, everything that stands for people and groups. Who is grouped with whom stays. Nobody else
    decides, and no scan shows tracks, before it is done; they wait. Raises InForce, and ModelSwitched where the library
    lives by another model than when the option was offered.
    """
    model = model_judging_by(option.measure)
    with queries.identity_write():
        now = measure_in_force()
        if now == option.measure:
            raise InForce("These thresholds are in force already. Nothing was changed.")
        if now.model != option.now.model:
            raise ModelSwitched(
                f"The library has changed to the model {now.model} meanwhile. Nothing was changed; look again at what "
                "is offered."
            )
        applied = put_in_force(option.measure, source=option.source, by=by)
        if (now.model, now.function) != (option.measure.model, option.measure.function):
            queries.renew_crowding(model.name, model.dim, model.crowding_of, model.crowding_of_points)
        if now.model != model.name:
            exemplars.rebuild_all(model)
            exemplars.forget(now.model)
            unknowns.forget_centres(now.model)
            unknowns.recentre(None, model.grouping)
        return applied, _effect(following.resolve_all(model, write=True, progress=progress))


def _effect(changes: Iterable[following.Changed]) -> Effect:
    bands: Counter[tuple[str, str]] = Counter()
    concerned: set[PersonId | None] = set()
    for change in changes:
        if (change.before, change.person_before) != (change.after, change.person_after):
            bands[change.before, change.after] += 1
            concerned |= {change.person_before, change.person_after}
    return Effect(bands, len(concerned - {None}))


def gather(model: Model) -> Evidence:
    """What the library's confirmations say about distances as this model judges them.

    Rejections are left out: humans reject whom the machine proposed, so that these pairs are no sample of all.
    """
    known = list(
        Point.objects.filter(model=model.name)
        .order_by("person_id")
        .values_list("person_id", flat=True)[:MOST_PEOPLE]
    )
    faces = _faces_of(known, model)
    genuine: list[float] = []
    for vectors in faces.values():
        shown = vectors[np.unique(np.linspace(0, len(vectors) - 1, MOST_FACES).round().astype(np.int64))]
        for left_out in range(len(shown) if len(shown) > 1 else 0):
            rest = np.delete(shown, left_out, axis=0)
            away = _distances(
                shown[left_out][None], rest.mean(axis=0)[None], np.array([spread(rest, model.spread)]), model
            )
            genuine.append(float(away[0, 0]))
    if len(faces) < 2:
        return Evidence(np.array(genuine), np.empty(0))
    across = _distances(
        np.array([vectors[0] for vectors in faces.values()]),
        np.array([vectors.mean(axis=0, dtype=np.float64) for vectors in faces.values()]),
        np.array([spread(vectors, model.spread) for vectors in faces.values()]),
        model,
    )
    return Evidence(np.array(genuine), across[~np.eye(len(across), dtype=bool)])


def _fitted(evidence: Evidence, size: int, suited: Measure) -> Measure:
    """Thresholds fitted to this library's decisions."""
    fitted = fit(evidence, max(size, 1))
    return replace(
        suited,
        thresholds=Thresholds(
            people=fitted.people,
            crowding=suited.thresholds.crowding,
            auto=fitted.auto,
            suggested=fitted.suggested,
            midpoint=fitted.midpoint,
            slope=fitted.slope,
        ),
    )


def _faces_of(known: Sequence[PersonId], model: Model) -> Mapping[PersonId, NDArray[np.float32]]:
    """(n, dim) for each of these people: the faceprints that humans gave the library to know them by, if any."""
    evidence = exemplars.gathered(known)
    prints = queries.prints(
        {track for said in evidence.values() for track in said.tracks},
        {photo for said in evidence.values() for photo in said.photos},
        model=model.name,
        dim=model.dim,
    )
    row_of = {name: row for row, name in enumerate(prints.names)}
    rows = {
        person: sorted(
            row_of[name]
            for kind, theirs in (("track", said.tracks), ("photo", said.photos))
            for name in ((kind, one) for one in theirs)
            if name in row_of
        )
        for person, said in sorted(evidence.items())
    }
    return {person: prints.vectors[own].astype(np.float32) for person, own in rows.items() if own}


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
