"""Grouping those whom nobody has named: `python -m tests.benchmarks.grouping`.

The six videos as one library without anybody enrolled, the global pass and the one-by-one grouping judged by the
scorer beside the data; the half of the LFW pack to which nothing was fitted, as a library of stills; and with
`--tracks N` the time and memory that a pass takes over so many made-up faces. All but the last needs the shared test
data.
"""

import argparse
import pickle
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity.crowding import Crowding
from faces.identity.gallery import Faces
from faces.identity.grouping import Constraints, GroupingRule, group
from faces.vision import FoundTrack
from tests import material
from tests.benchmarks.accuracy import GROUPS, scored, tracks_of
from tests.benchmarks.crowding import FILE
from tests.benchmarks.pack import Pack, lfw
from tests.benchmarks.split import half

RADII = (0.46, 0.48, 0.50, 0.52, 0.54)


def nothing_said(n: int) -> Constraints:
    """Constraints of n faces that are all in different shots."""
    rows = np.arange(n)
    return Constraints(
        rows, np.zeros(n, np.int64), np.ones(n, np.int64), np.full(n, -1), np.empty((0, 2), np.int64)
    )


def in_shots(tracks: Sequence[tuple[str, FoundTrack]], *, exclusive: bool = True) -> Constraints:
    """Constraints of a library's tracks: two of one shot that overlap are two people."""
    free = nothing_said(len(tracks))
    if not exclusive:
        return free
    shots = {key: number for number, key in enumerate(dict.fromkeys((v, t.shot) for v, t in tracks))}
    return Constraints(
        np.array([shots[video, track.shot] for video, track in tracks], np.int64),
        np.array([track.start_ms for _, track in tracks], np.int64),
        np.array([track.end_ms for _, track in tracks], np.int64),
        free.together,
        free.apart,
    )


def one_by_one(faces: Faces, constraints: Constraints, radius: float, weight: float) -> list[int]:
    """As scans do it: each joins the nearest group within the radius that nobody beside it is in, or founds one."""
    sums: list[NDArray[np.float64]] = []
    members: list[list[int]] = []
    labels = []
    for row in range(len(faces)):
        x, best = faces.vectors[row].astype(np.float64), None
        for label in np.argsort(
            [float(np.linalg.norm(s / len(m) - x)) for s, m in zip(sums, members, strict=True)]
        ):
            mean = sums[label] / len(members[label])
            crowding = np.mean(faces.crowding[members[label]]) + faces.crowding[row]
            beside = any(
                constraints.shot[row] == constraints.shot[other]
                and constraints.start_ms[row] < constraints.end_ms[other]
                and constraints.end_ms[row] > constraints.start_ms[other]
                for other in members[label]
            )
            if not beside and np.linalg.norm(mean - x) - weight / 2 * crowding <= radius:
                best = int(label)
                break
        if best is None:
            best = len(sums)
            sums.append(np.zeros_like(x))
            members.append([])
        sums[best] += x
        members[best].append(row)
        labels.append(best)
    return labels


def videos(data: Path, kept: Path | None) -> dict[str, list[FoundTrack]]:
    """The tracks of the six videos; `kept`: a file to read them from, or to leave them in."""
    if kept is not None and kept.exists():
        return dict(pickle.loads(kept.read_bytes()))
    found = {
        video: tracks_of(data / "videos" / f"{video}.mp4", material.networks())
        for names in GROUPS.values()
        for video in names
    }
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def on_videos(data: Path, found: dict[str, list[FoundTrack]]) -> Iterator[str]:
    """The lines about the six videos as one library."""
    tracks = [(video, track) for video, theirs in found.items() for track in theirs]
    vectors = np.array([track.faceprint for _, track in tracks], np.float16)
    faces = Faces(vectors, Crowding.load(FILE).of(vectors))
    quality = np.array([track.quality for _, track in tracks], np.float32)
    yield "| grouped | crowding | one picture, two people | radius | B-cubed F1 | purity | clusters a person |"
    yield "|---|---|---|---|---|---|---|"
    for weight in (0.0, 0.75, 1.0):
        for exclusive in (False, True):
            held = in_shots(tracks, exclusive=exclusive)
            for radius in RADII:
                rule = GroupingRule(radius, weight, radius + 0.05)
                labels = group(faces, quality, np.arange(len(tracks)), held, rule).tolist()
                yield _row("at once", weight, exclusive, radius, _judged(data, found, tracks, labels))
    for radius in (0.42, 0.44, 0.46, 0.48, 0.50):
        held = in_shots(tracks)
        labels = one_by_one(faces, held, radius, 1.0)
        yield _row("one by one", 1.0, True, radius, _judged(data, found, tracks, labels))


def on_stills(pack: Pack) -> Iterator[str]:
    """The lines about photographs, each a face of its own."""
    yield "| crowding | radius | B-cubed precision | recall | F1 |"
    yield "|---|---|---|---|---|"
    who, n = pack.people, len(pack)
    faces = Faces(pack.vectors.astype(np.float16), Crowding.load(FILE).of(pack.vectors))
    for weight in (0.0, 0.75, 1.0):
        for radius in RADII:
            rule = GroupingRule(radius, weight, radius + 0.05)
            labels = group(faces, np.full(n, 0.8, np.float32), np.arange(n), nothing_said(n), rule)
            precision, recall = bcubed(labels, who)
            f1 = 2 * precision * recall / (precision + recall)
            yield f"| {weight:g} | {radius:.2f} | {precision:.3f} | {recall:.3f} | {f1:.3f} |"


def _judged(
    data: Path,
    found: dict[str, list[FoundTrack]],
    tracks: Sequence[tuple[str, FoundTrack]],
    labels: Sequence[int],
) -> dict[str, Any]:
    """The scorer's word. Where a moment shows more keys than people, a statue's say, it lets keys claim people in
    alphabetical order: so they are named by the time they are shown, lest a statue's short track go first."""
    shown: Counter[int] = Counter()
    for (_, track), label in zip(tracks, labels, strict=True):
        shown[label] += track.end_ms - track.start_ms
    place = {label: number for number, label in enumerate(sorted(shown, key=lambda one: (-shown[one], one)))}
    documents: dict[str, dict[str, Any]] = {video: {} for video in found}
    for (video, track), label in zip(tracks, labels, strict=True):
        key = f"unknown-{place[label]:04}"
        face = documents[video].setdefault(key, {"key": key, "name": None, "named": False, "instances": []})
        face["instances"].append({"start_ms": track.start_ms, "end_ms": track.end_ms, "confidence": 1})
    answers = {video: {"faces": list(faces.values())} for video, faces in documents.items()}
    return dict(scored(data, answers, list(found))["clusters_all"])


def _row(how: str, weight: float, exclusive: bool, radius: float, groups: dict[str, Any]) -> str:
    return (
        f"| {how} | {weight:g} | {'yes' if exclusive else 'no'} | {radius:.2f} | {groups['bcubed']['f1']:.3f} "
        f"| {groups['purity']:.3f} | {groups['clusters_per_person']:.2f} |"
    )


def made_up(count: int) -> tuple[Faces, NDArray[np.int64]]:
    """(faces, who): as far apart as dlib's, of a person 0.42 on average, of two 0.8; people's shares heavy-tailed."""
    random = np.random.default_rng(20)
    sizes = np.minimum(np.ceil(random.pareto(1.1, count) + 0.5), count // 100 + 10).astype(np.int64)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    who = np.repeat(np.arange(len(sizes)), sizes)[:count]
    axes = np.zeros(128)
    axes[:60] = np.linspace(1.6, 0.4, 60)  # dlib's vectors live in some sixty dimensions
    centres = random.normal(size=(len(sizes), 128)) * axes * 0.49 / np.linalg.norm(axes)
    noise = random.normal(size=(len(who), 128)) * axes * 0.295 / np.linalg.norm(axes)
    order = random.permutation(len(who))
    return Faces((centres[who] + noise)[order].astype(np.float16), np.zeros(len(who), np.float32)), who[order]


def at_scale(count: int, radius: float) -> str:
    """A line about a pass over so many made-up faces."""
    faces, who = made_up(count)
    began = time.perf_counter()
    rule = GroupingRule(radius, 0.0, radius + 0.05)
    labels = group(
        faces, np.full(len(who), 0.8, np.float32), np.arange(len(who)), nothing_said(len(who)), rule
    )
    took = time.perf_counter() - began
    precision, recall = bcubed(labels, who)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    people = len(np.unique(who))
    return f"| {len(who):,} | {people:,} | {took:.0f} s | {memory:.1f} GB | {precision:.3f} | {recall:.3f} |"


def bcubed(labels: NDArray[np.int64], who: NDArray[np.int64]) -> tuple[float, float]:
    """Precision and recall, every face weighing alike."""
    both = Counter(zip(labels.tolist(), who.tolist(), strict=True))
    groups, people = Counter(labels.tolist()), Counter(who.tolist())
    n = len(who)
    return (
        sum(c * c / groups[label] for (label, _), c in both.items()) / n,
        sum(c * c / people[person] for (_, person), c in both.items()) / n,
    )


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, nargs="*", default=[])
    parser.add_argument("--radius", type=float, default=0.50)
    parser.add_argument("--kept", type=Path, help="a file to keep the videos' tracks in")
    given = parser.parse_args()
    if given.tracks:
        print("| tracks | people | time | memory | B-cubed precision | recall |\n|---|---|---|---|---|---|")
        for count in given.tracks:
            print(at_scale(count, given.radius), flush=True)
        return
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    pack = lfw(data, material.networks())
    unseen = np.array([half(str(name)) == "test" for name in pack.names])
    for line in (*on_videos(data, videos(data, given.kept)), "", *on_stills(pack.where(unseen))):
        print(line, flush=True)


if __name__ == "__main__":
    main()
