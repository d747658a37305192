"""`settings.FACES`, read once and checked. Below this, values travel as arguments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from faces.fetching import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesSettings:
    host: str
    """Dotted path of the host class (faces.host.Host)."""
    weights_dir: Path
    """Where fetched networks are kept."""
    weights_folder: Path | None = None
    """A folder that is looked into before anything is fetched."""
    work_dir: Path | None = None
    """Where long work keeps what it has done so far; without one, what is interrupted starts anew."""
    scan_mode: str = "default"
    """How closely assets are scanned where nobody says otherwise: one of faces.vision.MODES."""
    hardware_decoding: bool = True
    """Whether scans have a graphics card decode, on machines that have one."""
    fetch_allowed: tuple[Network, ...] = ()
    """Networks that URLs of users may be fetched from though they are not public."""
    storage: str = "faces"
    """The alias in settings.STORAGES that holds the crops."""


@cache
def faces_settings() -> FacesSettings:
    return FacesSettings(**cast(dict[str, Any], settings.FACES))


@receiver(setting_changed)
def _forget(*, setting: str, **_: Any) -> None:
    if setting == "FACES":
        faces_settings.cache_clear()
