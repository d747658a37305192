import cv2
import numpy as np
import pytest

from faces.vision import read_photo
from faces.vision.align import chip, portrait, similarity
from tests import material


def test_it_finds_the_similarity_between_point_sets() -> None:
    points = np.array([[0, 0], [10, 0], [4, 7], [1, 9], [8, 3]], np.float32)
    turn = 2.5 * np.array([[0.8, -0.6], [0.6, 0.8]])
    found, shift = similarity(points, (points @ turn.T + [30, -4]).astype(np.float32))
    np.testing.assert_allclose(found, turn, atol=1e-5)
    np.testing.assert_allclose(shift, [30, -4], atol=1e-4)


@pytest.mark.parametrize("enlarged", [0.5, 1.0, 4.0])
def test_it_brings_the_landmarks_onto_the_template_whatever_the_size(enlarged: float) -> None:
    detector = material.networks().detector
    photo = read_photo(material.portrait_path("obama").read_bytes())
    photo = np.asarray(
        cv2.resize(photo, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_AREA), np.uint8
    )
    face = chip(photo, detector.detect(photo).landmarks[0], detector.template)
    surrounded = cv2.copyMakeBorder(face, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    again = detector.detect(np.asarray(surrounded, np.uint8), width=None).landmarks[0] - 60
    assert np.abs(again - detector.template).mean() < 6


def test_it_cuts_the_same_chip_from_a_picture_of_twice_the_size() -> None:
    detector = material.networks().detector
    photo = read_photo(material.portrait_path("obama").read_bytes())
    twice = np.asarray(cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    landmarks = detector.detect(photo).landmarks[0]
    one = chip(photo, landmarks, detector.template)
    other = chip(twice, landmarks * 2 + 0.5, detector.template)
    assert np.abs(one.astype(int) - other).mean() < 4


def test_it_cuts_portraits_at_the_edge_too() -> None:
    image = np.full((100, 100, 3), 77, np.uint8)
    cut = portrait(image, np.array([-20, -20, 60, 70], np.float32))
    assert cut.shape == (192, 192, 3)
    assert (cut == 77).all()
