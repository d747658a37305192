"""What combing does to faceprints, and what mending it leaves: `python -m tests.benchmarks.interlaced`.

Of real progressive clips, two frames that follow each other are woven into one, as if they were its half pictures (they
are twice as far apart as those of a camera). Each face's print is compared with that of the whole first frame.
"""

from collections.abc import Callable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from faces.vision import Faceprint, Image, Video
from faces.vision.align import chip
from faces.vision.embed import faceprints
from faces.vision.interlace import without_combing
from faces.vision.track import overlap
from tests import material

CLIPS = ("facenet_street.mp4", "hamilton_short.mp4", "intel_female_and_male.mp4", "lp_d3.mp4")
FRAMES, PICKED = 300, 12
SAME_PLACE = 0.3

Faces = list[tuple[NDArray[np.float32], Faceprint]]


def faces(picture: Image) -> Faces:
    """Box and faceprint of each face."""
    networks = material.networks()
    found = networks.detector.detect(picture, width=640)
    found = found.where(found.scores >= 0.6)
    if not len(found):
        return []
    chips = np.stack([chip(picture, marks, networks.detector.template) for marks in found.landmarks])
    return list(zip(found.boxes, faceprints(chips, networks), strict=True))


def woven(first: Image, second: Image) -> Image:
    frame = first.copy()
    frame[1::2] = second[1::2]
    return frame


WAYS: dict[str, Callable[[Image, Image], Image]] = {
    "woven": woven,
    "woven, mended": lambda first, second: without_combing(woven(first, second)),
    "progressive, mended": lambda first, _: without_combing(first),
    "the next frame": lambda _, second: second,
}


def main() -> None:
    data = material.shared_data()
    if data is None:
        print("needs the shared test data, see DRAMATIS_SHARED")
        return
    for name in CLIPS:
        with Video(data / "clips" / name) as video:
            frames = [frame.image() for frame in islice(video.frames(), FRAMES)]
        apart: dict[str, list[float]] = {way: [] for way in WAYS}
        lost = dict.fromkeys(WAYS, 0)
        for at in range(0, len(frames) - 1, max(1, len(frames) // PICKED)):
            first, second = frames[at : at + 2]
            whole = faces(first)
            for way, made in WAYS.items():
                others = faces(made(first, second))
                for box, vector in whole:
                    near = [other for place, other in others if overlap(box, place) > SAME_PLACE]
                    lost[way] += not near
                    apart[way] += [float(np.linalg.norm(vector - other)) for other in near[:1]]
        print(f"{name}, {frames[0].shape[1]} x {frames[0].shape[0]}")
        for way, found in apart.items():
            print(f"  {way}: {np.median(found):.3f} / {np.percentile(found, 90):.3f}, lost {lost[way]}")


if __name__ == "__main__":
    main()
