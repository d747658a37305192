"""How closely a scan looks, and the ways to scan that people choose from."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How closely a scan looks. Faces below ~20 px in the picture that the detector gets are not found.

    sample_ms: media time between two frames in which faces are followed.
    search_ms: media time between two frames that are looked at whole, at the most: while nothing changes.
    detect_px: the longer side of the picture that the detector gets; None: what suits the detector.
    min_score: what the detector must say of a face to be followed, and on average of a track's crops alone.
    min_sightings: in how many sampled frames a track must show; less only in shots that have fewer.
    max_crops: how many looks are kept of a track.
    bridged_ms: a face that is found again within this time was only missed.
    key_frames: nothing else is decoded, of files that let others be passed over.
    chunk_ms, longest_chunk_ms: a chunk ends with the first cut after the one, at the latest after the other.
    part_ms, part_slack_ms: a long video has parts that several workers read at once. One begins, and with it a chunk,
        at the first cut after each multiple of the one, at the latest the other after it.
    """

    sample_ms: int = 200
    search_ms: int = 800
    detect_px: int | None = None
    min_score: float = 0.5
    min_sightings: int = 2
    max_crops: int = 5
    bridged_ms: int = 900
    key_frames: bool = False
    chunk_ms: int = 20_000
    longest_chunk_ms: int = 60_000
    part_ms: int = 60_000
    part_slack_ms: int = 20_000


MODES = MappingProxyType(
    {
        "default": ScanSettings(),
        "fast": ScanSettings(key_frames=True, search_ms=0, bridged_ms=0, min_sightings=1, part_ms=600_000),
        "thorough": ScanSettings(detect_px=1920, search_ms=200),
    }
)
"""fast: who is there, in a tenth of the time; when they come and go, to the next key frame, every second or ten.
thorough: the smallest faces too, at whatever it costs."""
