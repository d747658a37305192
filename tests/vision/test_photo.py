import io

import cv2
import numpy as np
import PIL.Image
import pytest

from faces.vision import MediaTooLarge, Networks, PhotoUnreadable, faces_in_photo, read_photo
from tests import material


def encoded(image: PIL.Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def scaled(name: str, longest_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    photo = read_photo(material.portrait_path(name).read_bytes())
    scale = longest_px / max(photo.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how), np.uint8)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "BMP", "GIF", "TIFF"])
def test_it_reads_the_usual_formats_as_bgr(form: str) -> None:
    image = read_photo(encoded(PIL.Image.new("RGB", (40, 20), (250, 120, 10)), form))
    assert image.shape == (20, 40, 3)
    assert np.abs(image[10, 10].astype(int) - [10, 120, 250]).max() < 12


def test_it_turns_a_photograph_upright() -> None:
    photo = PIL.Image.new("RGB", (40, 20))
    photo.putpixel((0, 0), (255, 255, 255))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    image = read_photo(encoded(photo, "PNG", exif=exif))
    assert image.shape == (40, 20, 3)
    assert image[0, 19].tolist() == [255, 255, 255]


@pytest.mark.parametrize("content", [b"", b"no picture", b"GIF89a", b"\xff\xd8\xff\xe0" + bytes(64)])
def test_it_refuses_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(PhotoUnreadable, match="Nothing was stored"):
        read_photo(content)


def test_it_refuses_a_picture_that_would_fill_the_memory() -> None:
    with pytest.raises(MediaTooLarge, match="smaller copy"):
        read_photo(encoded(PIL.Image.new("1", (30_000, 30_000)), "PNG"))


@pytest.mark.parametrize("longest_px", [100, 640, 4000])
def test_it_finds_the_same_face_at_any_size(longest_px: int) -> None:
    networks = material.networks()
    (usual, *_) = faces_in_photo(scaled("obama", 800), networks)
    (face, *_) = faces_in_photo(scaled("obama", longest_px), networks)
    assert np.linalg.norm(face.faceprint - usual.faceprint) < 0.45
    assert face.chip.shape == (150, 150, 3)
    assert face.portrait.shape == (192, 192, 3)


def test_it_gives_the_largest_face_first() -> None:
    small, large = scaled("biden", 400), scaled("obama", 800)
    canvas = np.full((1000, 1400, 3), 90, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    canvas[-large.shape[0] :, -large.shape[1] :] = large
    faces = faces_in_photo(canvas, material.networks())
    assert len(faces) == 2
    assert faces[0].box[0] > faces[1].box[0]


def test_it_finds_nobody_where_nobody_is() -> None:
    assert faces_in_photo(np.full((300, 300, 3), 128, np.uint8), material.networks()) == []


def networks_that_tell_how_it_lies() -> Networks:
    networks = material.networks()
    if not networks.detector.surest_upright:
        pytest.skip("YUNET IS NOT TESTED: the detector that stands in cannot tell how a photograph lies")
    return networks


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_it_knows_faces_of_a_photograph_that_lies_on_its_side_or_on_its_head(quarters: int) -> None:
    networks, photo = networks_that_tell_how_it_lies(), scaled("obama", 800)
    (usual, *_) = faces_in_photo(photo, networks)
    lying = np.ascontiguousarray(np.rot90(photo, quarters))
    (face,) = faces_in_photo(lying, networks)
    assert np.linalg.norm(face.faceprint - usual.faceprint) < 0.01
    assert np.abs(face.portrait.astype(int) - usual.portrait).mean() < 1
    eyes, of_usual = (found.landmarks[1] - found.landmarks[0] for found in (face, usual))
    turned_by = np.degrees(np.arctan2(*of_usual[::-1]) - np.arctan2(*eyes[::-1]))
    assert turned_by % 360 == pytest.approx(90 * quarters, abs=1)
    size = usual.box[2:][::-1] if quarters % 2 else usual.box[2:]
    assert face.box[2:] == pytest.approx(size, abs=1)
    assert (face.landmarks > face.box[:2]).all()
    assert (face.landmarks < face.box[:2] + face.box[2:]).all()


def knows_it_tilted(degrees: int, networks: Networks) -> None:
    photo = scaled("obama", 800)
    (usual, *_) = faces_in_photo(photo, networks)
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.7)
    turned = np.asarray(cv2.warpAffine(photo, turn, (width, height)), np.uint8)
    (tilted, *_) = faces_in_photo(turned, networks)
    assert np.linalg.norm(tilted.faceprint - usual.faceprint) < 0.3
    where_they_were = usual.landmarks @ turn[:, :2].T + turn[:, 2]
    eyes = np.linalg.norm(where_they_were[1] - where_they_were[0])
    assert np.linalg.norm(tilted.landmarks - where_they_were, axis=1).max() < 0.3 * eyes


@pytest.mark.parametrize("degrees", [-50, -30, 30, 50])
def test_it_knows_a_face_that_is_tilted(degrees: int) -> None:
    knows_it_tilted(degrees, material.networks())


@pytest.mark.parametrize("degrees", [-110, -70, 70, 150])
def test_it_knows_a_face_that_is_tilted_by_any_angle(degrees: int) -> None:
    knows_it_tilted(degrees, networks_that_tell_how_it_lies())
