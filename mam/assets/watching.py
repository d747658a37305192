"""A folder whose videos come into the library by themselves.

It is looked at again and again: network shares, where archives lie, tell nobody what another machine writes, and
whether a file has stopped growing only a second look can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mam.assets.intake import Intake, NoSuchMedia, Outcome, Taken, media

_Shape = tuple[int, int]
"""A file's size and time of writing: while one of them changes, somebody is writing it."""


class Watch:
    """What there is in the folders, and since when each file is as it is.

    settle_s: seconds for which a file must have stayed the same. about: as of `Intake.take`, for each file. Nothing has
    to be kept between two runs: what was taken in is in the library.
    """

    def __init__(self, folders: Sequence[Path], intake: Intake, *, settle_s: float, **about: Any) -> None:
        self._folders, self._intake, self._settle_s, self._about = folders, intake, settle_s, about
        self._growing: dict[Path, tuple[_Shape, float]] = {}
        self._done: dict[Path, _Shape] = {}

    def look(self, now: float) -> Iterator[tuple[Path, Taken | OSError]]:
        """One look at all of it: each file that has settled, with what became of it. now: seconds of any steady clock.

        What could not be taken in is tried again when it has settled again. A folder that is away holds nothing.
        """
        there = dict(self._shapes())
        for known in (self._growing, self._done):
            for gone in known.keys() - there.keys():
                del known[gone]
        for file, shape in there.items():
            if self._done.get(file) == shape:
                continue
            was, since = self._growing.get(file, (None, now))
            self._growing[file] = (shape, since if was == shape else now)
            if was != shape or now - since < self._settle_s:
                continue
            del self._growing[file]
            try:
                taken = self._intake.take(file, **self._about)
            except OSError as error:
                yield file, error
                continue
            self._done[file] = shape
            if taken.outcome is not Outcome.KNOWN:
                yield file, taken

    def _shapes(self) -> Iterator[tuple[Path, _Shape]]:
        for folder in self._folders:
            try:
                for file in media(folder):
                    found = file.stat()
                    if found.st_size:  # an empty file is one that somebody has only just begun
                        yield file, (found.st_size, found.st_mtime_ns)
            except (NoSuchMedia, OSError):
                continue
