"""Real faces for the tests of networks: the portraits, and the shared photographs where this machine has them."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image
from faces.vision.networks import Detector
from tests import material

PORTRAITS = ("obama", "obama2", "obama3", "biden", "grace_hopper", "astronaut")


def portrait(name: str) -> Image:
    """A photograph with one face, BGR."""
    return picture(material.portrait_path(name))


def picture(path: Path) -> Image:
    """Any picture file, BGR."""
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.asarray(image, np.uint8)


def chip_of(image: Image, detector: Detector) -> Image | None:
    """The surest face of a picture, (150, 150, 3), aligned; None where none is found."""
    found = detector.detect(image)
    if len(found) == 0:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(found.landmarks[0], detector.template, method=cv2.LMEDS)
    return np.asarray(cv2.warpAffine(image, matrix, (150, 150)), np.uint8)


@cache
def chips() -> NDArray[np.uint8]:
    """(n, 150, 150, 3) BGR: aligned chips of every portrait and of up to 30 shared photographs."""
    shared = material.shared_data()
    more = sorted(shared.glob("photos/*/1.jpg"))[:30] if shared else []
    images = [portrait(name) for name in PORTRAITS] + [picture(path) for path in more]
    found = [chip_of(image, material.networks().detector) for image in images]
    return np.stack([chip for chip in found if chip is not None])
