"""What others take to scan the same videos, and whom they name: the programs of `scan_peers`, judged as `scanning` is.

They know of no tracks, and name each face by itself: by the nearest photograph, if it is near enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faces.benchmarks.scan_peers import PEERS, YUNET, PeerUnavailable
from faces.benchmarks.scanning import Figures, Spans, f1, line, true_spans
from faces.vision.networks import find_weights

TOLERANCE = 0.6
"""How near face_recognition asks for, unless told otherwise."""
_TOLERANCES = tuple(step / 100 for step in range(36, 66, 2))


def measure(
    videos: Sequence[Path],
    peers: Sequence[str],
    say: Callable[[str], object],
    *,
    folder: Path,
    people: Path | None,
    weights: tuple[Path, Path | None],
    every_ms: int,
) -> list[Figures]:
    """Have every video looked at by each of these `PEERS`, a frame every so many ms; 0: every frame.

    folder: where their environments are kept. weights: where those networks lie that they share with Dramatis.
    A peer that cannot be had here is said, and left out.
    """
    detector, embedder = find_weights(*weights)
    found = []
    for peer in peers:
        try:
            if peer == YUNET and not detector.passport.name.startswith("yunet"):
                raise PeerUnavailable("YuNet's file is not among the weights.")
            say(f"{peer}: its environment is made first, where there is none")
            for video in videos:
                said = PEERS[peer].look(
                    video,
                    folder,
                    people=people,
                    every_ms=every_ms,
                    detector=detector.path.absolute(),
                    embedder=embedder.path.absolute(),
                    template=[list(point) for point in detector.passport.template or ()],
                )
                truth = video.with_name(f"{video.stem}.truth.json")
                scored = truth.is_file() and people is not None
                found.append(_figures(video, peer, said, true_spans(truth) if scored else None))
                say(line(found[-1]))
        except PeerUnavailable as why:
            say(f"{peer}: not to be had here, and left out. {why}")
    return found


def _figures(video: Path, peer: str, said: dict[str, Any], true: Spans | None) -> Figures:
    cpu_s, stages_s = said["cpu_s"], said["stages_s"]
    scores = (
        {} if true is None else {near: f1(_named(said, near), true) for near in (TOLERANCE, *_TOLERANCES)}
    )
    return Figures(
        video=video.stem,
        way=peer,
        media_s=said["end_ms"] / 1000,
        cpu_s=cpu_s,
        stages_s={"decoding and the rest": cpu_s - sum(stages_s.values())} | stages_s,
        peak_mb=said["peak_mb"],
        tracks=len(said["faces"]),
        f1=scores.get(TOLERANCE),
        wall_s=said["wall_s"],
        best_f1=max(scores.values(), default=None),
    )


def _named(said: dict[str, Any], tolerance: float) -> Spans:
    """When whom the nearest photograph shows, among those within the tolerance, is seen."""
    names = [name for name, vectors in said["people"].items() for _ in vectors]
    photos = np.array([vector for vectors in said["people"].values() for vector in vectors])
    spans: Spans = defaultdict(list)
    for face in said["faces"] if names else []:
        apart = np.linalg.norm(photos - np.array(face["vector"]), axis=1)
        if apart.min() <= tolerance:
            spans[names[int(apart.argmin())]].append((face["from_ms"], face["to_ms"]))
    return dict(spans)
