"""What each view of a chip adds to a faceprint: `python -m tests.benchmarks.views`.

The table of `openset` for everybody enrolled with one picture, the whole LFW pack crossed, where a faceprint is the
embedding of the chip as it is, the mean with its mirror image, or the mean that `faces.vision` takes. Needs the shared
test data; takes a few minutes.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.vision import Networks, faces_in_photo, read_photo
from tests import material
from tests.benchmarks.crowding import fitted, of_half
from tests.benchmarks.openset import Pictures, drawn
from tests.benchmarks.pack import Pack, lfw, photographs


def views(data: Path, networks: Networks, pack: Pack) -> dict[str, NDArray[np.float32]]:
    """(n, dim) faceprints of a pack's photographs by what they are the mean of, in half precision."""
    alone, mirrored = [], []
    for path in photographs(data):
        image = read_photo(path.read_bytes())
        middle = np.array(image.shape[1::-1]) / 2
        if path.parent.name in pack.names and (faces := faces_in_photo(image, networks)):
            face = min(faces, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle))))
            both = networks.embedder.embed(np.stack([face.chip, face.chip[:, ::-1]]))
            alone.append(both[0])
            mirrored.append(both.mean(axis=0))
    halves = {"the chip": np.stack(alone), "and its mirror image": np.stack(mirrored)}
    rounded = {name: found.astype(np.float16).astype(np.float32) for name, found in halves.items()}
    return rounded | {"and two nudged, one mirrored": pack.vectors}


def table(data: Path, networks: Networks) -> Iterator[str]:
    """The lines of the report."""
    pack = lfw(data, networks)
    yield "| mean of | plain, FPIR 0.3% | 1% | 3% | normalised, FPIR 0.3% | 1% | 3% |"
    yield "|---|---|---|---|---|---|---|"
    for name, vectors in views(data, networks, pack).items():
        seen = replace(pack, vectors=vectors)
        of = {"test": fitted(of_half(seen, "fit")), "fit": fitted(of_half(seen, "test"))}
        cells = []
        for weight in (0, 1):
            outcome = drawn(Pictures(seen, of).trial("spread", weight, 1), None)
            cells += [f"{rate:.3f}" for rate in outcome.rates((0.003, 0.01, 0.03))]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the report."""
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for line in table(data, material.networks()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
