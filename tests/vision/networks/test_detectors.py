"""What every detector promises, and what each is alone in."""

import cv2
import numpy as np
import pytest

from faces.vision.errors import WeightsUnavailable
from faces.vision.images import Image
from faces.vision.networks import Detector, find_weights
from tests import material
from tests.vision.networks.faces_at_hand import PORTRAITS, portrait


class DetectorContract:
    """Every detector passes these."""

    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls) -> Detector:
        raise NotImplementedError

    @pytest.mark.parametrize("name", PORTRAITS)
    def test_it_finds_the_one_face_of_a_portrait(self, detector: Detector, name: str) -> None:
        found = detector.detect(portrait(name))
        assert len(found) == 1
        assert overlap(found.boxes[0], np.array(material.portraits().people[name].face)) > 0.6

    @pytest.mark.parametrize("name", PORTRAITS)
    def test_it_gives_the_landmarks_in_their_order(self, detector: Detector, name: str) -> None:
        right_eye, left_eye, nose, right_mouth, left_mouth = detector.detect(portrait(name)).landmarks[0]
        assert right_eye[0] < nose[0] < left_eye[0]
        assert right_mouth[0] < left_mouth[0]
        assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])

    def test_it_finds_both_faces_of_a_pair_the_surest_first(self, detector: Detector) -> None:
        pair = np.hstack([cv2.resize(portrait(name), (500, 600)) for name in ("grace_hopper", "astronaut")])
        found = detector.detect(np.asarray(pair, np.uint8))
        assert len(found) == 2
        assert found.scores[0] >= found.scores[1]

    @pytest.mark.parametrize("backdrop", ["rocket", "coffee"])
    def test_it_finds_nobody_where_nobody_is(self, detector: Detector, backdrop: str) -> None:
        image = cv2.imread(str(material.portraits().backdrops[backdrop]))
        found = detector.detect(np.asarray(image, np.uint8))
        assert (len(found), found.boxes.shape, found.landmarks.shape) == (0, (0, 4), (0, 5, 2))

    @pytest.mark.parametrize("shape", [(1, 1), (2, 700), (31, 33), (700, 3)])
    def test_it_survives_a_tiny_picture(self, detector: Detector, shape: tuple[int, int]) -> None:
        assert len(detector.detect(np.zeros((*shape, 3), np.uint8))) == 0

    @pytest.mark.parametrize("width", [320, 640, 641, 960])
    def test_it_speaks_in_pixels_of_the_picture_given(self, detector: Detector, width: int) -> None:
        huge = enlarged(portrait("grace_hopper"), 7)
        found = detector.detect(huge, width=width)
        assert overlap(found.boxes[0], 7 * np.array(material.portraits().people["grace_hopper"].face)) > 0.6

    def test_it_scales_nothing_when_told_so(self, detector: Detector) -> None:
        small = cv2.resize(portrait("obama3"), None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA)
        assert len(detector.detect(np.asarray(small, np.uint8), width=None)) == 1

    def test_it_leaves_the_picture_as_it_was(self, detector: Detector) -> None:
        image = portrait("biden")
        image.flags.writeable = False
        detector.detect(image)

    def test_its_template_lies_on_the_chip_and_in_the_landmarks_order(self, detector: Detector) -> None:
        right_eye, left_eye, nose, *_ = detector.template
        assert detector.template.shape == (5, 2)
        assert 0 < right_eye[0] < nose[0] < left_eye[0] < 150


class TestYuNet(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls) -> Detector:
        try:
            return material.networks("yunet-2023mar").detector
        except WeightsUnavailable as error:
            pytest.skip(f"YUNET IS NOT TESTED: {error}")

    @pytest.mark.parametrize("name", PORTRAITS)
    def test_it_agrees_with_opencvs_own_decoder(self, detector: Detector, name: str) -> None:
        image = portrait(name)
        weights, _ = find_weights(material.WEIGHTS_DIR, material.weights_folder())
        theirs = cv2.FaceDetectorYN.create(str(weights.path), "", image.shape[1::-1], 0.5, 0.3)
        _, expected = theirs.detect(image)
        ours = detector.detect(image, width=None)
        assert np.abs(ours.boxes - expected[:, :4]).max() < 0.01
        assert np.abs(ours.landmarks - expected[:, 4:14].reshape(-1, 5, 2)).max() < 0.01
        assert np.abs(ours.scores - expected[:, 14]).max() < 1e-4


class TestCenterFace(DetectorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def detector(cls) -> Detector:
        return material.networks("centerface-deface1.5").detector

    def test_its_landmarks_hold_on_a_face_that_fills_the_picture(self, detector: Detector) -> None:
        image = portrait("biden")
        left, top, width, height = (int(v) for v in material.portraits().people["biden"].face)
        close = np.ascontiguousarray(image[top - 100 : top + height + 100, left - 100 : left + width + 100])
        from_afar = detector.detect(image).landmarks[0] - [left - 100, top - 100]
        from_near = detector.detect(close).landmarks[0]
        assert np.linalg.norm(from_near - from_afar, axis=1).max() < 0.06 * height


def enlarged(image: Image, times: int) -> Image:
    """The picture at so many times its size."""
    return np.asarray(cv2.resize(image, None, fx=times, fy=times), np.uint8)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes: left, top, width, height."""
    far = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    inner = np.clip(far - np.maximum(one[:2], other[:2]), 0, None).prod()
    return float(inner / (one[2:].prod() + other[2:].prod() - inner))
