"""What reading in a process apart costs: `python -m tests.benchmarks.reading`. Prints; asserts nothing."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import Any

import psutil

from faces.vision import Networks, apart, probe, scan
from faces.vision.networks import load_once, names_of
from tests import material
from tests.vision.forms import FORMS, TIMES, write

SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160), "8K": (7680, 4320)}


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def child() -> psutil.Process:
    """The one that waits for work."""
    (found,) = psutil.Process().children()
    return found


def main() -> None:
    sample = material.sample_videos()[0].path
    networks = partial(load_once, material.WEIGHTS_DIR, material.weights_folder())

    starts = []
    for _ in range(5):
        for left in psutil.Process().children():
            left.kill()
            left.wait()
        starts.append(seconds(lambda: apart.call(probe, sample)))
    again = median(seconds(lambda: apart.call(probe, sample)) for _ in range(20))
    here = median(seconds(lambda: probe(sample)) for _ in range(20))
    print(f"probe: first {median(starts):.2f} s, next {again * 1000:.1f} ms, here {here * 1000:.1f} ms")
    print(f"child {child().memory_info().rss / 2**20:.0f} MB", end=", ")
    loading = seconds(lambda: apart.call(names_of, networks))
    print(f"with networks {child().memory_info().rss / 2**20:.0f} MB, loaded in {loading:.2f} s")

    loaded, rounds = networks(), 3
    own = [seconds(lambda: list(scan(sample, loaded))) for _ in range(rounds)]
    there = [seconds(lambda: list(apart.each(scan, sample, networks))) for _ in range(rounds)]
    with sample.open("rb") as file:
        lent = [seconds(lambda: list(apart.each(scan, file, networks))) for _ in range(rounds)]
    print(f"{sample.name}: scanned here {min(own):.2f} s, apart {min(there):.2f} s, lent {min(lent):.2f} s")

    folder = Path(mkdtemp())
    for label, size in SIZES.items():
        path = write(folder / f"{label}.mov", replace(FORMS["hevc, 10 bit.mov"], size=size), TIMES[:40])
        print(f"HEVC, 10 bit, {label}: {peak_bytes(path, networks) / 2**20:.0f} MB at the most")


def peak_bytes(path: Path, networks: Callable[[], Networks]) -> int:
    """The most memory that the child was seen to have."""
    seen = [0]

    def look(position_ms: int) -> None:
        if psutil.Process().children():
            seen.append(child().memory_info().rss)

    list(apart.each(scan, path, networks, on_progress=look))
    return max(seen)


if __name__ == "__main__":
    main()
