"""What happens to pictures of faces, done to photographs: hidden, blurred, noisy, drawn over, turned, pressed small.

Everything is drawn relative to the face: its box and its five landmarks (eyes, nose, corners of the mouth, in the order
of the picture's left to right), so that faces of any size are damaged alike. What is drawn, sunglasses, beard and face
paint, stands in for the real thing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from faces.vision import PhotoFace
from faces.vision.images import Image

Damage = Callable[[Image, PhotoFace], Image]


def _copy(function: Callable[[Image, PhotoFace], object]) -> Damage:
    """A damage that draws onto the picture it is given."""

    def drawn(image: Image, face: PhotoFace) -> Image:
        canvas = image.copy()
        function(canvas, face)
        return canvas

    return drawn


def _corners(face: PhotoFace) -> tuple[int, int, int, int]:
    left, top, width, height = face.box
    return round(left), round(top), round(left + width), round(top + height)


def _point(point: NDArray[np.float32]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _turned(image: Image, face: PhotoFace, degrees: int) -> Image:
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(image, degrees // 90))
    high, wide = image.shape[:2]
    left, top, width, height = (float(value) for value in face.box)
    matrix = cv2.getRotationMatrix2D((left + width / 2, top + height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _side_hidden(image: Image, face: PhotoFace) -> None:
    left, top, right, bottom = _corners(face)
    middle = round(float(face.landmarks[2, 0]))
    image[max(top - (bottom - top) // 4, 0) : bottom, max(left - (right - left) // 4, 0) : middle] = 90


def _below_hidden(image: Image, face: PhotoFace) -> None:
    left, _, right, bottom = _corners(face)
    image[round(float(face.landmarks[2, 1])) : bottom, max(left, 0) : right] = (170, 140, 110)


def _cut_off(image: Image, face: PhotoFace) -> Image:
    return np.ascontiguousarray(image[:, round(float(face.landmarks[2, 0])) :])


def _blurred(image: Image, face: PhotoFace, share: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), share * float(face.box[3])), np.uint8)


def _moved(image: Image, face: PhotoFace, share: float) -> Image:
    length = max(3, round(share * float(face.box[3])))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)


def _noisy(image: Image, _: PhotoFace, deviation: float) -> Image:
    noise = np.random.default_rng(0).normal(0, deviation, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _dark(image: Image, face: PhotoFace) -> Image:
    return _noisy((image * 0.15).astype(np.uint8), face, 4)


def _grey(image: Image, _: PhotoFace) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _small(image: Image, face: PhotoFace, height_px: int) -> Image:
    scale = height_px / float(face.box[3])
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(image: Image, _: PhotoFace, quality: int) -> Image:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _x264(image: Image, _: PhotoFace, crf: int) -> Image:
    """A key frame of a video coded like that."""
    file = io.BytesIO()
    even = np.ascontiguousarray(image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2])
    with av.open(file, "w", format="matroska") as video:
        stream = video.add_stream("libx264", rate=25, options={"crf": str(crf), "preset": "medium"})
        stream.height, stream.width, stream.pix_fmt = *even.shape[:2], "yuv420p"
        frame = av.VideoFrame.from_ndarray(even, format="bgr24")
        frame.pict_type = PictureType.NONE
        video.mux(stream.encode(frame))
        video.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as coded:
        return np.asarray(next(coded.decode(video=0)).to_ndarray(format="bgr24"), np.uint8)


def _sunglasses(image: Image, face: PhotoFace) -> None:
    eyes, apart = face.landmarks[:2], float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
    for eye in eyes:
        cv2.ellipse(
            image, _point(eye), (round(0.42 * apart), round(0.32 * apart)), 0, 0, 360, (15, 15, 15), -1
        )
    cv2.line(image, _point(eyes[0]), _point(eyes[1]), (15, 15, 15), max(2, round(0.1 * apart)))


def _spectacles(image: Image, face: PhotoFace) -> None:
    eyes, apart = face.landmarks[:2], float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
    thick = max(1, round(0.05 * apart))
    for eye in eyes:
        cv2.ellipse(
            image, _point(eye), (round(0.38 * apart), round(0.3 * apart)), 0, 0, 360, (20, 25, 30), thick
        )
    inner = [eye + side * 0.38 * (eyes[1] - eyes[0]) for eye, side in zip(eyes, (1, -1), strict=True)]
    cv2.line(image, _point(inner[0]), _point(inner[1]), (20, 25, 30), thick)


def _text(image: Image, face: PhotoFace) -> None:
    left, top, right, bottom = _corners(face)
    size = (right - left) / 150
    for share in (0.45, 0.75):
        place = (left - (right - left) // 4, round(top + share * (bottom - top)))
        cv2.putText(
            image, "BREAKING NEWS", place, cv2.FONT_HERSHEY_DUPLEX, size, (255, 255, 255), 2, cv2.LINE_AA
        )


def _mixed(image: Image, mask: NDArray[np.uint8], colour: NDArray[np.float64], strength: float) -> None:
    soft = cv2.GaussianBlur(mask, (0, 0), 2)[:, :, None] / 255 * strength
    image[:] = (image * (1 - soft) + colour * soft).astype(np.uint8)


def _beard(image: Image, face: PhotoFace) -> None:
    left, _, right, bottom = _corners(face)
    _, _, nose, *mouth = face.landmarks
    mask = np.zeros(image.shape[:2], np.uint8)
    lip = float(np.mean([corner[1] for corner in mouth]))
    outline = [
        [left, nose[1]],
        [left + 0.18 * (right - left), (nose[1] + lip) / 2],
        [nose[0], (nose[1] + lip) / 2],
    ]
    outline += [[right - 0.18 * (right - left), (nose[1] + lip) / 2], [right, nose[1]]]
    outline += [[right - 0.15 * (right - left), bottom], [left + 0.15 * (right - left), bottom]]
    cv2.fillPoly(mask, [np.array(outline).astype(np.int32)], 255)
    cv2.ellipse(
        mask,
        _point(np.mean(mouth, axis=0)),
        (round(0.5 * abs(float(mouth[1][0] - mouth[0][0]))), max(2, round(0.06 * (bottom - float(nose[1]))))),
        0, 0, 360, 0, -1,
    )  # fmt: skip
    hair = np.random.default_rng(0).normal(35, 18, (*image.shape[:2], 1)).clip(0, 255) * [0.8, 0.9, 1.0]
    _mixed(image, mask, hair, 0.9)


def _paint(image: Image, face: PhotoFace) -> None:
    """Stripes of three colours, through which the skin is seen a little."""
    left, top, right, bottom = _corners(face)
    mask = np.zeros(image.shape[:2], np.uint8)
    middle, half = ((left + right) // 2, (top + bottom) // 2), ((right - left) // 2, (bottom - top) // 2)
    cv2.ellipse(mask, middle, half, 0, 0, 360, 255, -1)
    colours = np.array([(40, 40, 200), (240, 240, 240), (180, 80, 20)], np.float64)
    stripes = (np.arange(image.shape[1]) - left) * 6 // max(right - left, 1) % 3
    _mixed(image, mask, np.broadcast_to(colours[stripes], image.shape), 0.65)


DAMAGES: Mapping[str, Damage] = {
    "nothing": lambda image, _: image,
    "mirrored": lambda image, _: np.ascontiguousarray(image[:, ::-1]),
    "turned by 15°": partial(_turned, degrees=15),
    "turned by 30°": partial(_turned, degrees=30),
    "turned by 45°": partial(_turned, degrees=45),
    "turned by 90°": partial(_turned, degrees=90),
    "upside down": partial(_turned, degrees=180),
    "half the face hidden, left of the nose": _copy(_side_hidden),
    "half the face outside the picture": _cut_off,
    "hidden below the nose, like a mask": _copy(_below_hidden),
    "out of focus, 4 % of the face": partial(_blurred, share=0.04),
    "out of focus, 8 %": partial(_blurred, share=0.08),
    "moved by 15 % of the face": partial(_moved, share=0.15),
    "noise, deviation 25": partial(_noisy, deviation=25),
    "noise, deviation 50": partial(_noisy, deviation=50),
    "low light": _dark,
    "grey": _grey,
    "face 40 px tall": partial(_small, height_px=40),
    "face 24 px tall": partial(_small, height_px=24),
    "JPEG of quality 10": partial(_jpeg, quality=10),
    "x264, crf 40": partial(_x264, crf=40),
    "x264, crf 48": partial(_x264, crf=48),
    "text over the face": _copy(_text),
    "sunglasses, drawn": _copy(_sunglasses),
    "spectacles, drawn": _copy(_spectacles),
    "beard, drawn": _copy(_beard),
    "face paint, drawn": _copy(_paint),
}
