"""Who of the LFW pack may teach and who examines: nobody does both.

The crowding function and all thresholds are fitted on one half of the people, and every figure that is claimed for them
comes from the other. The half follows from the name alone, so it needs no list and stays the same for everybody:
of the pack's people, 1,109 fit (337 of them with two or three pictures) and 1,087 test (363).
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Literal

Half = Literal["fit", "test"]


def half(name: str) -> Half:
    """The half of the pack that the person of that name, written as the folder is, belongs to."""
    return "fit" if hashlib.sha256(name.encode()).digest()[0] < 128 else "test"


def fold(name: str, folds: int) -> int:
    """Which of so many parts the person belongs to, whatever the half: to fit on some and look at the rest."""
    return hashlib.sha256(name.encode()).digest()[1] % folds


def respelled(names: Iterable[str]) -> set[str]:
    """Names that say another one in another order, which the pack holds for one person twice: all but the first."""
    seen: set[tuple[str, ...]] = set()
    again: set[str] = set()
    for name in names:
        words = tuple(sorted(re.split("[_-]", name.lower())))
        if words in seen:
            again.add(name)
        seen.add(words)
    return again
