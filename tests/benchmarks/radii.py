"""How near is near enough, by how many people are enrolled: `python -m tests.benchmarks.radii`.

Radii for a wanted rate of false names, and confidence, for galleries of 10 to 100,000 people, as the lines for the
manifest; then what these radii did on people nothing was fitted to. Needs the shared test data.

The more people, the nearer the nearest stranger: where a share F of all pairs of different people lies within a radius,
1 - (1 - F)^people of strangers find somebody there, if pairs are independent. Normalised ones are, to a tenth, up
to the 1,000 people that can be counted; plain ones less. F is counted down to 1e-4; below, it follows the tail of a
normal distribution that is fitted between 1e-5 and 1e-3. 100,000 people (1e-7) lie two decades beyond what was seen.
All is fitted on one half of the LFW pack, with crowding computed by functions that did not see the people in question.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from tests import material
from tests.benchmarks.calibration import logistic
from tests.benchmarks.crowding import FILE, fitted, of_half
from tests.benchmarks.openset import Pictures, drawn
from tests.benchmarks.pack import Pack, between, lfw
from tests.benchmarks.split import fold

PEOPLE = (10, 30, 100, 300, 1_000, 10_000, 100_000)
AUTO, SUGGESTED = 0.01, 0.1
"""The share of strangers who may be named, and of those who may be asked about."""
RECOMMENDED = {10: 0.75, 30: 0.75}
"""The weight of the normalisation where it is not 1."""
_COUNTED, _LINE = 1e-4, (1e-5, 1e-3)
_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """How near two different people come: sorted distances of all pairs, and the line that goes on below them.

    mean, deviation: of the normal distribution whose lower tail they have.
    """

    pairs: NDArray[np.float64]
    mean: float
    deviation: float

    @classmethod
    def of(cls, pairs: NDArray[np.float64]) -> "Tail":
        """From the distances of all pairs."""
        pairs = np.sort(pairs)
        shares = np.geomspace(*_LINE, 30)
        normal = [NormalDist().inv_cdf(share) for share in shares]
        deviation, mean = np.polyfit(normal, np.quantile(pairs, shares), 1)
        return cls(pairs, float(mean), float(deviation))

    def radius(self, people: int, fpir: float) -> float:
        """Within which that share of strangers finds anybody among so many."""
        share = -np.expm1(np.log1p(-fpir) / people)
        if share >= _COUNTED:
            return float(np.quantile(self.pairs, share))
        return self.mean + self.deviation * NormalDist().inv_cdf(share)


def teaching(pack: Pack) -> tuple[Pack, NDArray[np.float64]]:
    """The photographs of the half that is fitted to, and c of each by a function fitted to the other people of it."""
    fit = of_half(pack, "fit")
    parts = np.array([fold(name, _FOLDS) for name in fit.names])
    c = np.empty(len(fit))
    for part in range(_FOLDS):
        c[parts == part] = fitted(fit.where(parts != part)).of(fit.vectors[parts == part])
    return fit, c


def spreads_of(fit: Pack, c: NDArray[np.float64], weight: float) -> tuple[Tail, NDArray[np.float64]]:
    """How near different people come, and the distances of the same: of each first picture and the person's others."""
    apart = between(fit.vectors, fit.vectors) - weight * (c[:, None] + c) / 2
    first = fit.pictures == 0
    firsts = apart[np.ix_(first, first)]
    same = (fit.names[:, None] == fit.names) & first[:, None] & ~first
    return Tail.of(firsts[np.triu_indices(len(firsts), 1)]), apart[same]


def independence(fit: Pack, c: NDArray[np.float64]) -> Iterator[str]:
    """The lines of the table on how far pairs are independent, among the people who are fitted to."""
    first = fit.pictures == 0
    vectors, own = fit.vectors[first], c[first]
    heads = [f"{kind}, {fpir:.0%}" for kind in ("plain", "normalised") for fpir in (AUTO, SUGGESTED)]
    yield f"| enrolled | {' | '.join(heads)} |"
    yield "|---|" + "---|" * 4
    found: dict[int, list[str]] = {people: [] for people in PEOPLE if people <= 1000}
    for weight in (0, 1):
        apart = between(vectors, vectors) - weight * (own[:, None] + own) / 2
        tail = Tail.of(apart[np.triu_indices(len(apart), 1)])
        np.fill_diagonal(apart, np.inf)
        for people, cells in found.items():
            rng = np.random.default_rng(0)
            rounds = [rng.permutation(len(apart))[:people] for _ in range(max(4, 3000 // people))]
            # nobody is looked for in a gallery that holds them
            near = np.concatenate([np.delete(apart[:, chosen].min(axis=1), chosen) for chosen in rounds])
            cells += [f"{(near <= tail.radius(people, fpir)).mean():.1%}" for fpir in (AUTO, SUGGESTED)]
    for people, cells in found.items():
        yield f"| {people:,} | {' | '.join(cells)} |"


def confidence(tail: Tail, same: NDArray[np.float64], people: int) -> tuple[float, float]:
    """Midpoint and slope of 1 / (1 + exp(slope * (distance - midpoint))): whether the nearest of so many is right.

    Strangers and the enrolled alike often; the nearest stranger as the tail has it.
    """
    chances = (np.arange(2000) + 0.5) / 2000
    strangers = np.array([tail.radius(people, chance) for chance in chances])
    nearest_other = np.resize(np.random.default_rng(0).permutation(strangers), 20 * len(same))
    probes = np.repeat(same, 20)
    near = np.concatenate([np.minimum(probes, nearest_other), strangers])
    right = np.concatenate([probes < nearest_other, np.zeros(len(strangers), bool)])
    return logistic(near, right)


def report(pack: Pack, crowding: Crowding) -> Iterator[str]:
    """The lines of the report."""
    fit, c = teaching(pack)
    known = {weight: spreads_of(fit, c, weight) for weight in (0.0, 0.5, 0.75, 1.0)}
    yield f"| enrolled | weight | auto, FPIR {AUTO:.0%} | suggested, {SUGGESTED:.0%} | midpoint | slope |"
    yield "|---|---|---|---|---|---|"
    lines = []
    for people in PEOPLE:
        for weight, (tail, same) in known.items():
            auto, suggested = tail.radius(people, AUTO), tail.radius(people, SUGGESTED)
            midpoint, slope = confidence(tail, same, people)
            yield f"| {people:,} | {weight:g} | {auto:.3f} | {suggested:.3f} | {midpoint:.3f} | {slope:.1f} |"
            if weight == RECOMMENDED.get(people, 1.0):
                lines.append(
                    f"  {{ people = {people:_}, weight = {weight:g}, auto = {auto:.3f}, "
                    f"suggested = {suggested:.3f}, midpoint = {midpoint:.3f}, slope = {slope:.1f} }},"
                )
    yield "\nFor the manifest:\n"
    yield from ["curve = [", *lines, "]"]
    yield "\nStrangers who find somebody, were all pairs independent it would be the share above the column:\n"
    yield from independence(fit, c)
    yield "\nOn the half that nothing was fitted to, one picture of each:\n"
    yield from examined(pack, crowding, known)


def examined(
    pack: Pack, crowding: Crowding, known: dict[float, tuple[Tail, NDArray[np.float64]]]
) -> Iterator[str]:
    """The lines of the table on what the radii do."""
    test = of_half(pack, "test")
    test = replace(test, people=np.unique(test.names, return_inverse=True)[1])
    yield "| enrolled | weight | named rightly | strangers named | named or asked rightly | strangers named or asked |"
    yield "|---|---|---|---|---|---|"
    trials = {weight: Pictures(test, {"test": crowding}).trial("spread", weight, 1) for weight in known}
    for people in PEOPLE:
        for weight, (tail, _) in known.items():
            outcome = drawn(trials[weight], min(people, 1000))
            cells = []
            for fpir in (AUTO, SUGGESTED):
                radius = tail.radius(people, fpir)
                hits = outcome.right & (outcome.near <= radius)
                false = f"{(outcome.near <= radius)[outcome.stranger].mean():.2%}" if people <= 1000 else "–"
                cells.append(f"{hits[~outcome.stranger].mean():.3f} | {false}")
            yield f"| {people:,} | {weight:g} | {' | '.join(cells)} |"


def main() -> None:
    """Print the report."""
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for line in report(lfw(data, material.networks()), Crowding.load(FILE)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
