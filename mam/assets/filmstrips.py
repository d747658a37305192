"""A sheet of small pictures of a video, one for each so many seconds, to look through it without playing it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, BinaryIO

import cv2
import numpy as np

from faces.vision import Image, Video

MOST_TILES, COLUMNS = 100, 10
_LONGEST_PX = 160
_FINEST_MS = 1000
_ALL_FRAMES_UP_TO_MS = 60_000
"""Key frames may be ten seconds apart, too few pictures of a short video, all of whose frames are decoded soon."""
_WEBP_QUALITY = 70


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """sheet: WebP. Tile i, counted along the rows, shows what is to be seen around [i, i + 1) * interval_ms."""

    sheet: bytes
    interval_ms: int
    count: int
    columns: int
    rows: int
    tile_width: int
    tile_height: int

    def grid(self) -> dict[str, Any]:
        """All but the picture itself."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "sheet"}


class Filming:
    """Takes the frames of a video in order and keeps a tile of some: at every length enough, and at most 100."""

    def __init__(self) -> None:
        self._interval_ms = _FINEST_MS
        self._due_ms = 0
        self._tiles: list[tuple[int, Image]] = []

    def wants(self, at_ms: int) -> bool:
        """Whether the frame shown at that time is to be added."""
        return at_ms >= self._due_ms

    def add(self, at_ms: int, image: Image) -> None:
        """Where there are too many tiles by now, they are twice as far apart from now on."""
        self._tiles.append((at_ms, _tile(image)))
        while len(self._tiles) > MOST_TILES:
            self._interval_ms *= 2
            first_of = {at // self._interval_ms: at for at, _ in reversed(self._tiles)}
            self._tiles = [tile for tile in self._tiles if first_of[tile[0] // self._interval_ms] == tile[0]]
        self._due_ms = (at_ms // self._interval_ms + 1) * self._interval_ms

    def finish(self) -> Filmstrip:
        """All that was added, evenly spaced; at least one frame was."""
        times = [at for at, _ in self._tiles]
        apart_ms = [later - earlier for earlier, later in itertools.pairwise(times)]
        spread_ms = times[-1] // MOST_TILES + 1
        interval_ms = max(self._interval_ms, round(median(apart_ms)) if apart_ms else 0, spread_ms)
        count = times[-1] // interval_ms + 1
        columns, rows = min(COLUMNS, count), -(-count // COLUMNS)
        height, width = self._tiles[0][1].shape[:2]
        sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
        for number in range(count):
            shown = np.searchsorted(times, number * interval_ms + interval_ms // 2, side="right") - 1
            row, column = divmod(number, COLUMNS)
            there = sheet[row * height :, column * width :][:height, :width]
            there[:] = cv2.resize(self._tiles[max(int(shown), 0)][1], (width, height))
        done, webp = cv2.imencode(".webp", sheet, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])
        assert done  # encoding a BGR array in memory cannot fail
        return Filmstrip(bytes(webp), interval_ms, count, columns, rows, width, height)


def filmstrip(source: BinaryIO, *, on_progress: Callable[[int], None]) -> Filmstrip:
    """Of a video, from its key frames alone unless it is short. Raises what `faces.vision.probe` raises.

    on_progress: called with the position in ms.
    """
    filming = Filming()
    with Video(source) as video:
        length_ms = video.declared_duration_ms
        for frame in video.frames(key_frames=length_ms is None or length_ms > _ALL_FRAMES_UP_TO_MS):
            if filming.wants(frame.at_ms):
                filming.add(frame.at_ms, frame.image(_LONGEST_PX))
            on_progress(frame.at_ms)
    return filming.finish()


def _tile(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = _LONGEST_PX / max(height, width)
    if scale >= 1:
        return image.copy()
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
