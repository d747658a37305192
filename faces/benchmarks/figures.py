"""What a benchmark of the identity engine measures, and how it is shown: each figure beside its target."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass(slots=True)
class Figure:
    """One measure. times_ms: of its runs. target_ms: what the 95th percentile should stay under, if anything.

    recall: the share of what brute force finds that was found, where that is asked.
    """

    name: str
    times_ms: list[float] = field(default_factory=list)
    target_ms: float | None = None
    recall: float | None = None
    note: str = ""

    @property
    def p50(self) -> float:
        return float(np.percentile(self.times_ms, 50))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.times_ms, 95))

    @property
    def missed(self) -> bool:
        return self.target_ms is not None and self.p95 > self.target_ms

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"p50_ms": self.p50, "p95_ms": self.p95, "missed": self.missed}


@contextmanager
def timed(figure: Figure) -> Iterator[None]:
    """What is done within is one run of it."""
    began = time.perf_counter()
    yield
    figure.times_ms.append((time.perf_counter() - began) * 1000)


def line(figure: Figure) -> str:
    """A figure in one line, for a terminal."""
    target = f"≤ {_told(figure.target_ms)}" if figure.target_ms is not None else ""
    recall = f"recall {figure.recall:.4g}" if figure.recall is not None else ""
    return (
        f"  {figure.name:<44} {_told(figure.p50):>9} {_told(figure.p95):>9}  {target:<9} "
        f"{'MISSED' if figure.missed else '':<6} {recall:<10} {figure.note}"
    ).rstrip()


def _told(ms: float) -> str:
    return f"{ms / 1000:.2f} s" if ms >= 1000 else f"{ms:.1f} ms"


def table(sizes: dict[int, list[Figure]]) -> str:
    """A table of all sizes: median / 95th percentile, and how time grows with size from the first to the last.

    The slope is the exponent: 0 as long at any size, 1 in proportion to the size.
    """
    names = list(dict.fromkeys(figure.name for figures in sizes.values() for figure in figures))
    held = {size: {figure.name: figure for figure in figures} for size, figures in sizes.items()}
    head = [
        "",
        *(f"{size:,} tracks" for size in sizes),
        "target",
        "recall",
        *(["slope"] if len(sizes) > 1 else []),
    ]
    rows = [head, ["---"] * len(head)]
    for name in names:
        found = [held[size].get(name) for size in sizes]
        some = [figure for figure in found if figure is not None]
        recalls = [figure.recall for figure in some if figure.recall is not None]
        row = [name]
        row += [f"{_told(f.p50)} / {_told(f.p95)}" if f is not None else "–" for f in found]
        targets = [figure.target_ms for figure in some if figure.target_ms is not None]
        row.append(f"≤ {_told(targets[0])}" if targets else "")
        row.append(f"{min(recalls):.4g}" if recalls else "")
        if len(sizes) > 1:
            first, last = found[0], found[-1]
            ends = list(sizes)
            row.append(
                f"{np.log(last.p50 / first.p50) / np.log(ends[-1] / ends[0]):.2f}"
                if first is not None and last is not None
                else ""
            )
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
