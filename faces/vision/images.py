"""The array types that every part of `faces.vision` shares."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""(height, width, 3) uint8, BGR as OpenCV decodes it; row 0 is the top."""

Boxes: TypeAlias = NDArray[np.float32]
"""(n, 4) float32: left, top, width, height in pixels of the upright frame."""

Landmarks: TypeAlias = NDArray[np.float32]
"""(n, 5, 2) float32, x y in pixels: the subject's right eye, left eye, nose tip, right, left mouth corner."""

Faceprint: TypeAlias = NDArray[np.float32]
"""(dim,) float32, the embedding of one face under one model."""
