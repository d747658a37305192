"""Who is still found and named when pictures are bad, and who is served worst: `python -m tests.benchmarks.robustness`.

Videos: every face in the truth of the six videos, five times a second, by what was done to it or to its picture, named
as the library would with these people enrolled. Photographs: faces of the LFW pack, of the half of the people to which
nothing was fitted, damaged in many ways (`damages.py`); a hundred people are enrolled by their first picture and looked
for by their second, a hundred others are strangers. People: how far the worst served tenth lies from the mean. Needs
the shared test data; takes some ten minutes, `--only` takes a table alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.vision import Networks, PhotoFace, faces_in_photo, read_photo
from faces.vision.images import Image
from tests import material
from tests.benchmarks.accuracy import Judge, enrolled, tracks_of
from tests.benchmarks.crowding import FILE, of_half
from tests.benchmarks.damages import DAMAGES
from tests.benchmarks.detection import VIDEOS, track_at
from tests.benchmarks.gallery import Gallery, distances
from tests.benchmarks.pack import between, lfw
from tests.benchmarks.split import half

Look = tuple[Image, PhotoFace]
TABLES = ("videos", "photographs", "people")
PEOPLE = 100
_FEW, _HUNDRED = (0.75, 0.515), (1.0, 0.492)
"""Weight of the normalisation and radius that the manifest has for about 30 and about 100 people."""
_SURROUNDINGS = 1.2
"""How far a photograph is kept around the middle of a face, in face heights, so that nobody else is in it."""
_GALLERIES = 30


@dataclass(slots=True)
class Outcomes:
    """What became of looks at faces: the share of people to be known who were named rightly, and so on."""

    known: int = 0
    right: int = 0
    wrong: int = 0
    strangers: int = 0
    strangers_named: int = 0
    found: int = 0

    def add(self, person: str | None, *, found: bool, name: str | None) -> None:
        """person: who it is, or None for a stranger."""
        self.found += found
        if person is None:
            self.strangers, self.strangers_named = (
                self.strangers + 1,
                self.strangers_named + (name is not None),
            )
        else:
            self.known, self.right = self.known + 1, self.right + (name == person)
            self.wrong += name is not None and name != person

    @property
    def f1(self) -> float:
        """Of names given: precision over everybody, recall over those to be known."""
        said = self.right + self.wrong + self.strangers_named
        return 2 * self.right / max(said + self.known, 1)

    def __str__(self) -> str:
        def share(part: int, of: int) -> str:
            return f"{part / of:.3f}" if of else "–"

        nobody = self.known - self.right - self.wrong
        return (
            f"{self.known + self.strangers} | {share(self.found, self.known + self.strangers)} "
            f"| {share(self.right, self.known)} | {share(self.wrong, self.known)} | {share(nobody, self.known)} "
            f"| {share(self.strangers_named, self.strangers)} | {self.f1:.3f}"
        )


HEADER = (
    "| {} | faces | found | of the enrolled: rightly named | wrongly | not at all | strangers named | F1 |\n"
    "|---|---|---|---|---|---|---|---|"
)


def in_videos(data: Path, networks: Networks) -> Iterator[str]:
    """By what was done to faces or pictures, and by person."""
    gallery = enrolled(data, networks)
    names, judge = list(gallery), Judge("spread", Crowding.load(FILE), *_FEW)
    kinds, people = defaultdict[str, Outcomes](Outcomes), defaultdict[str, Outcomes](Outcomes)
    named_wrongly = defaultdict[str, int](int)
    for video in VIDEOS:
        truth = json.loads((data / "videos" / f"{video}.truth.json").read_text())
        tracks = tracks_of(data / "videos" / f"{video}.mp4")
        apart = judge.distances(tracks, gallery)
        says = [names[int(row.argmin())] if row.min() <= judge.auto else None for row in apart]
        for shot, shown in ((one, shown) for one in truth["shots"] for shown in one["people"]):
            person = shown["person"] if shown["enrolled"] else None
            for sample in shown["track"] or []:
                if sample.get("visible", 1) < 1:
                    continue
                hit = track_at(tracks, sample)
                name = says[hit] if hit is not None else None
                marks = sorted(set(shown["degradations"]) | set(shot["degradations"]))
                for kind in marks or ["nothing"]:
                    kinds[kind.replace("_", " ")].add(person, found=hit is not None, name=name)
                if video == "dev5_hard":
                    kinds["all of dev5_hard"].add(person, found=hit is not None, name=name)
                kinds["everything"].add(person, found=hit is not None, name=name)
                if person is not None:
                    people[person].add(person, found=hit is not None, name=name)
                if name is not None and name != person:
                    named_wrongly[name] += 1
    yield HEADER.format("in the videos")
    for kind in sorted(kinds, key=lambda one: (kinds[one].f1, one)):
        yield f"| {kind} | {kinds[kind]} |"
    yield ""
    recalls = {person: seen.right / seen.known for person, seen in people.items()}
    precisions = {
        person: seen.right / (seen.right + named_wrongly[person])
        for person, seen in people.items()
        if seen.right + named_wrongly[person]
    }
    yield _spread("named recall, people in the videos", recalls)
    yield _spread("named precision, people in the videos", precisions)


def in_photographs(data: Path, networks: Networks) -> Iterator[str]:
    """By damage, of LFW's faces."""
    known, strangers = _drawn(data)
    first = {name: _central(photos[0], networks) for name, photos in known.items()}
    gallery: Gallery = {name: [face[1].faceprint] for name, face in first.items() if face is not None}
    names, judge = list(gallery), Judge("spread", Crowding.load(FILE), *_HUNDRED)
    looks: list[tuple[str | None, Look | None]] = [
        (name, _central(known[name][1], networks)) for name in gallery
    ]
    looks += [(None, _central(photo, networks)) for photo in strangers]
    yield HEADER.format("done to photographs")
    for kind, damage in DAMAGES.items():
        outcomes = Outcomes()
        for person, look in looks:
            if look is None:
                continue
            found = faces_in_photo(damage(*look), networks)
            name = None
            if found:
                apart = distances(
                    found[0].faceprint[None], gallery, judge.rule, judge.crowding, judge.weight
                )[0]
                name = names[int(apart.argmin())] if apart.min() <= judge.auto else None
            outcomes.add(person, found=bool(found), name=name)
        yield f"| {kind} | {outcomes} |"


def by_person(data: Path, networks: Networks) -> Iterator[str]:
    """Each picture of a person enrolled in turn and looked for by the others, among 99 people drawn again and again."""
    pack, crowding = of_half(lfw(data, networks), "test"), Crowding.load(FILE)
    rng, (weight, radius) = np.random.default_rng(0), _HUNDRED
    c = weight / 2 * crowding.of(pack.vectors).astype(np.float64)
    repeated = [name for name in np.unique(pack.names) if (pack.names == name).sum() > 1]
    rows = {name: np.flatnonzero(pack.names == name).tolist() for name in np.unique(pack.names)}
    once = np.array([rows[name][0] for name in rows if len(rows[name]) == 1])
    recalls: dict[str, float] = {}
    strangers: dict[str, float] = {}
    for name in repeated:
        others = [other for other in repeated if other != name]
        right, trials = 0, 0
        for enrolled_as, looked_for in permutations(rows[name], 2):
            own = _apart(pack.vectors, c, np.array([enrolled_as]), looked_for)[0]
            for _ in range(_GALLERIES):
                drawn = np.array([rows[str(o)][0] for o in rng.choice(others, PEOPLE - 1, replace=False)])
                nearest = _apart(pack.vectors, c, drawn, looked_for).min()
                right, trials = right + (own <= radius and own < nearest), trials + 1
        recalls[name] = right / trials
        to_strangers = [_apart(pack.vectors, c, once, row) <= radius for row in rows[name]]
        strangers[name] = 1 - float(np.mean(to_strangers))
    yield _spread("rightly named in LFW, one picture enrolled among 100 people", recalls)
    yield _spread("strangers of LFW not taken for them", strangers, digits=5)


def _apart(
    vectors: NDArray[np.float32], c: NDArray[np.float64], rows: NDArray[np.int64], row: int
) -> NDArray[np.float64]:
    return np.asarray(between(vectors[rows], vectors[[row]])[:, 0] - c[rows] - c[row], np.float64)


def _spread(what: str, shares: dict[str, float], digits: int = 3) -> str:
    """The mean over people beside that of the tenth who have least."""
    ordered = sorted(shares, key=lambda person: shares[person])
    worst = ordered[: max(1, round(len(ordered) / 10))]
    values = [shares[person] for person in ordered]
    return (
        f"| {what} | {len(ordered)} | {np.mean(values):.{digits}f} | {np.median(values):.{digits}f} "
        f"| {np.mean([shares[person] for person in worst]):.{digits}f} | {sum(v == 1 for v in values)} |"
    )


def _drawn(data: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """People with two pictures at least, and as many photographs of others: the first of the half that examines."""
    folders = [path for path in sorted((data / "lfw" / "people").iterdir()) if half(path.name) == "test"]
    known = {path.name: sorted(path.glob("*.jpg"))[:2] for path in folders[:PEOPLE]}
    others = [path for path in sorted((data / "lfw" / "strangers").iterdir()) if half(path.name) == "test"]
    return known, [min(path.glob("*.jpg")) for path in others[:PEOPLE]]


def _central(path: Path, networks: Networks) -> Look | None:
    """The middle face of a photograph with its surroundings, and where it is in them."""
    image = read_photo(path.read_bytes())
    middle = np.array(image.shape[1::-1]) / 2
    if not (found := faces_in_photo(image, networks)):
        return None
    face = min(found, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle))))
    centre, reach = face.box[:2] + face.box[2:] / 2, _SURROUNDINGS * float(face.box[3])
    left, top = np.maximum(np.floor(centre - reach), 0).astype(int)
    right, bottom = np.ceil(centre + reach).astype(int)
    around = np.ascontiguousarray(image[top:bottom, left:right])
    again = faces_in_photo(around, networks)
    return (around, again[0]) if again else None


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES)
    chosen: Sequence[str] = parser.parse_args().only
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    tables = {"videos": in_videos, "photographs": in_photographs, "people": by_person}
    for name in chosen:
        for line in tables[name](data, material.networks()):
            print(line, flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
