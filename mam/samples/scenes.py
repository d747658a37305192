"""Scenes of a composed video: photographs that move before a backdrop, every face's place known exactly."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image
from mam.samples.portraits import Portrait, Portraits, read_image

WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a face stands on the screen: its middle, its height in pixels, its tilt clockwise in degrees."""

    x: float
    y: float
    face_px: float
    tilt: float = 0.0

    def towards(self, other: "Pose", share: float) -> "Pose":
        """The pose that share of the way, 0 to 1, to another one."""
        pairs = zip(self._numbers(), other._numbers(), strict=True)
        return Pose(*(a + (b - a) * share for a, b in pairs))

    def _numbers(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.face_px, self.tilt


@dataclass(frozen=True, slots=True)
class Look:
    """How a photograph is shown.

    blur: sigma of a Gaussian in pixels of the screen. light: 1 as it is, less is darker.
    grey: without colour. mirror: left and right exchanged.
    """

    blur: float = 0.0
    light: float = 1.0
    grey: bool = False
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A photograph on the screen, moving evenly from pose to pose while its scene lasts."""

    portrait: str
    start: Pose
    end: Pose
    look: Look = Look()


@dataclass(frozen=True, slots=True)
class Scene:
    """One shot, between two hard cuts.

    frames: how many.
    backdrop: a name of `Portraits.backdrops`, slowly zoomed; None: the first card's own photograph, blurred
        past recognition.
    cards: without any, nobody is seen.
    """

    frames: int
    backdrop: str | None = None
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenFace:
    """Who is where in one frame.

    box: left, top, width, height in pixels. visible: the share of it that is on the screen.
    """

    portrait: Portrait
    box: tuple[float, float, float, float]
    visible: float


def face_at(card: Card, portrait: Portrait, share: float) -> SeenFace:
    """The face of a card when that share, 0 to 1, of its scene has passed."""
    pose = card.start.towards(card.end, share)
    width, height = pose.face_px * portrait.face[2] / portrait.face[3], pose.face_px
    left, top = pose.x - width / 2, pose.y - height / 2
    across = max(0.0, min(WIDTH, left + width) - max(0.0, left))
    down = max(0.0, min(HEIGHT, top + height) - max(0.0, top))
    return SeenFace(portrait, (left, top, width, height), across * down / (width * height))


def renderer(scene: Scene, portraits: Portraits) -> Callable[[float], Image]:
    """A function that paints the scene's frame, (720, 1280, 3) BGR, when that share of it has passed."""
    backdrop = _backdrop(scene, portraits)
    painters = [_painter(card, portraits.people[card.portrait]) for card in scene.cards]

    def paint(share: float) -> Image:
        frame = backdrop.copy() if scene.backdrop is None else _zoomed(backdrop, 1.0 + 0.08 * share)
        for painter in painters:
            painter(frame, share)
        return frame

    return paint


def _painter(card: Card, portrait: Portrait) -> Callable[[Image, float], None]:
    photo, (left, top, width, height) = portrait.image(), portrait.face
    largest = max(card.start.face_px, card.end.face_px)
    shrink = min(1.0, 1.25 * largest / height)  # once and well, so that each frame's warp can be a quick one
    photo = np.asarray(cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    middle = np.array([left + width / 2, top + height / 2]) * shrink
    if card.look.mirror:
        photo = np.ascontiguousarray(photo[:, ::-1])
        middle[0] = photo.shape[1] - middle[0]
    photo = _graded(photo, card.look, height * shrink / largest)

    def paint(frame: Image, share: float) -> None:
        pose = card.start.towards(card.end, share)
        scale = pose.face_px / (height * shrink)
        cos, sin = scale * np.cos(np.radians(pose.tilt)), scale * np.sin(np.radians(pose.tilt))
        turn = np.array([[cos, -sin], [sin, cos]])
        shift = np.array([pose.x, pose.y]) - turn @ middle
        cv2.warpAffine(
            photo, np.column_stack([turn, shift]), (WIDTH, HEIGHT), dst=frame,
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT,
        )  # fmt: skip

    return paint


def _graded(photo: Image, look: Look, px_per_screen_px: float) -> Image:
    graded: NDArray[np.uint8] = photo
    if look.grey:
        graded = np.asarray(
            cv2.cvtColor(cv2.cvtColor(graded, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
        )
    if look.light != 1.0:
        graded = np.asarray(cv2.convertScaleAbs(graded, alpha=look.light), np.uint8)
    if look.blur:
        graded = np.asarray(cv2.GaussianBlur(graded, (0, 0), look.blur * px_per_screen_px), np.uint8)
    return graded


def _backdrop(scene: Scene, portraits: Portraits) -> Image:
    if scene.backdrop is not None:
        return _filling(read_image(portraits.backdrops[scene.backdrop]))
    if not scene.cards:
        return np.full((HEIGHT, WIDTH, 3), 64, np.uint8)
    filling = _filling(portraits.people[scene.cards[0].portrait].image())
    small = cv2.GaussianBlur(cv2.resize(filling, (80, 45), interpolation=cv2.INTER_AREA), (0, 0), 4)
    dimmed = cv2.convertScaleAbs(small, alpha=0.6)
    return np.asarray(cv2.resize(dimmed, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def _filling(picture: Image) -> Image:
    """The middle of a picture, scaled to fill the screen."""
    scale = max(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    size = max(WIDTH, round(picture.shape[1] * scale)), max(HEIGHT, round(picture.shape[0] * scale))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    top, left = (size[1] - HEIGHT) // 2, (size[0] - WIDTH) // 2
    return np.ascontiguousarray(scaled[top : top + HEIGHT, left : left + WIDTH], np.uint8)


def _zoomed(backdrop: Image, zoom: float) -> Image:
    shift = np.array([WIDTH, HEIGHT]) * (1 - zoom) / 2
    matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    return np.asarray(cv2.warpAffine(backdrop, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR), np.uint8)
