"""Where one shot melts into the next: found by what no movement does, that every frame is a mix of two others."""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faces.vision.images import Image

_SPAN_MS = 1000
"""Between the two frames that those in between are compared with: longer than most dissolves take."""
_FEWEST = 6
_UNMIXED = 0.2
"""How much of the change from the first to the last frame a mix of both may leave unexplained in any between."""
_STEP = 0.5
"""More of the change than that from one frame to the next is a cut, or a flash."""
_VISIBLE = 8.0
"""Least change, in grey levels."""
_GROWTH = 1.02
"""While the change still grows by more, the dissolve has not ended."""
_FADED, _UNFADED = 0.15, 0.85


@dataclass(frozen=True, slots=True)
class Dissolve:
    """at_ms: when the second shot outweighs the first. begin_ms, end_ms: while both can be seen."""

    at_ms: int
    begin_ms: int
    end_ms: int


class DissolveFinder:
    """Takes the frames of a video in order and tells of a dissolve soon after its end."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, NDArray[np.float32]]] = deque()
        self._change, self._change_before = 0.0, 0.0

    def forget(self) -> None:
        """A cut: nothing before it melts into what follows."""
        self._seen.clear()
        self._change, self._change_before = 0.0, 0.0

    def add(self, at_ms: int, thumbnail: Image) -> None:
        """Go on with the next frame, as a thumbnail."""
        while self._seen and at_ms - self._seen[0][0] > _SPAN_MS:
            self._seen.popleft()
        half = thumbnail.shape[1] // 2, thumbnail.shape[0] // 2
        coarse = cv2.resize(thumbnail, half, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        self._seen.append((at_ms, coarse))
        change = coarse - self._seen[0][1]
        self._change, self._change_before = float(np.sqrt((change**2).mean())), self._change

    @property
    def first_ms(self) -> int:
        """The time of the first frame that the newest is compared with."""
        return self._seen[0][0]

    def find(self) -> Dissolve | None:
        """The dissolve that has just ended; to be asked only where first and newest frame are of two shots."""
        grows = self._change > _GROWTH * self._change_before
        if len(self._seen) < _FEWEST or self._change < _VISIBLE or grows:
            return None
        frames = np.stack([frame for _, frame in self._seen])
        change = frames[-1] - frames[0]
        between = frames[1:-1] - frames[0]
        share = between @ change / (change @ change)
        unmixed = np.sqrt(((between - share[:, None] * change) ** 2).mean(axis=1)) / self._change
        if unmixed.max() > _UNMIXED or np.diff(share, prepend=0, append=1).max() > _STEP:
            return None
        times_ms = [at_ms for at_ms, _ in self._seen][1:-1]
        found = Dissolve(
            at_ms=times_ms[int(np.argmax(share >= 0.5))],
            begin_ms=times_ms[int(np.argmax(share >= _FADED))],
            end_ms=times_ms[len(share) - 1 - int(np.argmax(share[::-1] <= _UNFADED))],
        )
        self.forget()
        return found
