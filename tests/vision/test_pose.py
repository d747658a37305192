import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from faces.models import Track
from faces.vision import LIKE_DEGREES, Pose, faces_in_photo, read_photo
from faces.vision.networks import Manifest
from faces.vision.pose import _MODEL, pose
from tests import material
from tests.library import ScannedLibrary

_OTHER_SIDE = [1, 0, 2, 4, 3]
"""Where each landmark goes in the mirror: the right eye becomes the left one."""

places = st.floats(0, 4000, width=32)
faces = st.lists(st.tuples(places, places), min_size=5, max_size=5, unique=True).map(
    lambda points: np.array(points, np.float32)
)


def seen(yaw: float, pitch: float, tilt: float = 0.0, size_px: float = 60) -> NDArray[np.float32]:
    """The (5, 2) landmarks of the mean face turned by so many degrees: yaw to the right in the picture, pitch up."""
    y, p, t = np.radians([yaw, pitch, tilt])
    turned = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    raised = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    tilted = np.array([[np.cos(t), -np.sin(t), 0], [np.sin(t), np.cos(t), 0], [0, 0, 1]])
    points = _MODEL @ (tilted @ turned @ raised).T
    return np.asarray(points[:, :2] * size_px + [640, 360], np.float32)


def mirrored(landmarks: NDArray[np.float32], width_px: float = 4000) -> NDArray[np.float32]:
    flipped = (landmarks * [-1, 1] + [width_px, 0]).astype(np.float32)
    return np.asarray(flipped[_OTHER_SIDE])


@pytest.mark.parametrize("yaw", [-70, -30, 0, 15, 45])
@pytest.mark.parametrize("pitch", [-35, 0, 20])
@pytest.mark.parametrize("tilt", [-40, 0, 90])
def test_it_tells_how_a_face_is_turned_however_the_head_is_tilted(
    yaw: float, pitch: float, tilt: float
) -> None:
    assert pose(seen(yaw, pitch, tilt)) == pytest.approx((yaw, pitch), abs=0.01)


@given(faces)
def test_a_mirrored_face_looks_the_other_way(landmarks: NDArray[np.float32]) -> None:
    """Whatever five points a detector gives; where they all but coincide, there is no telling."""
    spread = np.linalg.svd(landmarks - landmarks.mean(axis=0), compute_uv=False)
    if spread[1] < 1:
        return
    here, there = pose(landmarks), pose(mirrored(landmarks))
    assert there.degrees_from(Pose(-here.yaw, here.pitch)) < 1


@given(faces, st.floats(0.1, 4), places, places)
def test_neither_size_nor_place_matter(
    landmarks: NDArray[np.float32], size: float, right: float, down: float
) -> None:
    spread = np.linalg.svd(landmarks - landmarks.mean(axis=0), compute_uv=False)
    if spread[1] < 1:
        return
    moved = (landmarks * np.float32(size) + np.array([right, down])).astype(np.float32)
    assert pose(moved).degrees_from(pose(landmarks)) < 1


def test_points_that_coincide_have_some_pose() -> None:
    assert np.isfinite(pose(np.full((5, 2), 7, np.float32))).all()


def test_the_face_that_the_embedder_wants_looks_straight_at_us() -> None:
    for passport in Manifest.load().of_role("detector"):
        assert pose(np.array(passport.template, np.float32)).degrees_from(Pose(0, 0)) < 5


def test_directions_are_as_far_apart_as_they_are() -> None:
    assert Pose(10, 0).degrees_from(Pose(-20, 0)) == pytest.approx(30)
    assert Pose(0, 10).degrees_from(Pose(0, -20)) == pytest.approx(30)
    assert Pose(90, 0).degrees_from(Pose(-90, 0)) == pytest.approx(180)
    assert Pose(12, 3).degrees_from(Pose(12, 3)) == pytest.approx(0, abs=1e-4)


def test_it_tells_left_from_right_in_real_pictures() -> None:
    (left, *_), (right, *_) = (
        faces_in_photo(read_photo(material.portrait_path(name).read_bytes()), material.networks())
        for name in ("obama2", "obama3")
    )
    assert left.pose.yaw < -10 < 10 < right.pose.yaw


@pytest.mark.parametrize("name", ["obama", "obama2", "obama3", "biden", "grace_hopper", "astronaut"])
def test_a_photograph_and_its_mirror_image_look_opposite_ways(name: str) -> None:
    photo = read_photo(material.portrait_path(name).read_bytes())
    here, there = (
        faces_in_photo(image, material.networks())[0].pose
        for image in (photo, np.ascontiguousarray(photo[:, ::-1]))
    )
    assert abs(here.yaw + there.yaw) / 2 < 10
    assert Pose(-there.yaw, there.pitch).degrees_from(here) < LIKE_DEGREES


def test_a_scan_keeps_how_each_track_is_turned(scanned_library: ScannedLibrary) -> None:
    """The portrait of Barack Obama that opens the first sample looks to the left; Eileen Collins looks at us."""
    (first, *_), collins = (scanned_library.tracks_alone(who) for who in ("barack_obama", "eileen_collins"))
    obama = Track.objects.get(pk=first)
    assert obama.yaw is not None
    assert -40 < obama.yaw < -8
    for track in Track.objects.filter(pk__in=collins):
        assert track.yaw is not None
        assert track.pitch is not None
        assert Pose(track.yaw, track.pitch).degrees_from(Pose(0, 0)) < LIKE_DEGREES
    assert not Track.objects.filter(yaw=None).exists()
