"""Where one shot gives way to the next: hard cuts, to the frame."""

from collections import deque
from collections.abc import Iterator
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from faces.vision.decode import Frame
from faces.vision.images import Image

CONTEXT = 3
"""How many frames before and after a frame can change whether it begins a shot."""

_WIDTH, _HEIGHT = 64, 36
_CUT = 0.75
"""Least `_difference` across a cut."""
_PEAK = 2.0
"""How many times its neighbours a cut's difference is: that of a fast pan lasts, that of a cut does not."""
_NOISE = 8.0
"""Grey levels of contrast below which structure is noise."""


def mark_cuts(frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
    """Every frame with whether it begins a shot; the first one does.

    A frame comes out once the three that follow are known, so that a photographer's flash of up to two frames
    is no cut. Cross-fades have no frame at which they happen, and are not found.
    """
    waiting: deque[Frame] = deque()
    window: list[
        _Signature
    ] = []  # of the frame that waits longest, of up to three before it, and of all after it
    now = 0
    for frame in chain(frames, repeat(None, CONTEXT)):
        if frame is not None:
            waiting.append(frame)
            window.append(_Signature(frame.video.thumbnail(frame.coded, _WIDTH, _HEIGHT)))
        if waiting and (frame is None or len(waiting) > CONTEXT):
            yield waiting.popleft(), _begins_shot(window, now)
            now += 1
            if now > CONTEXT:
                window.pop(0)
                now -= 1


class _Signature:
    """What is compared of a frame: its coarse structure in grey and its colours."""

    def __init__(self, thumbnail: Image) -> None:
        grey = thumbnail.mean(axis=2, dtype=np.float32).ravel()
        grey -= grey.mean()
        self.structure: NDArray[np.float32] = grey / (float(np.sqrt((grey**2).mean())) + _NOISE)
        bins = (thumbnail >> 5).astype(np.intp) @ np.array([64, 8, 1])
        self.colours = np.bincount(bins.ravel(), minlength=512) / bins.size


def _difference(a: _Signature, b: _Signature) -> float:
    """From 0 (the same picture) to about 4: the greys' lost correlation and twice the new colours."""
    structure = 1.0 - float((a.structure * b.structure).mean())
    colours = float(np.abs(a.colours - b.colours).sum()) / 2
    return structure + 2 * colours


def _begins_shot(window: list[_Signature], now: int) -> bool:
    if now == 0:
        return True
    here = _difference(window[now - 1], window[now])
    if here < _CUT:
        return False
    before = range(max(1, now - 2), now)
    after = range(now + 1, min(len(window), now + 3))
    beside = max((_difference(window[i - 1], window[i]) for i in (*before, *after)), default=0.0)
    flash_over = any(_difference(window[now - 1], window[i]) < _CUT / 2 for i in after)
    return not flash_over and here > _PEAK * beside
