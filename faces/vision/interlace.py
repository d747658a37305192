"""Two half pictures in one frame: what has moved between them is combed, and a combed face is another face.

`docs/benchmarks.md` has the figures. FFmpeg's deinterlacers were weighed (bwdif, estdif): they want every frame, a scan
looks at a few; and they give up half the lines of what does not move, as most of a picture flagged so does not.
"""

from typing import Any

import cv2
import numpy as np

from faces.vision.images import Image

_CLEAR: Any = (12, 12, 12, 0)
"""By how much a line must stand out from both its neighbours to be of another moment: more than noise."""
_NEARBY = np.ones((3, 5), np.uint8)


def without_combing(image: Image) -> Image:
    """The picture with every odd line taken from its neighbours where it stands out from both, as it is elsewhere."""
    pairs = (len(image) - 1) // 2
    if not pairs:
        return image
    above, line, below = (np.ascontiguousarray(image[at : at + 2 * pairs : 2]) for at in range(3))
    under = cv2.subtract(cv2.subtract(cv2.min(above, below), _CLEAR), line)
    over = cv2.subtract(cv2.subtract(line, cv2.max(above, below)), _CLEAR)
    combed = cv2.dilate((cv2.max(under, over).max(axis=2) > 0).astype(np.uint8), _NEARBY).astype(bool)
    mended = image.copy()
    mended[1 : 1 + 2 * pairs : 2][combed] = cv2.addWeighted(above, 0.5, below, 0.5, 0)[combed]
    return mended
