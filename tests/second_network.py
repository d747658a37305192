"""A second embedder, made for the tests: dlib's network, its vectors turned into a space of 192 dimensions.

They come out seven times as long, which the passport's scale takes back: every distance is kept, so that what it
should answer is known; its thresholds are others, and plain.

installed(…)   puts its passport into the manifest, last, and its file where networks are looked for
networks()     the best detector and this embedder, loaded; importable in the process apart
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from faces.vision.networks import Manifest, Networks, find_weights
from faces.vision.networks.manifest import MANIFEST
from tests import material

NAME, DIM, LONGER = "turned-192", 192, 7
AUTO, SUGGESTED = 0.40, 0.56
_PASSPORT = """
[[network]]
name = "{name}"
role = "embedder"
engine = "chips"
file = "{name}.onnx"
size = {size}
sha256 = "{sha256}"
licence = "CC0-1.0"
origin = "made by tests/second_network.py"
input = {{ layout = "NHWC", dtype = "uint8", colour = "BGR", range = "0–255", size = "150×150 aligned chips" }}
[network.embedding]
dim = {dim}
metric = "l2"
scale = {scale}
spread = 0.086
[network.embedding.grouping]
radius = 0.51
tighter = 0.015
crowding = 0.0
[[network.embedding.calibration]]
people = 30
crowding = 0.0
auto = {auto}
suggested = {suggested}
midpoint = 0.5
slope = 50.0
"""


@cache
def turn() -> NDArray[np.float32]:
    """(128, 192) float32: x @ turn() has x's length."""
    chance = np.random.default_rng(192)
    return np.linalg.qr(chance.normal(size=(DIM, 128)))[0].T.astype(np.float32)


@cache
def folder() -> Path:
    """Where the network's file lies beside those of the first ones, and a manifest that knows it too."""
    place = material.MATERIAL / NAME
    with material.alone(NAME):
        detector, embedder = find_weights(material.WEIGHTS_DIR, material.weights_folder())
        place.mkdir(parents=True, exist_ok=True)
        for known in (detector.path, embedder.path, *MANIFEST.parent.glob("*.json")):
            (place / known.name).unlink(missing_ok=True)
            (place / known.name).symlink_to(known.resolve())
        model = onnx.load(embedder.path)
        (out,) = model.graph.output
        model.graph.initializer.append(numpy_helper.from_array(turn() * LONGER, "turn"))
        model.graph.node.append(helper.make_node("MatMul", [out.name, "turn"], ["turned"]))
        model.graph.output.remove(out)
        model.graph.output.append(
            helper.make_tensor_value_info("turned", onnx.TensorProto.FLOAT, [None, DIM])
        )
        content = model.SerializeToString(deterministic=True)
        (place / f"{NAME}.onnx").write_bytes(content)
        passport = _PASSPORT.format(
            name=NAME,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            dim=DIM,
            scale=1 / LONGER,
            auto=AUTO,
            suggested=SUGGESTED,
        )
        (place / "manifest.toml").write_text(MANIFEST.read_text(encoding="utf-8") + passport)
    return place


def installed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """From now on, in this process, the manifest knows it, and its file is found."""
    known = Manifest.load(folder() / "manifest.toml")
    monkeypatch.setattr(Manifest, "load", lambda *path: known)
    settings.FACES = {**settings.FACES, "weights_folder": folder()}


@cache
def networks() -> Networks:
    """Knows nothing of what `installed` did."""
    return Networks.load(folder(), embedder=NAME, manifest=Manifest.load(folder() / "manifest.toml"))
