"""The networks of this process, loaded when first needed."""

from __future__ import annotations

from functools import cache

from faces.conf import faces_settings
from faces.vision import Networks


@cache
def loaded() -> Networks:
    """Detector and embedder, ready to run. Raises WeightsUnavailable."""
    settings = faces_settings()
    return Networks.load(settings.weights_dir, folder=settings.weights_folder)
