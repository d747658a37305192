"""Which networks this site reads with: the best detector at hand, and the embedder of the model in force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from faces.conf import faces_settings
from faces.identity.model import measure_in_force
from faces.vision import Networks, apart
from faces.vision.networks import load_once, words_of


def loaded(model: str | None = None) -> Networks:
    """Detector and embedder for photographs, in this process, loaded when first needed. Raises WeightsUnavailable.

    model: by default the one in force.
    """
    return load_once(*folders(), _embedder(model))


def loader(model: str | None = None) -> Callable[[], Networks]:
    """What loads those for scans in whatever process it is called: it knows nothing of Django."""
    return partial(load_once, *folders(), _embedder(model), eight_bits=True)


def at_work() -> str:
    """Which ones scans of this process read with, and on what, in words. Raises what loading them raises."""
    return apart.call(words_of, loader())


def _embedder(model: str | None) -> str:
    return measure_in_force().model if model is None else model


def folders() -> tuple[Path, Path | None]:
    """Where their files lie: those fetched, and a folder that is looked into as well."""
    settings = faces_settings()
    return settings.weights_dir, settings.weights_folder
