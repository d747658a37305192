"""Damaged files of every form, through all that looks into a file: nothing but a VisionError may come of it.

`make fuzz`, or `python -m tests.vision.fuzz --seconds 600 --seed 0`: each file made has a name of form and seed, which
`--only "h264.mp4" --seed 123 --count 1` makes again. What a decoder of FFmpeg's does worse than refuse, crash, hang or
bloat, is told: the worker outlives it. What is no VisionError, ours to mend, ends the run with status 1.
"""

import argparse
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from faces.vision import DecoderLost, Image, Networks, VisionError, apart, poster, probe, scan
from faces.vision.detections import Detections
from mam.assets.proxies import make_proxy
from tests.vision.forms import FORMS, video

HEAD = 4096
"""How much at either end of a file is taken to be headers and index."""


@dataclass(frozen=True, slots=True)
class _Blind:
    """A detector that finds nothing: it is the decoders that are tried."""

    name: str = "blind"
    template: Any = None
    scan_px: int = 160
    surest_upright: bool = True
    upright_degrees: float = 10.0

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        return Detections.none()


class _Unasked:
    """The embedder of a scan that finds nobody."""

    name = "unasked"


def look_into(file: BinaryIO, *, on_progress: Callable[[int], None]) -> str:
    """All that the product does with a file, in the process apart. Raises VisionErrors."""
    info = probe(file, on_progress=on_progress)
    poster(file, on_progress=on_progress)
    poster(file, info.duration_ms // 2, on_progress=on_progress)
    blind = Networks(_Blind(), cast(Any, _Unasked()), cast(Any, None), "CPU")
    for chunk in scan(file, blind, on_progress=on_progress):
        assert (np.diff(chunk.frame_times_ms) > 0).all()
    list(scan(file, blind, start_ms=2500, on_progress=on_progress))
    with tempfile.NamedTemporaryFile(suffix=".mp4") as written:
        make_proxy(file, _again(file), info, written.name, on_progress=on_progress)
    return "read"


def _again(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return io.BytesIO(file.read())


def damaged(content: bytes, seed: int) -> bytes:
    """The file with one or several injuries; the same seed makes the same."""
    random = np.random.default_rng(seed)
    hurt = np.frombuffer(content, np.uint8).copy()
    for _ in range(random.integers(1, 4)):
        hurt = INJURIES[random.integers(len(INJURIES))](hurt, random)
    return hurt.tobytes()


Bytes = NDArray[np.uint8]


def _somewhere(hurt: Bytes, random: np.random.Generator) -> int:
    """A place, of headers as often as of anything else."""
    if random.random() < 0.5:
        return int(random.integers(len(hurt)))
    at = int(random.integers(min(HEAD, len(hurt))))
    return at if random.random() < 0.5 else len(hurt) - 1 - at


def _flip(hurt: Bytes, random: np.random.Generator) -> Bytes:
    for _ in range(random.integers(1, 20)):
        hurt[_somewhere(hurt, random)] ^= 1 << random.integers(8)
    return hurt


def _overwrite(hurt: Bytes, random: np.random.Generator) -> Bytes:
    at, length = _somewhere(hurt, random), int(random.integers(1, 400))
    part = hurt[at : at + length]
    part[:] = random.integers(256, size=len(part)) if random.random() < 0.5 else random.choice([0, 255])
    return hurt


def _number(hurt: Bytes, random: np.random.Generator) -> Bytes:
    """A length, count or time of extreme size, as both byte orders write it."""
    at, extreme = _somewhere(hurt, random), random.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**16])
    word = np.frombuffer(int(extreme).to_bytes(4, random.choice(["big", "little"])), np.uint8)
    hurt[at : at + 4] = word[: len(hurt[at : at + 4])]
    return hurt


def _cut(hurt: Bytes, random: np.random.Generator) -> Bytes:
    at, length = _somewhere(hurt, random), int(random.integers(1, 2000))
    return np.delete(hurt, slice(at, at + length)) if len(hurt) > length + 1 else hurt


def _repeat(hurt: Bytes, random: np.random.Generator) -> Bytes:
    at, length = _somewhere(hurt, random), int(random.integers(1, 2000))
    return np.insert(hurt, _somewhere(hurt, random), hurt[at : at + length])


def _end(hurt: Bytes, random: np.random.Generator) -> Bytes:
    return hurt[: max(1, int(random.integers(len(hurt))))]


INJURIES = (_flip, _overwrite, _number, _cut, _repeat, _end)


def outcome(name: str, seed: int) -> str:
    """What comes of one damaged file: "read", an error's code, or the process apart's end. Raises apart.Broke."""
    file = io.BytesIO(damaged(video(name).read_bytes(), seed))
    try:
        return apart.call(look_into, file)
    except DecoderLost as lost:
        return f"{lost.code}: {lost}"
    except VisionError as error:
        return error.code


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument(
        "--seed", type=int, default=int(time.time()), help="of the first file; default: the time"
    )
    asked.add_argument("--only", choices=FORMS, help="a single form")
    asked.add_argument("--count", type=int, help="files of each form; default: until the time is over")
    return asked.parse_args()


def _tries(only: str | None, seed: int, count: int | None) -> Iterator[tuple[str, int]]:
    while count is None or count > 0:
        for name in [only] if only else FORMS:
            yield name, seed
        seed, count = seed + 1, None if count is None else count - 1


def main() -> int:
    asked = _asked()
    print(f"seeds from {asked.seed} on")
    counted: Counter[str] = Counter()
    broken = 0
    until = time.monotonic() + asked.seconds
    for name, seed in _tries(asked.only, asked.seed, asked.count):
        if time.monotonic() > until:
            break
        begun = time.monotonic()
        try:
            came = outcome(name, seed)
        except apart.Broke as broke:
            broken += 1
            came = f"BROKE: {broke}"
        took_s = time.monotonic() - begun
        counted[came.split(":")[0]] += 1
        if ":" in came or took_s > 5:
            print(f"{name}, seed {seed}, {took_s:.1f} s: {came}")
    print(", ".join(f"{what} {count}" for what, count in counted.most_common()))
    return 1 if broken else 0


if __name__ == "__main__":
    from tests.vision import fuzz  # by the name under which the process apart knows it

    sys.exit(fuzz.main())
