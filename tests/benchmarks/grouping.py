"""Grouping those whom nobody has named: `python -m tests.benchmarks.grouping`.

The radius that suits libraries of several sizes, on the half of the LFW pack that is fitted to; then the global pass
and the joining one by one, on the six videos as one library without anybody enrolled, judged by the scorer beside the
data, and on LFW's stills. With `--tracks N` the time and memory that a pass takes over so many made-up faces. All but
the last needs the shared test data.
"""

import argparse
import pickle
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.identity.constraints import Constraints
from faces.identity.crowding import Crowding
from faces.identity.gallery import Faces
from faces.identity.grouping import GroupingRule, group
from faces.identity.neighbours import Folder
from faces.vision import FoundTrack
from faces.vision.networks.manifest import Manifest
from tests import material
from tests.benchmarks.accuracy import GROUPS, scored, tracks_of
from tests.benchmarks.crowding import FILE, fitted
from tests.benchmarks.pack import Pack, lfw
from tests.benchmarks.radii import teaching
from tests.benchmarks.split import half

RADII = (0.47, 0.49, 0.50, 0.51, 0.52, 0.53)
SIZES = (50, 100, 200, 400, 800, 1600)
ORDERS = 12
"""Orders of the videos in which their tracks arrive one by one."""
Labels = NDArray[np.int64]


def rule_in_use() -> GroupingRule:
    """The manifest's."""
    passport = Manifest.load().of_role("embedder")[0]
    assert passport.embedding is not None
    found = passport.embedding.grouping
    return GroupingRule(
        radius=found.radius,
        tighter=found.tighter,
        crowding=found.crowding,
        spread=passport.embedding.spread,
    )


RULE = rule_in_use()


def in_shots(tracks: Sequence[tuple[str, FoundTrack]]) -> Constraints:
    """Constraints of a library's tracks: two of one shot that overlap are two people."""
    shots = {key: number for number, key in enumerate(dict.fromkeys((v, t.shot) for v, t in tracks))}
    return replace(
        Constraints.none(len(tracks)),
        shot=np.array([shots[video, track.shot] for video, track in tracks], np.int64),
        start_ms=np.array([track.start_ms for _, track in tracks], np.int64),
        end_ms=np.array([track.end_ms for _, track in tracks], np.int64),
    )


def at_once(faces: Faces, quality: NDArray[np.float32], known: Constraints, rule: GroupingRule) -> Labels:
    """By the pass."""
    return group(faces, quality, np.arange(len(faces)), known, rule)


def one_by_one(
    faces: Faces, known: Constraints, rule: GroupingRule, order: Sequence[int], joining: float = 1.0
) -> Labels:
    """As scans do it: each joins the nearest group within the radius that nobody beside it is in, or founds one.

    joining: how much of the spread is given back to a distance from a mean.
    """
    n, dim = faces.vectors.shape
    rule = replace(rule, spread=rule.spread * joining)
    means, crowding, count = np.zeros((n, dim)), np.zeros(n), np.zeros(n, np.int64)
    members: list[list[int]] = []
    labels = np.empty(n, np.int64)
    for size, row in enumerate(order, 1):
        x, radius, had = faces.vectors[row].astype(np.float64), rule.within(size), len(members)
        squared = np.square(means[:had] - x).sum(axis=1)
        apart = rule.to_one(squared, count[:had], crowding[:had] + faces.crowding[row])
        near = [g for g in np.argsort(apart, kind="stable").tolist() if apart[g] <= radius]
        joined = next((g for g in near if not _beside(known, row, members[g])), had)
        if joined == had:
            members.append([])
        members[joined].append(row)
        labels[row] = joined
        count[joined] += 1
        means[joined] += (x - means[joined]) / count[joined]
        crowding[joined] += (faces.crowding[row] - crowding[joined]) / count[joined]
    return labels


def _beside(known: Constraints, row: int, others: list[int]) -> bool:
    return bool(
        (
            (known.shot[others] == known.shot[row])
            & (known.start_ms[others] < known.end_ms[row])
            & (known.start_ms[row] < known.end_ms[others])
        ).any()
    )


def by_size(pack: Pack) -> Iterator[str]:
    """The lines about the radius by the size of a library; crowding by functions that did not see the people."""
    fit, c = teaching(pack)
    names = np.unique(fit.names)
    yield f"| pictures | {' | '.join(f'{radius:.2f}' for radius in RADII)} |"
    yield "|---|" + "---|" * len(RADII)
    for size in SIZES:
        cells = []
        for radius in RADII:
            found = []
            for seed in range(max(1, min(20, SIZES[-1] // size))):
                people = np.random.default_rng(seed).permutation(names)
                pictures = np.cumsum([(fit.names == name).sum() for name in people])
                rows = np.isin(fit.names, people[: int(np.searchsorted(pictures, size)) + 1])
                faces = Faces(fit.vectors[rows].astype(np.float16), c[rows].astype(np.float32))
                known, rule = Constraints.none(len(faces)), replace(RULE, radius=radius, tighter=0.0)
                found.append(bcubed(at_once(faces, fit.qualities[rows], known, rule), fit.people[rows]))
            precision, recall = np.mean(found, axis=0)
            cells.append(f"{2 * precision * recall / (precision + recall):.3f}")
        yield f"| {size:,} | {' | '.join(cells)} |"


def videos(data: Path, kept: Path | None) -> dict[str, list[FoundTrack]]:
    """The tracks of the six videos; `kept`: a file to read them from, or to leave them in."""
    if kept is not None and kept.exists():
        return dict(pickle.loads(kept.read_bytes()))
    found = {
        video: tracks_of(data / "videos" / f"{video}.mp4") for names in GROUPS.values() for video in names
    }
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def on_videos(data: Path, found: dict[str, list[FoundTrack]]) -> Iterator[str]:
    """The lines about the six videos as one library."""
    tracks = [(video, track) for video, theirs in found.items() for track in theirs]
    vectors = np.array([track.faceprint for _, track in tracks], np.float16)
    crowding = Crowding.load(FILE).of(vectors)
    quality = np.array([track.quality for _, track in tracks], np.float32)
    known = in_shots(tracks)
    of_video = np.array([list(found).index(video) for video, _ in tracks])
    every = list(permutations(range(len(found))))
    orders = [
        np.concatenate([np.flatnonzero(of_video == video) for video in order]).tolist()
        for order in every[:: len(every) // ORDERS]
    ]
    yield "| grouped | crowding | radius | B-cubed F1 | purity | clusters a person |"
    yield "|---|---|---|---|---|---|"
    for weight in (0.0, 1.0):
        for radius in RADII:
            rule = replace(RULE, radius=radius, crowding=weight)
            faces = Faces(vectors, crowding)
            yield _row("at once", rule, [_judged(data, found, tracks, at_once(faces, quality, known, rule))])
    faces = Faces(vectors, crowding)
    for joining in (1.0, 0.75, 0.0):
        for radius in RADII:
            rule = replace(RULE, radius=radius)
            judged = [
                _judged(data, found, tracks, one_by_one(faces, known, rule, order, joining))
                for order in orders
            ]
            yield _row(f"one by one, spread × {joining:g}", rule, judged[:1])
            yield _row(f"the same, {ORDERS} orders", rule, judged)


def on_stills(pack: Pack) -> Iterator[str]:
    """The lines about photographs, each a face of its own: those nothing was fitted on, and all of them, crossed."""
    unseen = np.array([half(str(name)) == "test" for name in pack.names])
    crowding = np.empty(len(pack), np.float32)
    crowding[unseen] = Crowding.load(FILE).of(pack.vectors[unseen])
    crowding[~unseen] = fitted(pack.where(unseen)).of(pack.vectors[~unseen])
    yield "| people | grouped | radius | B-cubed precision | recall | F1 |"
    yield "|---|---|---|---|---|---|"
    for rows in (unseen, np.ones(len(pack), np.bool_)):
        some = pack.where(rows)
        faces = Faces(some.vectors.astype(np.float16), crowding[rows])
        known = Constraints.none(len(some))
        order = np.random.default_rng(0).permutation(len(some)).tolist()
        for radius in RADII:
            rule = replace(RULE, radius=radius)
            for how, labels in (
                ("at once", at_once(faces, some.qualities, known, rule)),
                ("one by one", one_by_one(faces, known, rule, order)),
            ):
                precision, recall = bcubed(labels, some.people)
                f1 = 2 * precision * recall / (precision + recall)
                yield (
                    f"| {len(np.unique(some.people)):,} | {how} | {radius:.2f} | {precision:.3f} | {recall:.3f} "
                    f"| {f1:.3f} |"
                )


def _judged(
    data: Path, found: dict[str, list[FoundTrack]], tracks: Sequence[tuple[str, FoundTrack]], labels: Labels
) -> dict[str, Any]:
    """The scorer's word. Where a moment shows more keys than people, a statue's say, it lets keys claim people in
    alphabetical order: so they are named by the time they are shown, lest a statue's short track go first."""
    shown: Counter[int] = Counter()
    for (_, track), label in zip(tracks, labels.tolist(), strict=True):
        shown[label] += track.end_ms - track.start_ms
    place = {label: number for number, label in enumerate(sorted(shown, key=lambda one: (-shown[one], one)))}
    documents: dict[str, dict[str, Any]] = {video: {} for video in found}
    for (video, track), label in zip(tracks, labels.tolist(), strict=True):
        key = f"unknown-{place[label]:04}"
        face = documents[video].setdefault(key, {"key": key, "name": None, "named": False, "instances": []})
        face["instances"].append({"start_ms": track.start_ms, "end_ms": track.end_ms, "confidence": 1})
    answers = {video: {"faces": list(faces.values())} for video, faces in documents.items()}
    return dict(scored(data, answers, list(found))["clusters_all"])


def _row(how: str, rule: GroupingRule, judged: Sequence[dict[str, Any]]) -> str:
    f1, purity, clusters = np.mean(
        [(one["bcubed"]["f1"], one["purity"], one["clusters_per_person"]) for one in judged], axis=0
    )
    return f"| {how} | {rule.crowding:g} | {rule.radius:.2f} | {f1:.3f} | {purity:.3f} | {clusters:.2f} |"


def made_up(count: int) -> tuple[Faces, Labels]:
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


def at_scale(count: int, kept: Path | None) -> str:
    """A line about a pass over so many made-up faces."""
    faces, who = made_up(count)
    n = len(who)
    quality, known = np.full(n, 0.8, np.float32), Constraints.none(n)
    began, spent = time.perf_counter(), time.process_time()
    folder = Folder(kept) if kept is not None else None
    labels = group(faces, quality, np.arange(n), known, RULE, kept=folder)
    took, cpu = time.perf_counter() - began, time.process_time() - spent
    precision, recall = bcubed(labels, who)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        f"| {n:,} | {len(np.unique(who)):,} | {took:.0f} s | {cpu:.0f} s | {memory:.1f} GiB "
        f"| {precision:.3f} | {recall:.3f} |"
    )


def bcubed(labels: Labels, who: Labels) -> tuple[float, float]:
    """Precision and recall, every face weighing alike."""
    label = np.unique(labels, return_inverse=True)[1]
    people, person = np.unique(who, return_inverse=True)
    _, cell, size = np.unique(label * len(people) + person, return_inverse=True, return_counts=True)
    both = size[cell]
    return float((both / np.bincount(label)[label]).mean()), float(
        (both / np.bincount(person)[person]).mean()
    )


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, nargs="*", default=[], help="made-up faces; sizes should grow")
    parser.add_argument("--work", type=Path, help="a folder for what an interrupted pass has found")
    parser.add_argument("--kept", type=Path, help="a file to keep the videos' tracks in")
    given = parser.parse_args()
    if given.tracks:
        print(
            "| tracks | people | time | CPU | memory | B-cubed precision | recall |\n|---|---|---|---|---|---|---|"
        )
        for count in given.tracks:
            print(at_scale(count, given.work), flush=True)
        return
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    pack = lfw(data, material.networks())
    for lines in (by_size(pack), on_videos(data, videos(data, given.kept)), on_stills(pack)):
        for line in (*lines, ""):
            print(line, flush=True)


if __name__ == "__main__":
    main()
