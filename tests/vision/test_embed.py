"""A faceprint says who it is, even of a face that is out of focus or moved."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from faces.vision.embed import faceprints, single_views
from tests import material
from tests.vision.networks.faces_at_hand import chips

Blur = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


def out_of_focus(chip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As by a lens that is off by a thirtieth of the face."""
    return np.asarray(cv2.GaussianBlur(chip, (0, 0), 4.0), np.uint8)


def moved(chip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By a seventh of the face to the side, while the picture was taken."""
    return np.asarray(cv2.blur(chip, (15, 1)), np.uint8)


@pytest.mark.parametrize("blur", [out_of_focus, moved])
def test_a_blurred_face_is_more_like_its_sharp_self_than_the_pixels_alone_say(blur: Blur) -> None:
    networks, sharp = material.networks(), chips()
    blurred = np.stack([blur(chip) for chip in sharp])
    selves = single_views(sharp, networks)
    alone = np.linalg.norm(networks.embedder.embed(blurred) - selves, axis=1)
    now = np.linalg.norm(single_views(blurred, networks) - selves, axis=1)
    assert np.mean(now < alone + 0.001) > 0.8
    assert np.median(now) < np.median(alone) - 0.01


def test_a_sharp_face_is_taken_as_it_is() -> None:
    networks, sharp = material.networks(), chips()
    off = np.linalg.norm(single_views(sharp, networks) - networks.embedder.embed(sharp), axis=1)
    assert np.median(off) < 0.02


def test_what_is_known_of_single_views_changes_nothing() -> None:
    networks, some = material.networks(), np.stack([out_of_focus(chip) for chip in chips()[:2]])
    known = faceprints(some, networks, single_views(some, networks))
    assert np.abs(known - faceprints(some, networks)).max() < 1e-5


def test_no_chips_have_no_faceprints() -> None:
    none = np.empty((0, 150, 150, 3), np.uint8)
    assert faceprints(none, material.networks()).shape == (0, 128)
    assert single_views(none, material.networks()).shape == (0, 128)
