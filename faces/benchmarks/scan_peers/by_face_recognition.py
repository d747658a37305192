"""dlib by way of the package face_recognition, as its examples have it: HOG detector, five landmarks, ResNet."""

from collections.abc import Sequence

import face_recognition
import numpy as np

from faces.benchmarks.scan_peers import frames

_Box = tuple[int, int, int, int]
"""Top, right, bottom, left."""


def _detect(image: frames.Image) -> list[_Box]:
    found: list[_Box] = face_recognition.face_locations(_rgb(image))
    return sorted(found, key=lambda box: box[0] - box[2])


def _embed(image: frames.Image, found: Sequence[_Box]) -> list[np.ndarray]:
    return list(face_recognition.face_encodings(_rgb(image), known_face_locations=list(found)))


def _rgb(image: frames.Image) -> frames.Image:
    return np.ascontiguousarray(image[:, :, ::-1])


if __name__ == "__main__":
    frames.look(frames.arguments(__doc__ or ""), _detect, _embed)
