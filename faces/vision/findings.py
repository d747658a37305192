"""What a scan finds: faces in a frame, tracks through a shot, chunks of a video.

Times are integer milliseconds on the timeline that a player shows. Boxes are left, top, width, height in
pixels of the upright frame (rotation and sample aspect ratio applied).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Boxes, Faceprint, Image, Landmarks
from faces.vision.pose import Pose, pose

Times = NDArray[np.int32]
"""(n,) int32, milliseconds, ascending."""

_COLUMN_ROW = np.dtype([("at_ms", "<i4"), ("box", "<i2", (4,))])


@dataclass(frozen=True, slots=True, eq=False)  # eq=False: arrays have no single truth value
class BoxTrack:
    """Where one face was at the sampled times. Row i of both arrays is the same moment.

    times_ms: (n,) int32, ascending.
    boxes: (n, 4) float32, left top width height in pixels of the upright frame; may reach over its edges.
    """

    times_ms: Times
    boxes: Boxes

    def __post_init__(self) -> None:
        if self.times_ms.ndim != 1 or self.boxes.shape != (len(self.times_ms), 4):
            raise ValueError(
                f"times {self.times_ms.shape} and boxes {self.boxes.shape} are not (n,) and (n, 4)"
            )

    def to_bytes(self) -> bytes:
        """The compact column, 12 bytes a sample: time int32, left top width height int16, little-endian."""
        rows = np.empty(len(self.times_ms), _COLUMN_ROW)
        rows["at_ms"] = self.times_ms
        rows["box"] = np.clip(np.rint(self.boxes), -32768, 32767)
        return rows.tobytes()

    @classmethod
    def from_bytes(cls, column: bytes) -> Self:
        """The inverse of `to_bytes`, to the nearest pixel. Raises ValueError for a cut-off column."""
        rows = np.frombuffer(column, _COLUMN_ROW)
        return cls(rows["at_ms"].astype(np.int32), rows["box"].astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One good look at a face, kept so that another embedder can read it and people can see it.

    at_ms: when the frame is shown.  quality: in [0, 1].  box: (4,) and landmarks: (5, 2) in the full frame.
    chip: (150, 150, 3), aligned for the embedder.
    portrait: square, about 192 px, wider and upright, with hair and chin, for people to look at.
    """

    at_ms: int
    quality: float
    box: NDArray[np.float32]
    landmarks: Landmarks
    chip: Image
    portrait: Image


@dataclass(frozen=True, slots=True, eq=False)
class FoundTrack:
    """One face followed through one shot, within one chunk.

    shot: when its shot begins (ms); of one that began in an earlier chunk, when this chunk begins.
    start_ms, end_ms: half-open; the end is when the last frame that shows the face gives way to the next.
    crops: one to five, best first.  faceprint: (dim,), the mean of the crops'.  quality: in [0, 1].
    """

    shot: int
    start_ms: int
    end_ms: int
    boxes: BoxTrack
    crops: tuple[Crop, ...]
    faceprint: Faceprint
    quality: float

    @property
    def pose(self) -> Pose:
        """How the face is turned in its best crop."""
        return pose(self.crops[0].landmarks)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A stretch of video that is scanned, stored and resumed as a whole.

    start_ms, end_ms: half-open; a scan that starts at end_ms goes on as if it had never stopped.
    frame_times_ms: (n,) int32, when each frame of the stretch is shown, sampled or not.
    embedder: the network that made the faceprints, as the manifest calls it.
    last: nothing follows.
    open_shot: when the shot began that goes on over this chunk's end; None where that is a cut, or nothing follows.
    notice: on the last chunk, a sentence for the user about a video that breaks off too early.
    """

    start_ms: int
    end_ms: int
    frame_times_ms: Times
    tracks: tuple[FoundTrack, ...]
    embedder: str
    last: bool
    open_shot: int | None = None
    notice: str | None = None
