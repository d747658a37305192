"""Which networks this site reads with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from faces.conf import faces_settings
from faces.vision import Networks
from faces.vision.networks import load_once


def loaded() -> Networks:
    """Detector and embedder, ready to run in this process, loaded when first needed. Raises WeightsUnavailable."""
    return loader()()


def loader() -> Callable[[], Networks]:
    """What loads them in whatever process it is called: it knows nothing of Django."""
    settings = faces_settings()
    return partial(load_once, settings.weights_dir, settings.weights_folder)
