"""Sample videos and test fixtures, composed on the spot from pictures that are free of rights."""

from mam.samples.clips import ClipForm, Truth, compose_clip, compose_sound
from mam.samples.portraits import Portrait, Portraits, fetch_portraits
from mam.samples.programme import Sample, compose_samples
from mam.samples.scenes import Card, Look, Pose, Scene

__all__ = [
    "Card",
    "ClipForm",
    "Look",
    "Portrait",
    "Portraits",
    "Pose",
    "Sample",
    "Scene",
    "Truth",
    "compose_clip",
    "compose_samples",
    "compose_sound",
    "fetch_portraits",
]
