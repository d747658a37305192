"""The three sample videos: the same people in several of them, in other pictures, sizes, light and company.

Barack Obama is never shown in the photograph that enrols him. The others have one photograph each and appear
mirrored, grey, dark, tilted, blurred and small: name one, and the library has something to follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mam.samples.clips import ClipForm, Truth, compose_clip
from mam.samples.portraits import Portraits
from mam.samples.scenes import Card, Look, Pose, Scene


@dataclass(frozen=True, slots=True)
class Sample:
    """A composed video, its title for people, and who is to be seen when."""

    path: Path
    title: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class Programme:
    """What a sample video shows, and in what form."""

    file: str
    title: str
    form: ClipForm
    scenes: tuple[Scene, ...]


def compose_samples(
    folder: Path, portraits: Portraits, on_progress: Callable[[float], None] | None = None
) -> list[Sample]:
    """Compose the sample videos into `folder`. on_progress: the share of the whole that is done, 0 to 1."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        Sample(
            folder / programme.file,
            programme.title,
            compose_clip(
                folder / programme.file,
                programme.scenes,
                portraits,
                programme.form,
                on_progress=_part_of(on_progress, number, len(PROGRAMMES)),
            ),
        )
        for number, programme in enumerate(PROGRAMMES)
    ]


def _part_of(
    on_progress: Callable[[float], None] | None, number: int, of: int
) -> Callable[[float], None] | None:
    if on_progress is None:
        return None
    return lambda share: on_progress((number + share) / of)


def _alone(portrait: str, size: float, *, tilt: float = 0.0, look: Look | None = None) -> tuple[Card, ...]:
    """One face, drifting across the middle and growing."""
    start, end = Pose(600, 290, size, tilt), Pose(690, 310, size * 1.15, -tilt)
    return (Card(portrait, start, end, look or Look()),)


def _together(
    left: str, right: str, size: float, *, looks: tuple[Look, Look] | None = None
) -> tuple[Card, ...]:
    """Two faces side by side, the left one receding, the right one coming nearer."""
    left_look, right_look = looks or (Look(), Look())
    return (
        Card(left, Pose(330, 280, size * 1.1, -2), Pose(370, 300, size, 2), left_look),
        Card(right, Pose(960, 300, size, 2), Pose(920, 280, size * 1.1, -2), right_look),
    )


PROGRAMMES = (
    Programme(
        file="sample1.mp4",
        title="Sample 1: Press room",
        form=ClipForm(),
        scenes=(
            Scene(65, None, _alone("obama2", 250)),
            Scene(55, None, _alone("biden", 220, tilt=3)),
            Scene(40, "rocket"),
            Scene(70, "coffee", _together("obama3", "biden", 170)),
            Scene(60, "moon", _alone("grace_hopper", 210, tilt=-4)),
            Scene(45, "rocket", _alone("obama2", 200, look=Look(blur=3))),
            Scene(45, None, _together("obama2", "grace_hopper", 160)),
        ),
    ),
    Programme(
        file="sample2.mp4",
        title="Sample 2: Space and computing",
        form=ClipForm(rate=Fraction(30000, 1001)),
        scenes=(
            Scene(80, "moon", _alone("astronaut", 170)),
            Scene(70, None, _alone("grace_hopper", 240, look=Look(mirror=True))),
            Scene(45, "moon"),
            Scene(75, "rocket", _together("astronaut", "grace_hopper", 150)),
            Scene(60, "coffee", _alone("biden", 130, tilt=-5, look=Look(mirror=True))),
            Scene(60, "rocket", _alone("astronaut", 120, tilt=6, look=Look(grey=True))),
            Scene(60, None, _alone("obama3", 190)),
        ),
    ),
    Programme(
        file="sample3.mp4",
        title="Sample 3: Evening review",
        form=ClipForm(durations_ms=(40, 20, 60, 40, 80, 20)),
        scenes=(
            Scene(50, "coffee"),
            Scene(60, None, _alone("grace_hopper", 180, tilt=5, look=Look(light=0.45))),
            Scene(
                65, None, _together("obama2", "astronaut", 140, looks=(Look(grey=True), Look(mirror=True)))
            ),
            Scene(45, "rocket", _alone("biden", 180, look=Look(blur=2.5, light=0.7))),
            Scene(40, None, _alone("obama3", 75, tilt=3)),
            Scene(
                60,
                "moon",
                _together("biden", "grace_hopper", 150, looks=(Look(), Look(grey=True))),
            ),
            Scene(45, "coffee", _alone("astronaut", 190, tilt=-3, look=Look(light=0.7))),
        ),
    ),
)
