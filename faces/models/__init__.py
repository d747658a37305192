"""The rows of the plugin. Only `faces.identity.decisions` writes decisions; everything resolved is derived."""

from faces.models.calibration import AppliedCalibration, CrowdingFunction
from faces.models.decisions import Anchor, Attachment, Decision, Merged, Verdict
from faces.models.idempotency import IdempotencyKey
from faces.models.identity import (
    Band,
    Exemplar,
    KeyRecord,
    Person,
    Photo,
    Point,
    PublicBand,
    Resolution,
    Unknown,
    UnknownCentroid,
)
from faces.models.jobs import JobState, LeasedJob, LeaseLost, SignOfLife, held
from faces.models.scans import Faceprint, FrameTimes, Part, Pause, Scan, Track

__all__ = [
    "Anchor",
    "AppliedCalibration",
    "Attachment",
    "Band",
    "CrowdingFunction",
    "Decision",
    "Exemplar",
    "Faceprint",
    "FrameTimes",
    "IdempotencyKey",
    "JobState",
    "KeyRecord",
    "LeaseLost",
    "LeasedJob",
    "Merged",
    "Part",
    "Pause",
    "Person",
    "Photo",
    "Point",
    "PublicBand",
    "Resolution",
    "Scan",
    "SignOfLife",
    "Track",
    "Unknown",
    "UnknownCentroid",
    "Verdict",
    "held",
]
