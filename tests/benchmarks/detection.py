"""How many of the faces that videos show are found and followed: `python -m tests.benchmarks.detection`.

Of every face in the truth's track, five times a second, whether a track of the scan has a box there: by how tall the
face is in the frame, and by what was done to the picture. Besides, whether tracks stay with one person: purity, pieces
and switches. Needs the shared test data.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from faces.vision import MODES, FoundTrack, scan
from tests import material

VIDEOS = ("dev1_clean", "dev2_mixed", "dev3_2997", "dev4_vfr", "dev5_hard", "dev6_real")
HEIGHTS = (0, 24, 40, 60, 100, 200, 2000)
_OVERLAP = 0.3
_NEAR_MS = 450
"""A face between two samples of a track is where a line between them says, if they lie no further apart."""


class Tally:
    """Of how many, how many were found."""

    def __init__(self) -> None:
        self.found, self.all = 0, 0

    def add(self, found: bool) -> None:
        self.found, self.all = self.found + found, self.all + 1

    def __str__(self) -> str:
        return f"{self.found / self.all:.3f} of {self.all}" if self.all else "–"


def report(data: Path, mode: str, videos: Sequence[str]) -> Iterator[str]:
    """The lines for one mode."""
    by_height, by_kind = defaultdict[int, Tally](Tally), defaultdict[str, Tally](Tally)
    pieces, pure, samples, switches = [], 0, 0, 0
    for video in videos:
        truth = json.loads((data / "videos" / f"{video}.truth.json").read_text())
        path = data / "videos" / f"{video}.mp4"
        tracks = [t for c in scan(path, material.networks_for_scans(), MODES[mode]) for t in c.tracks]
        shown: dict[int, list[str]] = defaultdict(list)
        for shot, person in ((one, person) for one in truth["shots"] for person in one["people"]):
            seen: dict[int, int] = defaultdict(int)
            for sample in person["track"]:
                if sample.get("visible", 1) < 1:
                    continue
                hit = track_at(tracks, sample)
                by_height[next(h for h in HEIGHTS[::-1] if sample["h"] >= h)].add(hit is not None)
                for kind in person["degradations"] or shot["degradations"] or ["nothing"]:
                    by_kind[kind].add(hit is not None)
                if hit is not None:
                    seen[hit] += 1
                    shown[hit].append(person["person"])
            if person["track"]:
                pieces.append(len(seen))
        for people in shown.values():
            most = max(people.count(one) for one in set(people))
            pure, samples = pure + most, samples + len(people)
            switches += sum(a != b for a, b in pairwise(people))
    heights = " · ".join(f"{low} px on: {by_height[low]}" for low in HEIGHTS[:-1])
    yield f"{mode}: found by height: {heights}"
    yield f"{mode}: found by kind: " + " · ".join(f"{kind}: {by_kind[kind]}" for kind in sorted(by_kind))
    yield (
        f"{mode}: track purity {pure / max(samples, 1):.4f}, identity switches {switches}, "
        f"tracks to an appearance {np.mean(pieces):.2f}"
    )


def track_at(tracks: Sequence[FoundTrack], sample: dict[str, Any]) -> int | None:
    """Which track has a box where the truth has one."""
    best, found = _OVERLAP, None
    for i, track in enumerate(tracks):
        times = track.boxes.times_ms
        if not track.start_ms <= sample["t_ms"] < track.end_ms:
            continue
        if abs(times - sample["t_ms"]).min() > _NEAR_MS:
            continue
        box = [np.interp(sample["t_ms"], times, track.boxes.boxes[:, column]) for column in range(4)]
        shared = _overlap(box, [sample[name] for name in "xywh"])
        if shared > best:
            best, found = shared, i
    return found


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--modes", nargs="+", choices=list(MODES), default=["default", "thorough"])
    parser.add_argument("--videos", nargs="+", default=VIDEOS)
    arguments = parser.parse_args()
    data = material.shared_data()
    if data is None:
        sys.exit("The shared test data is not here: set DRAMATIS_SHARED to the folder that holds it.")
    for mode in arguments.modes:
        for line in report(data, mode, arguments.videos):
            print(line, flush=True)


if __name__ == "__main__":
    main()
