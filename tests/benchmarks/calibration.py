"""What a distance means: false names by gallery size, and confidence: `python -m tests.benchmarks.calibration`.

Photographs of people of whom there are several are enrolled and looked for; people of whom there is one are
strangers, of whom any name is false. Needs the shared test data.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.vision import Faceprint, Networks, faces_in_photo, read_photo
from tests import material
from tests.benchmarks.gallery import RULES, Gallery, distances

RADII = (0.44, 0.46, 0.48, 0.50, 0.52, 0.54, 0.58)
TYPICAL_GALLERY = 30
"""People enrolled where confidence is fitted."""


def photographed(folder: Path, networks: Networks) -> dict[str, list[Faceprint]]:
    """The faceprint in the middle of every photograph, by person."""
    people: dict[str, list[Faceprint]] = {}
    for path in sorted(folder.glob("*/*.jpg")):
        image = read_photo(path.read_bytes())
        middle = np.array(image.shape[1::-1]) / 2
        faces = faces_in_photo(image, networks)
        if faces:
            nearest = min(faces, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle))))
            people.setdefault(path.parent.name, []).append(nearest.faceprint)
    return people


def identified(
    people: dict[str, list[Faceprint]], strangers: list[Faceprint], size: int, exemplars: int, rule: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Each probe's distance to its nearest person, whether that is the right one, and each stranger's distance."""
    names = [name for name, prints in people.items() if len(prints) > exemplars][:size]
    gallery: Gallery = {name: people[name][:exemplars] for name in names}
    probes = [(i, probe) for i, name in enumerate(names) for probe in people[name][exemplars:]]
    found = distances(np.stack([probe for _, probe in probes]), gallery, rule)
    right = found.argmin(axis=1) == np.array([i for i, _ in probes])
    return found.min(axis=1), right, distances(np.stack(strangers), gallery, rule).min(axis=1)


def logistic(near: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Midpoint and slope of 1 / (1 + exp(slope * (distance - midpoint))) by Newton's method, both classes alike."""
    x = np.stack([np.ones(len(near)), near], axis=1)
    weight = np.where(right, 0.5 / right.mean(), 0.5 / (~right).mean())
    beta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(hessian + 1e-9 * np.eye(2), x.T @ (weight * (right - p)))
    return float(-beta[0] / beta[1]), float(-beta[1])


def report(lfw: Path, networks: Networks) -> Iterator[str]:
    """The lines of the report."""
    people = photographed(lfw / "people", networks)
    strangers = [prints[0] for prints in photographed(lfw / "strangers", networks).values()]
    spread = [
        float(((np.stack(p[:2]) - np.mean(p[:2], axis=0)) ** 2).sum()) for p in people.values() if len(p) > 1
    ]
    yield f"Pooled spread of one person's faceprints: {np.mean(spread):.3f}"
    yield f"| enrolled | photographs of each | rule | {' | '.join(f'{r:.2f}' for r in RADII)} |"
    yield "|---|---|---|" + "---|" * len(RADII)
    fitted = []
    for size, exemplars in ((30, 1), (30, 2), (300, 1), (300, 2), (700, 1)):
        for rule in RULES if exemplars > 1 else RULES[-1:]:
            near, right, others = identified(people, strangers, size, exemplars, rule)
            cells = [f"{(right & (near <= r)).mean():.3f} / {(others <= r).mean():.3f}" for r in RADII]
            yield f"| {size} | {exemplars} | {rule} | {' | '.join(cells)} |"
            if size == TYPICAL_GALLERY and rule == RULES[-1]:
                fitted.append(
                    (np.concatenate([near, others]), np.concatenate([right, np.zeros(len(others), bool)]))
                )
    yield "Each cell: share of probes named rightly / share of strangers named at all."
    midpoint, slope = logistic(*(np.concatenate(part) for part in zip(*fitted, strict=True)))
    yield f"Confidence with {TYPICAL_GALLERY} enrolled: midpoint {midpoint:.3f}, slope {slope:.1f}"


def main() -> None:
    """Print the report."""
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for line in report(data / "lfw", material.networks()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
