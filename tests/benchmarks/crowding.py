"""Fits the crowding function to half of the LFW pack: `python -m tests.benchmarks.crowding [--write FILE]`.

Prints how well it predicts the crowding of people it never saw, by the number of people it was fitted to; with --write
it makes a file to lie beside the manifest: another one than those released, which libraries were measured by. What is
written is coefficients alone. Needs the shared test data.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.vision.networks.manifest import MANIFEST
from tests import material
from tests.benchmarks.pack import Pack, between, lfw
from tests.benchmarks.split import half

MODEL = "dlib-resnet-v1"
FILE = MANIFEST.with_name(f"{MODEL}.crowding.json")
VERSION = 1
NEAREST = 5
"""Crowding is the mean distance to so many nearest people; 3 to 10 serve as well."""
COMPONENTS, SQUARED = 64, 16
"""Principal components that enter linearly, and of these, those whose products enter. The last 50 of dlib's 128 have
next to no variance; half precision would make their coefficients err."""
RIDGE = 20.0


def of_half(pack: Pack, which: str) -> Pack:
    """The photographs of the people of one half."""
    return pack.where(np.array([half(name) == which for name in pack.names]))


def measured(pack: Pack, cohort: Pack) -> NDArray[np.float64]:
    """(n,): each photograph's mean distance to the nearest 5 other people of a cohort, by their first pictures."""
    faces = cohort.where(cohort.pictures == 0)
    apart = between(pack.vectors, faces.vectors)
    apart[pack.names[:, None] == faces.names] = np.inf
    return np.asarray(np.sort(apart, axis=1)[:, :NEAREST].mean(axis=1), np.float64)


def fitted(pack: Pack) -> Crowding:
    """The function fitted to all photographs of a pack, in full precision.

    Ridge regression on standardised features: the first principal components, the products of the first few of them,
    and |z|²; collapsed to the form that `Crowding` has.
    """
    target = measured(pack, pack)
    x = pack.vectors.astype(np.float64)
    mean = x.mean(axis=0)
    z = x - mean
    basis = np.linalg.svd(z, full_matrices=False)[2][:COMPONENTS]
    parts = z @ basis.T
    row, column = np.triu_indices(SQUARED)
    features = np.hstack([parts, parts[:, row] * parts[:, column], (z**2).sum(axis=1)[:, None]])
    scale = features.std(axis=0)
    standard = (features - features.mean(axis=0)) / scale
    normal = standard.T @ standard + RIDGE * np.eye(len(scale))
    beta = np.linalg.solve(normal, standard.T @ (target - target.mean())) / scale

    products = np.zeros((SQUARED, SQUARED))
    products[row, column] = beta[COMPONENTS:-1] / 2
    weights, turns = np.linalg.eigh(products + products.T)
    axes = turns.T @ basis[:SQUARED]
    free = Crowding(
        version=VERSION,
        level=float(target.mean()),
        lowest=-np.inf,
        highest=np.inf,
        mean=mean,
        linear=basis.T @ beta[:COMPONENTS],
        bulk=float(beta[-1]),
        scatter=float((z**2).sum(axis=1).mean()),
        axes=axes,
        weights=weights,
        variances=((z @ axes.T) ** 2).mean(axis=0),
    )
    return _bounded(free, pack)


def document(crowding: Crowding) -> dict[str, Any]:
    """What the file says: integers in a unit, as coarse as leaves c the same to 0.001."""
    return {
        "model": MODEL,
        "version": crowding.version,
        "level": round(crowding.level, 4),
        "lowest": round(crowding.lowest, 4),
        "highest": round(crowding.highest, 4),
        "bulk": round(crowding.bulk, 5),
        "scatter": round(crowding.scatter, 5),
        "weights": [round(float(weight), 4) for weight in crowding.weights],
        "variances": [round(float(variance), 6) for variance in crowding.variances],
        "mean": _integers(crowding.mean, 1e-4),
        "linear": _integers(crowding.linear, 1e-4),
        "axes": _integers(crowding.axes, 1e-3),
    }


def write(crowding: Crowding, path: Path) -> None:
    """Write the file, one line for each key and each axis."""
    lines = []
    for key, value in document(crowding).items():
        text = json.dumps(value, separators=(",", ":")).replace("],[", "],\n    [")
        lines.append(f'  "{key}": {text}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _integers(values: NDArray[np.float64], unit: float) -> dict[str, Any]:
    return {"unit": unit, "values": np.rint(values / unit).astype(int).tolist()}


def _bounded(free: Crowding, pack: Pack) -> Crowding:
    """Cut off at what the cohort showed."""
    c = free.of(pack.vectors)
    parts = {name: getattr(free, name) for name in Crowding.__slots__}
    return Crowding(**(parts | {"lowest": float(c.min()), "highest": float(c.max())}))


def report(pack: Pack) -> Iterator[str]:
    """The lines of the report."""
    fit, test = of_half(pack, "fit"), of_half(pack, "test")
    truth = measured(test, fit)
    people = np.unique(fit.names)
    yield "| fitted to | correlation with what was measured | error, rms |"
    yield "|---|---|---|"
    for size in (300, 600, len(people)):
        some = np.random.default_rng(0).permutation(people)[:size]
        crowding = fitted(fit.where(np.isin(fit.names, some)))
        yield f"| {size} people | {_agreement(crowding, test, truth)} |"
    stored = Crowding.of_document(document(fitted(fit)))
    yield f"| {len(people)} people, as rounded in the file | {_agreement(stored, test, truth)} |"
    yield ""
    c = stored.of(fit.vectors)
    yield f"Over the people fitted to: mean {c.mean():.5f}, deviation {c.std():.3f}, level {stored.level:.3f}."


def _agreement(crowding: Crowding, test: Pack, truth: NDArray[np.float64]) -> str:
    c = crowding.of(test.vectors)
    error = c - (truth - truth.mean())
    return f"{np.corrcoef(c, truth)[0, 1]:.3f} | {np.sqrt((error**2).mean()):.4f}"


def main() -> None:
    """Print the report, or write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="a new file, for the manifest to name")
    arguments = parser.parse_args()
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    pack = lfw(data, material.networks())
    for line in report(pack):
        print(line, flush=True)
    if arguments.write is not None:
        write(fitted(of_half(pack, "fit")), arguments.write)


if __name__ == "__main__":
    main()
