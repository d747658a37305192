"""How well people are found and named in videos whose truth is known: `python -m tests.benchmarks.accuracy`.

Pixels and vectors only, no database: every video is scanned once, tracks are named by the enrolled photographs under
each rule, weight of the normalisation and radius, the rest are grouped, and the scorer beside the data judges. Needs
the shared test data.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.vision import Faceprint, FoundTrack, Networks, faces_in_photo, read_photo, scan
from tests import material
from tests.benchmarks.crowding import FILE
from tests.benchmarks.gallery import RULES, Gallery, distances

GROUPS = {
    "dev1-4": ("dev1_clean", "dev2_mixed", "dev3_2997", "dev4_vfr"),
    "dev5_hard": ("dev5_hard",),
    "dev6_real": ("dev6_real",),
}
NOBODY_ENROLLED = ("facenet_street", "dlib_mot20")
"""Clips in which every name is wrong."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How a distance is judged: by a rule, less so much of the crowding, within a radius."""

    rule: str
    crowding: Crowding
    weight: float
    auto: float

    def distances(self, tracks: Sequence[FoundTrack], gallery: Gallery) -> NDArray[np.float64]:
        """(tracks, people), in the gallery's order."""
        prints = np.stack([track.faceprint for track in tracks])
        return distances(prints, gallery, self.rule, self.crowding if self.weight else None, self.weight)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A group of unnamed tracks: the sum of their faceprints and how many there are."""

    total: Faceprint
    count: int

    def distance(self, faceprint: Faceprint, judge: Judge) -> float:
        """From the group's mean."""
        mean = self.total / self.count
        c = judge.crowding.of(np.stack([mean, faceprint]))
        return float(np.linalg.norm(mean - faceprint) - judge.weight * c.mean())


def enrolled(data: Path, networks: Networks) -> Gallery:
    """The people to know, by their reference photographs; those of real clips by reference frames."""
    gallery: dict[str, list[Faceprint]] = {}
    for item in json.loads((data / "manifest.json").read_text())["items"]:
        if item["enrolled"] and item["role"] == "reference":
            middle = np.array(item["face_box"][:2]) + np.array(item["face_box"][2:]) / 2
            gallery.setdefault(item["person"], []).append(_faceprint(data / item["file"], middle, networks))
    for path in sorted((data / "clips" / "refs").glob("*/*.jpg")):
        gallery.setdefault(path.parent.name, []).append(_faceprint(path, None, networks))
    return gallery


def tracks_of(path: Path) -> list[FoundTrack]:
    """Every track of a video, with a line about the time it took."""
    began = time.process_time()
    chunks = list(scan(path, material.networks_for_scans()))
    tracks = [track for chunk in chunks for track in chunk.tracks]
    spent_s, media_s = time.process_time() - began, chunks[-1].end_ms / 1000
    print(f"{path.stem}: {len(tracks)} tracks, {spent_s:.1f} s of CPU, {media_s / spent_s:.1f} x real time")
    return tracks


def appearances(
    tracks: Sequence[FoundTrack],
    gallery: Gallery,
    judge: Judge,
    radius: float,
    unknowns: list[Unknown],
) -> dict[str, Any]:
    """Videobox JSON of one video. Unnamed tracks join the nearest of the unknowns within the radius, or add one."""
    faces: dict[str, dict[str, Any]] = {}
    people = list(gallery)
    for track, to_people in zip(tracks, judge.distances(tracks, gallery), strict=True):
        name = people[int(to_people.argmin())] if to_people.min() <= judge.auto else None
        key = name or f"unknown-{_group(track.faceprint, radius, unknowns, judge)}"
        face = faces.setdefault(key, {"key": key, "name": name, "named": name is not None, "instances": []})
        face["instances"].append({"start_ms": track.start_ms, "end_ms": track.end_ms, "confidence": 1})
    return {"faces": list(faces.values())}


def scored(data: Path, predictions: dict[str, dict[str, Any]], videos: Sequence[str]) -> dict[str, Any]:
    """What the scorer says of some videos, where a key means the same person in all of them."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = []
        for video in videos:
            path = Path(folder, f"{video}.json")
            path.write_text(json.dumps(predictions[video]))
            pairs += [str(data / "videos" / f"{video}.truth.json"), str(path)]
        command = [sys.executable, str(data / "eval_wholeappears.py"), "--library", *pairs]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(answer))


def table(
    data: Path, networks: Networks, weights: Sequence[float], radii: Sequence[float], grouping: float
) -> Iterator[str]:
    """The lines of the report."""
    gallery, crowding = enrolled(data, networks), Crowding.load(FILE)
    every = [video for videos in GROUPS.values() for video in videos]
    tracks = {video: tracks_of(data / "videos" / f"{video}.mp4") for video in every}
    others = {clip: tracks_of(data / "clips" / f"{clip}.mp4") for clip in NOBODY_ENROLLED}
    yield f"{len(gallery)} people enrolled."
    yield (
        f"| rule | weight | auto | {' | '.join(GROUPS)} | strangers named, s "
        f"| {' | '.join(f'{clip}, s' for clip in NOBODY_ENROLLED)} |"
    )
    yield "|---|---|---|" + "---|" * (len(GROUPS) + 1 + len(NOBODY_ENROLLED))
    for rule in RULES:
        for weight in weights:
            for auto in radii:
                judge = Judge(rule, crowding, weight, auto)
                unknowns: list[Unknown] = []
                found = {v: appearances(tracks[v], gallery, judge, grouping, unknowns) for v in every}
                cells = [_cell(scored(data, found, videos)["named"]) for videos in GROUPS.values()]
                cells.append(f"{scored(data, found, every)['stranger_given_a_name_s']:.1f}")
                cells += [f"{_named_s(passers_by, gallery, judge):.1f}" for passers_by in others.values()]
                yield f"| {rule} | {weight:g} | {auto:.3f} | {' | '.join(cells)} |"
    yield ""
    yield (
        "| nobody enrolled: weight | radius | B-cubed F1 | precision | purity | clusters a person "
        "| share of face time found |"
    )
    yield "|---|---|---|---|---|---|---|"
    for weight in weights:
        judge = Judge("mean", crowding, weight, 0)
        for radius in (0.40, 0.43, 0.46, 0.49, 0.52, 0.55):
            unknowns = []
            nobody = {"": [np.full(128, 9, np.float32)]}
            alone = {v: appearances(tracks[v], nobody, judge, radius, unknowns) for v in every}
            scores = scored(data, alone, every)
            groups, false_s = scores["clusters_all"], scores["false_person_s"]
            cubed = groups["bcubed"]
            yield (
                f"| {weight:g} | {radius:.2f} | {cubed['f1']:.3f} | {cubed['precision']:.3f} "
                f"| {groups['purity']:.3f} | {groups['clusters_per_person']:.2f} "
                f"| {groups['detected_share_of_face_time']:.3f} |"
            )
    yield ""
    yield f"Shown as people who are none: {false_s:.1f} s. Boundary error, ms: {scores['boundary_error_ms']}"


def _named_s(tracks: Sequence[FoundTrack], gallery: Gallery, judge: Judge) -> float:
    """Seconds in which a track has a name."""
    near = judge.distances(tracks, gallery).min(axis=1) if tracks else []
    named = [track for track, nearest in zip(tracks, near, strict=True) if nearest <= judge.auto]
    return sum(track.end_ms - track.start_ms for track in named) / 1000


def _cell(named: dict[str, Any]) -> str:
    return f"P {named['precision'] or 0:.3f} R {named['recall'] or 0:.3f} **F1 {named['f1']:.3f}**"


def _group(faceprint: Faceprint, radius: float, unknowns: list[Unknown], judge: Judge) -> int:
    apart = [unknown.distance(faceprint, judge) for unknown in unknowns]
    nearest = int(np.argmin(apart)) if apart else None
    if nearest is None or apart[nearest] > radius:
        unknowns.append(Unknown(faceprint, 1))
        return len(unknowns) - 1
    old = unknowns[nearest]
    unknowns[nearest] = Unknown(old.total + faceprint, old.count + 1)
    return nearest


def _faceprint(path: Path, middle: Any, networks: Networks) -> Faceprint:
    """Of the face that is nearest to a point of the photograph, or of the largest."""
    faces = faces_in_photo(read_photo(path.read_bytes()), networks)
    if middle is None:
        return faces[0].faceprint
    return min(faces, key=lambda f: float(np.hypot(*(f.box[:2] + f.box[2:] / 2 - middle)))).faceprint


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--auto", type=float, nargs="+", default=[0.48, 0.50, 0.515, 0.53], help="radii to name within"
    )
    parser.add_argument("--weights", type=float, nargs="+", default=[0, 0.75, 1], help="of the normalisation")
    parser.add_argument("--grouping", type=float, default=0.46, help="radius to join an unknown within")
    arguments = parser.parse_args()
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for line in table(data, material.networks(), arguments.weights, arguments.auto, arguments.grouping):
        print(line, flush=True)


if __name__ == "__main__":
    main()
