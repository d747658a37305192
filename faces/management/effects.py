"""What commands say of answers that change, or would."""

from __future__ import annotations

from django.core.management.base import OutputWrapper

from faces.calibration import Effect


def tell(effect: Effect, out: OutputWrapper) -> None:
    """How many tracks go from which band to which, most first."""
    for (before, after), count in sorted(effect.bands.items(), key=lambda entry: -entry[1]):
        what = f"{before} → {after}" if before != after else f"{before}, of another person"
        out.write(f"{count:8} tracks: {what}")
