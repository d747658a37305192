"""OpenCV's YuNet finds the faces, dlib by way of face_recognition embeds them."""

from collections.abc import Sequence

import cv2
import face_recognition
import numpy as np

from faces.benchmarks.scan_peers import frames

_Box = tuple[int, int, int, int]
"""Top, right, bottom, left."""


def _main() -> None:
    options = frames.arguments(__doc__ or "")
    detector = cv2.FaceDetectorYN.create(str(options.detector), "", (320, 320), score_threshold=0.6)

    def detect(image: frames.Image) -> list[_Box]:
        high, wide = image.shape[:2]
        detector.setInputSize((wide, high))
        rows = detector.detect(image)[1]
        boxes = [row[:4].round().astype(int).tolist() for row in (rows if rows is not None else [])]
        boxes.sort(key=lambda box: -box[3])
        return [(top, left + width, top + height, left) for left, top, width, height in boxes]

    def embed(image: frames.Image, found: Sequence[_Box]) -> list[np.ndarray]:
        rgb = np.ascontiguousarray(image[:, :, ::-1])
        return list(face_recognition.face_encodings(rgb, known_face_locations=list(found)))

    frames.look(options, detect, embed)


if __name__ == "__main__":
    _main()
