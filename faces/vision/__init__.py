"""Who can be seen in pictures: pure pixels, no database, no Django.

`scan` turns a video into tracks of faces, `faces_in_photo` a photograph into faces; both need `Networks`.
"""

from faces.vision.decode import Video
from faces.vision.errors import (
    DecoderLost,
    MediaMissing,
    MediaTooLarge,
    MediaUnreadable,
    NoFrames,
    NoVideoStream,
    PhotoUnreadable,
    VisionError,
    WeightsUnavailable,
)
from faces.vision.findings import BoxTrack, Chunk, Crop, FoundTrack, Times
from faces.vision.images import Boxes, Faceprint, Image, Landmarks
from faces.vision.joining import Piece, continuations
from faces.vision.networks import Networks
from faces.vision.opening import Source
from faces.vision.photo import PhotoFace, faces_in_photo, read_photo
from faces.vision.pipeline import scan
from faces.vision.pose import LIKE_DEGREES, Pose
from faces.vision.probe import MediaInfo, as_jpeg, poster, probe
from faces.vision.settings import MODES, ScanSettings
from faces.vision.still import Still, crop_of, still
from faces.vision.track import best_looks

__all__ = [
    "LIKE_DEGREES",
    "MODES",
    "BoxTrack",
    "Boxes",
    "Chunk",
    "Crop",
    "DecoderLost",
    "Faceprint",
    "FoundTrack",
    "Image",
    "Landmarks",
    "MediaInfo",
    "MediaMissing",
    "MediaTooLarge",
    "MediaUnreadable",
    "Networks",
    "NoFrames",
    "NoVideoStream",
    "PhotoFace",
    "PhotoUnreadable",
    "Piece",
    "Pose",
    "ScanSettings",
    "Source",
    "Still",
    "Times",
    "Video",
    "VisionError",
    "WeightsUnavailable",
    "as_jpeg",
    "best_looks",
    "continuations",
    "crop_of",
    "faces_in_photo",
    "poster",
    "probe",
    "read_photo",
    "scan",
    "still",
]
