"""Where one shot gives way to the next: hard cuts and dissolves, to the frame."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from faces.vision.decode import Frame
from faces.vision.dissolves import Dissolve, DissolveFinder
from faces.vision.images import Image

CONTEXT = 3
"""How many frames before and after a frame can change whether it begins a shot."""

_WIDTH, _HEIGHT = 64, 36
_OTHER_PICTURE = 0.7
"""Least `_unlike` of two shots that melt into each other."""
_CUT = 0.75
"""Least `_difference` across a cut."""
_PEAK = 2.0
"""How many times its neighbours a cut's difference is: that of a fast pan lasts, that of a cut does not."""
_NOISE = 8.0
"""Grey levels of contrast below which structure is noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A frame and what it says of shots.

    cut: it begins one; a video's first frame does. dissolve: one that has ended by now; its middle began a shot.
    """

    frame: Frame
    cut: bool
    dissolve: Dissolve | None = None


def mark_shots(frames: Iterator[Frame], *, sparse: bool = False) -> Iterator[Marked]:
    """Every frame, marked where shots begin.

    sparse: seconds lie between two frames, so that what the neighbours of a cut look like says nothing.

    A frame comes out once the three that follow are known, so that a photographer's flash of up to two frames
    is no cut.
    """
    waiting: deque[Frame] = deque()
    window: list[
        _Signature
    ] = []  # of the frame that waits longest, of up to three before it, and of all after it
    now = 0
    dissolves = _Dissolves()
    for frame in chain(frames, repeat(None, CONTEXT)):
        if frame is not None:
            waiting.append(frame)
            window.append(_Signature(frame.video.thumbnail(frame.coded, _WIDTH, _HEIGHT)))
        if waiting and (frame is None or len(waiting) > CONTEXT):
            out, cut = waiting.popleft(), _begins_shot(window, now, sparse)
            yield Marked(out, cut, dissolves.see(out.at_ms, window[now], cut))
            now += 1
            if now > CONTEXT:
                window.pop(0)
                now -= 1


class _Dissolves:
    """Looks for a dissolve wherever two frames a second apart are of two pictures."""

    def __init__(self) -> None:
        self._finder = DissolveFinder()
        self._signatures: deque[tuple[int, _Signature]] = deque()

    def see(self, at_ms: int, signature: "_Signature", cut: bool) -> Dissolve | None:
        if cut:
            self._finder.forget()
            self._signatures.clear()
        self._finder.add(at_ms, signature.thumbnail)
        self._signatures.append((at_ms, signature))
        while self._signatures[0][0] < self._finder.first_ms:
            self._signatures.popleft()
        if (
            _unlike(self._signatures[0][1], signature) < _OTHER_PICTURE
        ):  # light changes colours, but no structure
            return None
        found = self._finder.find()
        if found is not None:
            self._signatures.clear()
        return found


class _Signature:
    """What is compared of a frame: its coarse structure in grey and its colours."""

    def __init__(self, thumbnail: Image) -> None:
        self.thumbnail = thumbnail
        grey = thumbnail.mean(axis=2, dtype=np.float32).ravel()
        grey -= grey.mean()
        self.structure: NDArray[np.float32] = grey / (float(np.sqrt((grey**2).mean())) + _NOISE)
        bins = (thumbnail >> 5).astype(np.intp) @ np.array([64, 8, 1])
        self.colours = np.bincount(bins.ravel(), minlength=512) / bins.size


def _unlike(a: _Signature, b: _Signature) -> float:
    """From 0 (the same picture) to 2: the greys' lost correlation."""
    return 1.0 - float((a.structure * b.structure).mean())


def _difference(a: _Signature, b: _Signature) -> float:
    """From 0 (the same picture) to about 4: the greys' lost correlation and twice the new colours."""
    structure = _unlike(a, b)
    colours = float(np.abs(a.colours - b.colours).sum()) / 2
    return structure + 2 * colours


def _begins_shot(window: list[_Signature], now: int, sparse: bool) -> bool:
    if now == 0:
        return True
    here = _difference(window[now - 1], window[now])
    if here < _CUT or sparse:
        return here >= _CUT
    before = range(max(1, now - 2), now)
    after = range(now + 1, min(len(window), now + 3))
    beside = max((_difference(window[i - 1], window[i]) for i in (*before, *after)), default=0.0)
    flash_over = any(_difference(window[now - 1], window[i]) < _CUT / 2 for i in after)
    return not flash_over and here > _PEAK * beside
