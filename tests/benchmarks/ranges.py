"""Between what bounds each value of the embedder moves: `python -m tests.benchmarks.ranges FILE`.

Seen over faces of the half of the LFW pack that things are fitted to; the file, two numbers for each value and nobody's
face, is for the manifest to name. Needs the shared test data.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import create_calibrator

from faces.vision import faces_in_photo, read_photo
from faces.vision.networks import find_weights
from faces.vision.networks.quantised import LAYERS
from tests import material
from tests.benchmarks.pack import photographs
from tests.benchmarks.split import half

FACES, BATCH = 400, 8


def chips(data: Path) -> NDArray[np.uint8]:
    """(FACES, 150, 150, 3): of as many photographs, evenly drawn from those of the half."""
    networks = material.networks()
    fit = [path for path in photographs(data) if half(path.parent.name) == "fit"]
    found = (faces_in_photo(read_photo(p.read_bytes()), networks) for p in fit[:: len(fit) // (FACES + 20)])
    return np.stack([faces[0].chip for faces in found if faces][:FACES])


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, faces: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = iter(np.split(faces, len(faces) // BATCH))

    def get_next(self) -> dict[str, Any] | None:
        """The next batch, by the name of the network's input."""
        batch = next(self._batches, None)
        return None if batch is None else {"chips": batch}


def ranges(network: Path, faces: NDArray[np.uint8]) -> dict[str, list[float]]:
    """The least and the largest of each value, by its name in the network."""
    with tempfile.TemporaryDirectory() as folder:
        calibrator = create_calibrator(
            str(network), LAYERS, f"{folder}/augmented.onnx", CalibrationMethod.MinMax
        )
        calibrator.collect_data(_Reader(faces))
        found = calibrator.compute_data().data
    return {name: [float(np.min(b)) for b in found[name].range_value] for name in sorted(found, key=_number)}


def _number(name: str) -> tuple[int, str]:
    return len(name), name


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="a new file, for the manifest to name")
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    embedder = find_weights(material.WEIGHTS_DIR, material.weights_folder())[1]
    found = ranges(embedder.path, chips(data))
    lines = [f'  "{name}": [{low:.4g}, {high:.4g}]' for name, (low, high) in found.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    parser.parse_args().file.write_text(text, encoding="utf-8")
    print(f"{len(json.loads(text))} values of {embedder.passport.name}")


if __name__ == "__main__":
    main()
