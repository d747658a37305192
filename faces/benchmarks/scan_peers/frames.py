"""What every peer's program is wrapped in: it looks at frames one by one and prints, as JSON, what it found.

Runs in a peer's own environment, which has av, numpy and OpenCV, and nothing of Dramatis but this package.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(height, width, 3), BGR."""
Face = TypeVar("Face")
_SIDE_PX = 960
"""Frames are looked at no larger than this, as Dramatis looks at them."""


def arguments(description: str) -> argparse.Namespace:
    """video, people (a folder of photographs for each person, or None), every_ms (0: every frame), detector, embedder
    (files of networks) and template (where five landmarks come to lie in a chip)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("video", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--every-ms", type=int, default=200)
    parser.add_argument("--detector", type=Path)
    parser.add_argument("--embedder", type=Path)
    parser.add_argument("--template", type=json.loads)
    return parser.parse_args()


def look(
    options: argparse.Namespace,
    detect: Callable[[Image], Sequence[Face]],
    embed: Callable[[Image, Sequence[Face]], Sequence[NDArray[Any]]],
) -> None:
    """Find and embed the faces of the frames and of the photographs; print times in ms and s, and vectors.

    detect: the faces of a picture, the largest first. embed: their vectors.
    """
    cv2.setNumThreads(1)
    people = {
        folder.name: [embed(image, found[:1])[0].tolist() for image, found in _photographed(folder, detect)]
        for folder in (sorted(options.people.iterdir()) if options.people else [])
        if folder.is_dir()
    }
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    spent_s = {"detecting": 0.0, "embedding": 0.0}
    faces, due_ms, end_ms = [], 0, 0
    with av.open(str(options.video)) as video:
        stream = video.streams.video[0]
        stream.thread_count = 1
        per_frame_ms = round(1000 / (stream.average_rate or 25))
        for frame in video.decode(stream):
            at_ms = round(1000 * float(frame.time or 0))
            end_ms = at_ms + per_frame_ms
            if at_ms < due_ms:
                continue
            due_ms = at_ms + (options.every_ms or per_frame_ms)
            image = _fitted(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            began = time.process_time()
            found = detect(image)
            detected = time.process_time()
            vectors = embed(image, found) if len(found) else []
            spent_s["detecting"] += detected - began
            spent_s["embedding"] += time.process_time() - detected
            faces += [{"from_ms": at_ms, "to_ms": due_ms, "vector": vector.tolist()} for vector in vectors]
    report = {
        "end_ms": end_ms,
        "cpu_s": time.process_time() - cpu_s,
        "wall_s": time.perf_counter() - wall_s,
        "peak_mb": peak_mb(),
        "stages_s": spent_s,
        "faces": faces,
        "people": people,
    }
    json.dump(report, sys.stdout)


def peak_mb() -> float:
    """The most memory that this process ever held."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage counts what the process held that this one was started by
        (held,) = [one for one in status.read_text().splitlines() if one.startswith("VmHWM:")]
        return int(held.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _photographed(
    folder: Path, detect: Callable[[Image], Sequence[Face]]
) -> list[tuple[Image, Sequence[Face]]]:
    photos = [cv2.imread(str(path)) for path in sorted(folder.iterdir()) if path.is_file()]
    images = [_fitted(np.asarray(photo, np.uint8)) for photo in photos if photo is not None]
    looks = [(image, detect(image)) for image in images]
    return [(image, found) for image, found in looks if len(found)]


def _fitted(image: Image) -> Image:
    scale = _SIDE_PX / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
