"""What stands for a person of several photographs, and how crowded it is: `python -m tests.benchmarks.exemplars`.

One radius should serve people of one exemplar and of many. People of whom there are six photographs and more are
enrolled with 1, 2, 3 and 5 of them and compared with their other photographs and with the strangers of the LFW pack
whom the crowding function was not fitted to; the radius is the one within which 1 in 1,000 of all these strangers lies.
Needs the shared test data.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.vision import Networks, faces_in_photo, read_photo
from tests import material
from tests.benchmarks.crowding import FILE, of_half
from tests.benchmarks.gallery import POOLED_SPREAD
from tests.benchmarks.pack import lfw

EXEMPLARS = (1, 2, 3, 5)
SHARES = (0.0, 0.5, 1.0)
"""Of the variance that averaging takes away, how much is given back; 1 is what `spread` gives back."""
CROWDED = ("plain", "c of the mean", "mean of the exemplars' c", "c of the mean, spread included")
_FALSE = 0.001
_DRAWS = 6


def people(data: Path, networks: Networks) -> dict[str, NDArray[np.float32]]:
    """(n, dim) faceprints of everybody who is photographed often enough, in half precision."""
    found: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    for item in json.loads((data / "manifest.json").read_text())["items"]:
        middle = np.array(item["face_box"][:2]) + np.array(item["face_box"][2:]) / 2
        faces = faces_in_photo(read_photo((data / item["file"]).read_bytes()), networks)
        if faces:
            face = min(faces, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle))))
            found[item["person"]].append(face.faceprint.astype(np.float16).astype(np.float32))
    return {name: np.stack(prints) for name, prints in found.items() if len(prints) > max(EXEMPLARS)}


def apart(
    vectors: NDArray[np.float32],
    exemplars: NDArray[np.float32],
    share: float,
    crowded: str,
    crowding: Crowding,
) -> NDArray[np.float64]:
    """(n,) distances of (n, dim) faceprints from one person."""
    mean = exemplars.mean(axis=0)
    pooled = POOLED_SPREAD * (1 - 1 / len(exemplars))
    spread = share * (float(exemplars.var(axis=0).sum()) + pooled) / 2
    found = np.sqrt(np.square(vectors.astype(np.float64) - mean).sum(axis=1) + spread)
    match crowded:
        case "plain":
            return np.asarray(found, np.float64)
        case "c of the mean":
            own = float(crowding.of(mean[None])[0])
        case "mean of the exemplars' c":
            own = float(crowding.of(exemplars).mean())
        case _:
            own = float(crowding.of_points(mean[None], np.array([spread]))[0])
    return np.asarray(found - (crowding.of(vectors) + own) / 2, np.float64)


def table(data: Path, networks: Networks) -> Iterator[str]:
    """The lines of the report."""
    crowding, known = Crowding.load(FILE), people(data, networks)
    test = of_half(lfw(data, networks), "test")
    strangers = test.vectors[test.counts() == 1]
    numbers = " · ".join(map(str, EXEMPLARS))
    yield f"{len(known)} people, {len(strangers)} strangers."
    yield f"| crowding | variance given back | false matches per 1,000 with {numbers} exemplars | true ones found |"
    yield "|---|---|---|---|"
    for crowded in CROWDED:
        for share in SHARES:
            rng = np.random.default_rng(0)
            false: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
            true: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
            for prints in known.values():
                for _ in range(_DRAWS):
                    order = rng.permutation(len(prints))
                    for k in EXEMPLARS:
                        enrolled, others = prints[order[:k]], prints[order[k:]]
                        false[k].append(apart(strangers, enrolled, share, crowded, crowding))
                        true[k].append(apart(others, enrolled, share, crowded, crowding))
            everybody = np.concatenate([part for parts in false.values() for part in parts])
            radius = np.quantile(everybody, _FALSE)
            rates = [1000 * float((np.concatenate(false[k]) <= radius).mean()) for k in EXEMPLARS]
            hits = [float((np.concatenate(true[k]) <= radius).mean()) for k in EXEMPLARS]
            yield (
                f"| {crowded} | {share:g} | {' · '.join(f'{rate:.2f}' for rate in rates)} "
                f"| {' · '.join(f'{hit:.3f}' for hit in hits)} |"
            )


def main() -> None:
    """Print the report."""
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for line in table(data, material.networks()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
