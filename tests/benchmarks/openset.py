"""Naming the enrolled without naming strangers, at any size: `python -m tests.benchmarks.openset`.

People of the LFW pack are enrolled by a picture or two and looked for by another; those of whom there is one picture
are strangers, and any name for them is false. The detection-and-identification rate (DIR) is the share of probes named
rightly at the radius where a given share of strangers gets any name (the false-positive identification rate, FPIR).
In brackets: 95 % of bootstrap samples, people drawn again with replacement.

The tables speak of the half of the people whom nothing was fitted to (`split.py`); with --crossed of the whole pack,
the crowding of each half computed by a function fitted to the other. Needs the shared test data.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from tests import material
from tests.benchmarks.crowding import FILE, fitted, of_half
from tests.benchmarks.gallery import distances
from tests.benchmarks.pack import Pack, between, lfw
from tests.benchmarks.split import half

FPIRS = (0.001, 0.003, 0.01, 0.03, 0.1)
SIZES = (10, 30, 100, 300, 1000)
MARGINS = (0.0, 0.01, 0.02, 0.04)
RULES = ("nearest", "mean of distances", "mean", "spread", "quality")
_LOOKS, _FEWEST, _MOST = 6000, 10, 100
"""Enough random galleries are drawn to enrol so many people in all, at least 10 and at most 100 of them."""
_RESAMPLES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Everybody who could be enrolled against everybody looked for.

    apart: (looks, people) distances. who, enrolled: (looks,) and (people,) person numbers.
    repeated: (people,) whether there are further pictures of them; others can only fill a gallery.
    """

    apart: NDArray[np.float64]
    who: NDArray[np.int64]
    enrolled: NDArray[np.int64]
    repeated: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of probes and strangers, over all galleries drawn.

    near, second: (looks,) distances of the nearest person and the next. right: (looks,) whether the nearest is right.
    who: (looks,) the person looked for. stranger: (looks,) whether that person is not enrolled.
    """

    near: NDArray[np.float64]
    second: NDArray[np.float64]
    right: NDArray[np.bool_]
    who: NDArray[np.int64]
    stranger: NDArray[np.bool_]

    def with_margin(self, margin: float) -> "Outcome":
        """The same where nobody is named whose runner-up is not farther by that much."""
        clear = self.second - self.near >= margin
        return replace(self, near=np.where(clear, self.near, np.inf))

    def rates(self, fpirs: Sequence[float], times: NDArray[np.float64] | None = None) -> list[float]:
        """The share of probes named rightly at each FPIR. times: (looks,) how often each counts."""
        order = np.argsort(self.near, kind="stable")
        return self._rates(fpirs, order, np.ones(len(order)) if times is None else times)

    def intervals(self, fpirs: Sequence[float]) -> list[tuple[float, float]]:
        """95 % of what the rates are when people, enrolled and strangers, are drawn again with replacement."""
        rng = np.random.default_rng(0)
        order = np.argsort(self.near, kind="stable")
        people, place = np.unique(self.who, return_inverse=True)
        rates = []
        for _ in range(_RESAMPLES):
            times = np.bincount(rng.integers(0, len(people), len(people)), minlength=len(people))
            rates.append(self._rates(fpirs, order, times[place].astype(np.float64)))
        low, high = np.quantile(rates, (0.025, 0.975), axis=0)
        return list(zip(low.tolist(), high.tolist(), strict=True))

    def _rates(
        self, fpirs: Sequence[float], order: NDArray[np.int64], times: NDArray[np.float64]
    ) -> list[float]:
        counted, stranger = times[order], self.stranger[order]
        named = np.cumsum(counted * stranger)
        hits = np.cumsum(counted * (self.right[order] & ~stranger & np.isfinite(self.near[order])))
        probes = float((counted * ~stranger).sum())
        within = np.searchsorted(named, np.array(fpirs) * named[-1], side="right") - 1
        return [float(hits[i]) / probes if i >= 0 else 0.0 for i in within]


class Pictures:
    """A pack with a crowding function for each half of it, or for one half alone."""

    def __init__(self, pack: Pack, crowdings: Mapping[str, Crowding]) -> None:
        self.pack = pack
        self._crowdings = crowdings

    def trial(self, rule: str, weight: float, exemplars: int) -> Trial:
        """Each person enrolled with so many pictures, or as many as leave one to look for.

        weight: 1 for normalised distances, 0 for plain ones.
        """
        pack, counts = self.pack, self.pack.counts()
        enrolled = pack.pictures < np.maximum(1, np.minimum(exemplars, counts - 1))
        looked_for = ~enrolled | (counts == 1)
        apart = np.empty((int(looked_for.sum()), len(np.unique(pack.people))))
        sides = {which: np.array([half(name) == which for name in pack.names]) for which in self._crowdings}
        who, people, repeated = pack.people[looked_for], [], []
        # c is subtracted after the distances: the two sides of a pair may have different functions
        columns = 0
        relief = np.zeros(len(who))
        for which, crowding in self._crowdings.items():
            rows = sides[which][looked_for]
            relief[rows] = crowding.of(pack.vectors[looked_for])[rows]
        for which, crowding in self._crowdings.items():
            chosen: dict[str, list[int]] = {}
            for i in np.flatnonzero(enrolled & sides[which]):
                chosen.setdefault(str(pack.names[i]), []).append(int(i))
            found = distances(
                pack.vectors[looked_for],
                {name: [pack.vectors[i] for i in rows] for name, rows in chosen.items()},
                "spread" if rule == "quality" else rule,
                crowding if weight else None,
                weight,
                {name: [float(pack.qualities[i]) for i in rows] for name, rows in chosen.items()}
                if rule == "quality"
                else None,
            )
            if weight:
                found += weight / 2 * crowding.of(pack.vectors[looked_for])[:, None].astype(np.float64)
                found -= weight / 2 * relief[:, None]
            apart[:, columns : columns + len(chosen)] = found
            columns += len(chosen)
            people += [int(pack.people[rows[0]]) for rows in chosen.values()]
            repeated += [bool(counts[rows[0]] > 1) for rows in chosen.values()]
        return Trial(apart, who, np.array(people), np.array(repeated))


def drawn(trial: Trial, size: int | None) -> Outcome:
    """Random galleries of that size; first of people of whom there are further pictures. None: all of these, once."""
    rng = np.random.default_rng(size or 0)
    real, fill = np.flatnonzero(trial.repeated), np.flatnonzero(~trial.repeated)
    rounds = 1 if size is None else int(np.clip(_LOOKS // size, _FEWEST, _MOST))
    single = np.isin(trial.who, trial.enrolled[fill])
    parts = []
    for _ in range(rounds):
        gallery = real if size is None else rng.permutation(real)[:size]
        if size is not None and size > len(real):
            gallery = np.concatenate([gallery, rng.permutation(fill)[: size - len(real)]])
        enrolled = np.isin(trial.who, trial.enrolled[gallery])
        rows = np.flatnonzero(single ^ enrolled)  # probes of the enrolled, and strangers who fill nothing
        found = trial.apart[np.ix_(rows, gallery)]
        nearest = found.argmin(axis=1)
        two = np.partition(found, 1, axis=1)[:, :2]
        right = trial.enrolled[gallery][nearest] == trial.who[rows]
        parts.append((two[:, 0], two[:, 1], right, trial.who[rows], single[rows]))
    return Outcome(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def curves(pictures: Pictures, weights: Sequence[float]) -> Iterator[str]:
    """The lines of the table by gallery size."""
    yield f"| pictures of each | enrolled | distances | {' | '.join(f'FPIR {f:.1%}' for f in FPIRS)} |"
    yield "|---|---|---|" + "---|" * len(FPIRS)
    for exemplars in (1, 2):
        trials = {weight: pictures.trial("spread", weight, exemplars) for weight in weights}
        people = int(trials[0].repeated.sum())
        for size in [size for size in SIZES if size <= len(trials[0].enrolled) - 50] + [None]:
            for weight, trial in trials.items():
                outcome = drawn(trial, size)
                cells = [
                    f"{rate:.3f} [{low:.2f}–{high:.2f}]"
                    for rate, (low, high) in zip(outcome.rates(FPIRS), outcome.intervals(FPIRS), strict=True)
                ]
                label = "plain" if weight == 0 else f"weight {weight:g}"
                named = f"all {people}" if size is None else f"{size:,}"
                yield f"| {'1' if exemplars == 1 else '2 where 3 exist'} | {named} | {label} | {' | '.join(cells)} |"


def rules(pictures: Pictures, exemplars: int, *, only: bool) -> Iterator[str]:
    """The lines of the table by rule; all enrolled. only: nobody but people with so many exemplars."""
    yield "| rule | plain, FPIR 0.3% | 1% | 3% | normalised, FPIR 0.3% | 1% | 3% |"
    yield "|---|---|---|---|---|---|---|"
    for rule in RULES:
        cells = []
        for weight in (0, 1):
            trial = pictures.trial(rule, weight, exemplars)
            if only:
                counts = np.bincount(pictures.pack.people)
                trial = replace(trial, repeated=trial.repeated & (counts[trial.enrolled] > exemplars))
            outcome = _alone(trial) if only else drawn(trial, None)
            cells += [f"{rate:.3f}" for rate in outcome.rates((0.003, 0.01, 0.03))]
        yield f"| {rule} | {' | '.join(cells)} |"


def _alone(trial: Trial) -> Outcome:
    """All of the repeated enrolled, the singles strangers, and whoever is left out not looked for at all."""
    singles = np.array([person for person in np.unique(trial.who) if (trial.who == person).sum() == 1])
    left_out = trial.enrolled[~trial.repeated & ~np.isin(trial.enrolled, singles)]
    rows = ~np.isin(trial.who, left_out)
    return drawn(replace(trial, apart=trial.apart[rows], who=trial.who[rows]), None)


def margins(pictures: Pictures) -> Iterator[str]:
    """The lines of the table by runner-up margin, DIR at 1 % FPIR."""
    yield f"| distances | enrolled | {' | '.join(f'margin {m:.2f}' for m in MARGINS)} |"
    yield "|---|---|" + "---|" * len(MARGINS)
    for weight in (0, 1):
        trial = pictures.trial("spread", weight, 1)
        for size in (30, 300):
            outcome = drawn(trial, size)
            cells = [f"{outcome.with_margin(margin).rates([0.01])[0]:.3f}" for margin in MARGINS]
            yield f"| {'normalised' if weight else 'plain'} | {size} | {' | '.join(cells)} |"


def fairness(pack: Pack, crowding: Crowding) -> Iterator[str]:
    """The lines of the table on how unevenly false matches fall; first pictures of people, all pairs.

    Who is worst hit is found on one half of the others and measured on the other half, so chance has no part in it.
    """
    faces = pack.where(pack.pictures == 0)
    plain = between(faces.vectors, faces.vectors)
    c = crowding.of(faces.vectors).astype(np.float64)
    judges = np.random.default_rng(0).permutation(len(faces))
    sides = np.array_split(judges, 2)
    yield "| false-match rate | distances | of the worst-hit tenth | their share of all | of the least-hit half |"
    yield "|---|---|---|---|---|"
    for rate in (0.001, 0.01):
        for label, apart in (("plain", plain), ("normalised", plain - (c[:, None] + c) / 2)):
            radius = np.quantile(apart[~np.eye(len(faces), dtype=bool)], rate)
            hit = (apart <= radius) & ~np.eye(len(faces), dtype=bool)
            worst, least, everybody = [], [], []
            for some, others in (sides, sides[::-1]):
                order = np.argsort(-hit[:, some].mean(axis=1), kind="stable")
                rates = hit[:, others].mean(axis=1)
                worst.append(rates[order[: len(order) // 10]].mean())
                least.append(rates[order[len(order) // 2 :]].mean())
                everybody.append(rates.mean())
            share = np.mean(worst) / np.mean(everybody) / 10
            yield f"| {rate:.1%} | {label} | {np.mean(worst):.2%} | {share:.0%} | {np.mean(least):.3%} |"


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--crossed", action="store_true", help="the whole pack, each half judged by the other"
    )
    parser.add_argument("--weights", type=float, nargs="+", default=[0, 0.75, 1], help="of the normalisation")
    arguments = parser.parse_args()
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    pack = lfw(data, material.networks())
    crowding = Crowding.load(FILE)
    if arguments.crossed:
        other = fitted(of_half(pack, "test"))
        pictures = Pictures(pack, {"test": crowding, "fit": other})
    else:
        pack = of_half(pack, "test")
        pack = replace(pack, people=np.unique(pack.names, return_inverse=True)[1])
        pictures = Pictures(pack, {"test": crowding})
    sections = {
        "By gallery size (rule: spread)": curves(pictures, arguments.weights),
        "By rule, one or two pictures of each": rules(pictures, 2, only=False),
        "By rule, two pictures of each": rules(pictures, 2, only=True),
        "By runner-up margin, one picture of each": margins(pictures),
        "Fairness": fairness(of_half(pack, "test"), crowding),
    }
    for title, lines in sections.items():
        print(f"\n{title}\n")
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
