"""Portraits and backdrops, free of rights, out of Python packages; taken out by digest, never installed.

The people are shown in photographs by the United States' navy, NASA and the White House (public domain).
Backdrops: rocket (SpaceX), moon (NASA), coffee (Rachel Michetti), all public domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from faces.vision.images import Image
from faces.vision.networks.fetch import FetchFailed, Progress, fetch, has_digest
from faces.vision.networks.manifest import Source


@dataclass(frozen=True, slots=True)
class Portrait:
    """One photograph of one person.

    person: the person's id in truth files; name: as people write it.
    face: left, top, width, height of the face in pixels of the photograph.
    """

    person: str
    name: str
    path: Path
    face: tuple[float, float, float, float]

    def image(self) -> Image:
        """The photograph, BGR."""
        return read_image(self.path)


@dataclass(frozen=True, slots=True)
class Portraits:
    """All photographs and backdrops, by name."""

    people: Mapping[str, Portrait]
    backdrops: Mapping[str, Path]
    reference: tuple[str, ...]
    """The photographs meant for enrolment; the sample videos never show them."""


def fetch_portraits(cache_dir: Path, on_progress: Progress | None = None) -> Portraits:
    """Fetch (20 MB once) and unpack the pictures into `cache_dir`. Raises FetchFailed."""
    for archive, members in _ARCHIVES.items():
        wanted = [_source(archive, *member) for member in members]
        if all(has_digest(cache_dir / source.file_name, source.member_sha256) for source in wanted):
            continue
        whole = cache_dir / archive.archive_name
        fetch(archive, whole, on_progress=on_progress)
        for source in wanted:
            fetch(source, cache_dir / source.file_name, folder=cache_dir)
        whole.unlink()
    people = {
        Path(file).stem: Portrait(person, name, cache_dir / file, face)
        for file, (person, name, face) in _FACES.items()
    }
    backdrops = {Path(file).stem: cache_dir / file for file in _BACKDROPS}
    return Portraits(people, backdrops, _REFERENCE)


def read_image(path: Path) -> Image:
    """The picture in a file of ours, BGR."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FetchFailed(f"{path} is no picture any more. Delete it and try again; it will be fetched anew.")
    return np.asarray(image, np.uint8)


def _source(archive: Source, member: str, size: int, sha256: str) -> Source:
    return Source(
        url=archive.url, size=archive.size, sha256=archive.sha256,
        member=member, member_size=size, member_sha256=sha256,
    )  # fmt: skip


_FACE_RECOGNITION = Source(
    url="pypi:face_recognition/face_recognition-1.3.0.tar.gz",
    size=3_182_249,
    sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
)
# Of every matplotlib and scikit-image that carries the picture, the smallest archive.
_MATPLOTLIB = Source(
    url="pypi:matplotlib/matplotlib-1.5.0-cp34-none-win32.whl",
    size=5_920_429,
    sha256="a5e4433b8b2ee2feb0fc932d31ea135f12bc490087c5b33d031c5b570af67a01",
)
_SCIKIT_IMAGE = Source(
    url="pypi:scikit-image/scikit_image-0.17.1-cp36-cp36m-win32.whl",
    size=10_554_666,
    sha256="11bcc65ca2927c1842212b37ab64fe589a3eb6de375ea09cea0d7cd99bbde418",
)
_ARCHIVES: dict[Source, tuple[tuple[str, int, str], ...]] = {
    _FACE_RECOGNITION: (
        (
            "face_recognition-1.3.0/tests/test_images/obama.jpg", 279_922,
            "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
        ),
        (
            "face_recognition-1.3.0/tests/test_images/obama2.jpg", 184_455,
            "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        ),
        (
            "face_recognition-1.3.0/tests/test_images/obama3.jpg", 595_944,
            "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
        ),
        (
            "face_recognition-1.3.0/tests/test_images/biden.jpg", 353_723,
            "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
        ),
    ),
    _MATPLOTLIB: (
        (
            "matplotlib/mpl-data/sample_data/grace_hopper.jpg", 61_306,
            "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        ),
    ),
    _SCIKIT_IMAGE: (
        (
            "skimage/data/astronaut.png", 791_555,
            "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        ),
        (
            "skimage/data/rocket.jpg", 112_525,
            "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        ),
        (
            "skimage/data/moon.png", 50_177,
            "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577",
        ),
        (
            "skimage/data/coffee.png", 466_706,
            "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        ),
    ),
}  # fmt: skip
_FACES: dict[str, tuple[str, str, tuple[float, float, float, float]]] = {
    "obama.jpg": ("barack_obama", "Barack Obama", (371, 91, 241, 329)),
    "obama2.jpg": ("barack_obama", "Barack Obama", (202, 229, 275, 405)),
    "obama3.jpg": ("barack_obama", "Barack Obama", (644, 273, 266, 345)),
    "biden.jpg": ("joe_biden", "Joe Biden", (427, 177, 286, 398)),
    "grace_hopper.jpg": ("grace_hopper", "Grace Hopper", (183, 120, 170, 212)),
    "astronaut.png": ("eileen_collins", "Eileen Collins", (178, 63, 90, 113)),
}
_BACKDROPS = ("rocket.jpg", "moon.png", "coffee.png")
_REFERENCE = ("obama",)
