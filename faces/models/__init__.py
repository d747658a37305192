"""The rows of the plugin. Only `faces.identity.decisions` writes decisions; everything resolved is derived."""

from faces.models.decisions import Anchor, Attachment, Decision, Verdict
from faces.models.idempotency import IdempotencyKey
from faces.models.identity import (
    Band,
    Exemplar,
    Person,
    Photo,
    PublicBand,
    Resolution,
    Unknown,
    UnknownCentroid,
)
from faces.models.jobs import JobState, LeasedJob, LeaseLost
from faces.models.scans import Faceprint, FrameTimes, Scan, Track

__all__ = [
    "Anchor",
    "Attachment",
    "Band",
    "Decision",
    "Exemplar",
    "Faceprint",
    "FrameTimes",
    "IdempotencyKey",
    "JobState",
    "LeaseLost",
    "LeasedJob",
    "Person",
    "Photo",
    "PublicBand",
    "Resolution",
    "Scan",
    "Track",
    "Unknown",
    "UnknownCentroid",
    "Verdict",
]
