"""Which way a face is turned, told from its five landmarks.

Scaled orthographic projection of a rigid model: the first step of DeMenthon and Davis, “Model-based object pose in 25
lines of code” (IJCV 15, 1995), with the two rows of the projection made orthonormal by their polar factor. Across and
down, the model is the mean face of the detector, which the manifest's template for alignment is; in depth it is the
mean adult: the nose tip stands 27 mm before pupils 63 mm apart (Dodgson, “Variation and extrema of human
interpupillary distance”, 2004), the mouth's corners lie hardly before the pupils.

Good to about 10° up to 45° of yaw, for noses differ and landmarks err: a photograph and its mirror image, which should
come out as opposites, are within 8° of it for each of our sample portraits. A face in profile is told from a half
profile, not more. Pitch is the worse of the two, as noses end at different heights between eyes and mouth. So a like
pose can be told from an unlike one, and a single figure should not be believed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Landmarks

LIKE_DEGREES = 25.0
"""Two faces look the same way when their directions are at most this far apart: a little more than both may err."""

_MODEL = np.array(
    [
        [-0.5, 0.0, 0.0],
        [0.5, 0.0, 0.0],
        [0.0, 0.59, -0.43],
        [-0.435, 1.0, -0.03],
        [0.435, 1.0, -0.03],
    ]
)
"""(5, 3): right eye, left eye, nose tip, right and left mouth corner of a face that looks at us, x to the right and y
down in the picture, z away from us, in distances between the pupils. Symmetric, so that mirroring negates the yaw."""
_TO_PROJECTION = np.linalg.pinv(_MODEL - _MODEL.mean(axis=0)).T


class Pose(NamedTuple):
    """Degrees, whatever the head's tilt in the picture. 0, 0 looks straight at the camera.

    yaw: in [−90, 90]; positive where the subject's nose points to the right in the picture, which is their own left.
    pitch: positive where they look up.
    """

    yaw: float
    pitch: float

    def degrees_from(self, other: "Pose") -> float:
        """The angle between two directions of looking, in [0, 180]."""
        return float(np.degrees(np.arccos(np.clip(_direction(self) @ _direction(other), -1.0, 1.0))))


def pose(landmarks: Landmarks) -> Pose:
    """How a face with these (5, 2) landmarks is turned; see `Pose` for the convention."""
    points = landmarks.astype(np.float64)
    projection = (points - points.mean(axis=0)).T @ _TO_PROJECTION
    left, _, right = np.linalg.svd(projection, full_matrices=False)
    across, down = left @ right
    away = np.cross(across, down)
    return Pose(
        yaw=float(np.degrees(np.arcsin(np.clip(away[0], -1.0, 1.0)))),
        pitch=float(np.degrees(np.arctan2(-away[1], away[2]))),
    )


def _direction(of: Pose) -> NDArray[np.float64]:
    """(3,): where a face looks, of length 1; the inverse of what `pose` reads off."""
    yaw, pitch = np.radians(of)
    return np.array([np.sin(yaw), -np.cos(yaw) * np.sin(pitch), -np.cos(yaw) * np.cos(pitch)])
