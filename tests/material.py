"""The pictures, videos and networks of the tests; made once and then kept in `.home-test/material`.

sample_videos()             the three sample videos, each with path, title and truth
composed(scenes, form)      any other video, composed from the same portraits
portrait_path("obama2")     one photograph; reference_photos(): those to enrol, by person
networks()                  the detector and embedder, loaded
shared_data()               further videos and photographs with truth, where this machine has them, or None
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import av
import cv2

from faces.vision.networks import Manifest, Networks, ensure_weights, fetch
from mam.samples import (
    ClipForm,
    Portraits,
    Sample,
    Scene,
    Truth,
    compose_clip,
    compose_samples,
    fetch_portraits,
)

CHECKOUT = Path(__file__).resolve().parent.parent
MATERIAL = CHECKOUT / ".home-test" / "material"
WEIGHTS_DIR = CHECKOUT / "models"


@dataclass(frozen=True, slots=True)
class Clip:
    """A composed video and who is to be seen in it when."""

    path: Path
    truth: Truth


@cache
def sample_videos() -> tuple[Sample, ...]:
    """The three sample videos, in order."""
    folder = MATERIAL / f"samples-{_version()}"
    with alone(folder.name):
        if not (folder / "samples.json").exists():
            samples = compose_samples(folder, portraits())
            index = [{"file": s.path.name, "title": s.title, "truth": s.truth} for s in samples]
            for sample in samples:
                sample.path.with_suffix(".truth.json").write_text(json.dumps(sample.truth))
            (folder / "samples.json").write_text(json.dumps(index))
    index = json.loads((folder / "samples.json").read_text())
    return tuple(Sample(folder / entry["file"], entry["title"], entry["truth"]) for entry in index)


def composed(scenes: Sequence[Scene], form: ClipForm | None = None, *, suffix: str = ".mp4") -> Clip:
    """A video of those scenes in that form; the same request is composed only once."""
    key = hashlib.sha256(repr((tuple(scenes), form, _version())).encode()).hexdigest()[:16]
    folder = MATERIAL / "clips"
    path, truth_path = folder / f"{key}{suffix}", folder / f"{key}{suffix}.truth.json"
    folder.mkdir(parents=True, exist_ok=True)
    with alone(path.name):
        if not truth_path.exists():
            truth_path.write_text(json.dumps(compose_clip(path, scenes, portraits(), form)))
    return Clip(path, json.loads(truth_path.read_text()))


def portrait_path(name: str) -> Path:
    """The photograph called obama, obama2, obama3, biden, grace_hopper or astronaut (Eileen Collins)."""
    return portraits().people[name].path


def reference_photos() -> dict[str, list[Path]]:
    """The photographs to enrol, by the person's name. No sample video shows any of them."""
    found: dict[str, list[Path]] = {}
    for name in portraits().reference:
        portrait = portraits().people[name]
        found.setdefault(portrait.name, []).append(portrait.path)
    return found


@cache
def portraits() -> Portraits:
    """All photographs and backdrops."""
    return fetch_portraits(MATERIAL / "portraits")


@cache
def networks(detector: str | None = None) -> Networks:
    """The default networks, or those with the named detector, in this process only once."""
    folder, manifest = weights_folder(), Manifest.load()
    ensure_weights(WEIGHTS_DIR, folder, manifest=manifest.only(detector) if detector else manifest)
    return Networks.load(WEIGHTS_DIR, folder, detector=detector)


@cache
def networks_for_scans() -> Networks:
    """The same as scans use them."""
    ensure_weights(WEIGHTS_DIR, weights_folder())
    return Networks.load(WEIGHTS_DIR, weights_folder(), eight_bits=True)


@cache
def dlib_dat() -> Path:
    """dlib's own file of its face recognition network, which ours is converted from."""
    (source,) = Manifest.load().named("dlib-resnet-v1").sources
    path = MATERIAL / source.file_name
    fetch(replace(source, convert=None), path)
    return path


def weights_folder() -> Path | None:
    """The folder that DRAMATIS_WEIGHTS names, or the one beside the shared test data, where there is one."""
    named = os.environ.get("DRAMATIS_WEIGHTS")
    folder = Path(named) if named else _shared() / "weights"
    return folder if folder.is_dir() else None


def shared_data() -> Path | None:
    """Further test data, which is never shipped: in DRAMATIS_SHARED, else in ../shared."""
    data = _shared() / "data"
    return data if data.is_dir() else None


def _shared() -> Path:
    return Path(os.environ.get("DRAMATIS_SHARED") or CHECKOUT.parent / "shared")


@cache
def _version() -> str:
    """Changes with whatever decides about the composed bytes."""
    files = [
        CHECKOUT / "mam" / "samples" / f"{name}.py" for name in ("clips", "portraits", "programme", "scenes")
    ]
    code = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(code + f"{av.__version__} {cv2.__version__}".encode()).hexdigest()[:12]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Nobody else, in any process, makes what has that name within."""
    MATERIAL.mkdir(parents=True, exist_ok=True)
    with (MATERIAL / f".{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
