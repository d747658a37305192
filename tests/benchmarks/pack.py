"""The faceprints of the LFW pack, made once and then kept in `.home-test/material`."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import faces.vision
from faces.vision import Networks, faces_in_photo, read_photo
from tests import material
from tests.benchmarks.split import respelled

_SAME_PICTURE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """Faceprints of photographs, by person and picture. Row i of every array is the same photograph.

    vectors: (n, dim) float32, rounded to half precision as a database keeps them. qualities: (n,) in [0, 1].
    names, people: (n,) who it is, as text and as a number; pictures: (n,) 0 for a person's first, 1, 2.
    """

    names: NDArray[np.str_]
    people: NDArray[np.int64]
    pictures: NDArray[np.int64]
    vectors: NDArray[np.float32]
    qualities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.names)

    def where(self, rows: NDArray[np.bool_]) -> "Pack":
        """Some of the photographs."""
        return Pack(
            self.names[rows], self.people[rows], self.pictures[rows], self.vectors[rows], self.qualities[rows]
        )

    def counts(self) -> NDArray[np.int64]:
        """(n,): how many pictures there are of the person of each row."""
        return np.bincount(self.people)[self.people]


def lfw(data: Path, networks: Networks) -> Pack:
    """Every photograph of the pack whose middle shows a face; people who are there twice only once."""
    kept = material.MATERIAL / f"lfw-{_version(networks)}.npz"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        found = list(_photographed(data, networks))
        np.savez(
            kept,
            names=np.array([name for name, _, _ in found]),
            vectors=np.stack([vector for _, vector, _ in found]),
            qualities=np.array([quality for _, _, quality in found], np.float32),
        )
    with np.load(kept) as stored:
        return _without_doubles(_pack(stored["names"], stored["vectors"], stored["qualities"]))


def photographs(data: Path) -> list[Path]:
    """The pack's pictures, by person and number."""
    return sorted((data / "lfw").glob("*/*/*.jpg"), key=lambda path: (path.parent.name, path.name))


def _photographed(data: Path, networks: Networks) -> Iterator[tuple[str, NDArray[np.float32], float]]:
    print("Looking at the photographs, once; this takes a few minutes.", file=sys.stderr)
    for path in photographs(data):
        image = read_photo(path.read_bytes())
        middle = np.array(image.shape[1::-1]) / 2
        faces = faces_in_photo(image, networks)
        if faces:
            face = min(faces, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle))))
            yield path.parent.name, face.faceprint, face.quality


def _pack(names: NDArray[np.str_], vectors: NDArray[np.float32], qualities: NDArray[np.float32]) -> Pack:
    people = np.unique(names, return_inverse=True)[1].astype(np.int64)
    firsts = np.searchsorted(people, people)
    stored = vectors.astype(np.float16).astype(np.float32)
    return Pack(names, people, np.arange(len(names)) - firsts, stored, qualities)


def _without_doubles(pack: Pack) -> Pack:
    """Without the people of whom the pack has the same picture, or the same name, under two names."""
    apart = between(pack.vectors, pack.vectors) + np.tri(len(pack))
    later = np.flatnonzero(((apart < _SAME_PICTURE) & (pack.people[:, None] != pack.people)).any(axis=0))
    by_pictures = sorted(set(pack.names), key=lambda name: (-int((pack.names == name).sum()), name))
    doubles = respelled(by_pictures) | set(pack.names[later])
    left = ~np.isin(pack.names, sorted(doubles))
    return _pack(pack.names[left], pack.vectors[left], pack.qualities[left])


def between(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m): L2 distances from (n, dim) to (m, dim)."""
    a, b = some.astype(np.float64), others.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)


def _version(networks: Networks) -> str:
    """Changes with whatever decides about a faceprint."""
    folder = Path(faces.vision.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))
    named = f"{networks.detector.name} {networks.embedder.name}".encode()
    return hashlib.sha256(code + named).hexdigest()[:12]
