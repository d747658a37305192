import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from faces.vision import MediaTooLarge, MediaUnreadable, NoFrames, poster, probe, read_photo, scan
from faces.vision.networks import Networks
from faces.vision.still import still
from tests import material
from tests.vision.test_photo import encoded
from tests.vision.tiny import pattern, write


@pytest.fixture(scope="module")
def networks() -> Networks:
    return material.networks()


def picture() -> PIL.Image.Image:
    return PIL.Image.fromarray(np.ascontiguousarray(pattern(7)[:, :, ::-1]))


@pytest.mark.parametrize(
    ("form", "media_type", "shown"),
    [
        ("JPEG", "image/jpeg", True),
        ("MPO", "image/jpeg", True),
        ("PNG", "image/png", True),
        ("WEBP", "image/webp", True),
        ("AVIF", "image/avif", True),
        ("BMP", "image/bmp", True),
        ("GIF", "image/gif", True),
        ("TIFF", "image/tiff", False),
    ],
)
def test_a_picture_is_one_frame_for_one_millisecond(form: str, media_type: str, shown: bool) -> None:
    info = probe(io.BytesIO(encoded(picture(), form)))
    assert (info.still, info.container, info.browser_playable) == (True, media_type, shown)
    assert (info.width, info.height, info.duration_ms, info.frame_rate) == (160, 90, 1, None)


def test_what_moves_is_no_still() -> None:
    for form in ("GIF", "PNG", "WEBP", "AVIF"):
        moving = encoded(picture(), form, save_all=True, append_images=[picture().rotate(90)])
        assert still(io.BytesIO(moving)) is None, form
    assert not probe(
        io.BytesIO(encoded(picture(), "GIF", save_all=True, append_images=[picture().rotate(90)]))
    ).still


def test_a_video_is_no_still_and_is_left_at_its_beginning(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", [(40 * i, pattern(1)) for i in range(5)])
    with path.open("rb") as file:
        assert still(file) is None
        assert file.tell() == 0
    assert not probe(path).still


def test_the_faces_of_a_picture_are_the_tracks_of_its_only_chunk(two_faces: Path, networks: Networks) -> None:
    (chunk,) = scan(two_faces, networks)
    assert (chunk.start_ms, chunk.end_ms, chunk.frame_times_ms.tolist(), chunk.last) == (0, 1, [0], True)
    assert [(t.shot, t.start_ms, t.end_ms, len(t.crops)) for t in chunk.tracks] == [(0, 0, 1, 1)] * 2
    left, right = sorted(chunk.tracks, key=lambda track: float(track.boxes.boxes[0, 0]))
    assert left.boxes.times_ms.tolist() == [0]
    assert float(np.linalg.norm(left.faceprint - right.faceprint)) > 0.6


def test_a_small_face_in_a_large_picture_is_found(networks: Networks) -> None:
    """At the size that videos are looked at, this face would have 11 pixels."""
    portrait = PIL.Image.open(material.portrait_path("obama")).convert("RGB").resize((140, 175))
    large = PIL.Image.new("RGB", (4800, 3200), (90, 90, 90))
    large.paste(portrait, (3000, 1500))
    (chunk,) = scan(io.BytesIO(encoded(large, "JPEG", quality=92)), networks)
    (track,) = chunk.tracks
    left, top, width, height = track.boxes.boxes[0]
    assert 3000 < left < left + width < 3140
    assert 1500 < top < top + height < 1675


def test_a_turned_picture_is_scanned_and_shown_upright(networks: Networks) -> None:
    photo = PIL.Image.open(material.portrait_path("grace_hopper")).convert("RGB")
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    lying = encoded(photo.rotate(90, expand=True), "JPEG", exif=exif)
    info = probe(io.BytesIO(lying))
    assert (info.width, info.height) == photo.size
    (chunk,) = scan(io.BytesIO(lying), networks)
    assert len(chunk.tracks) == 1
    shown = read_photo(poster(io.BytesIO(lying), width=100))
    assert shown.shape[1] == 100
    assert shown.shape[0] == pytest.approx(100 * photo.height / photo.width, abs=1)


def test_a_scan_that_goes_on_behind_a_picture_has_nothing_to_add(two_faces: Path, networks: Networks) -> None:
    (rest,) = scan(two_faces, networks, start_ms=1)
    assert (rest.start_ms, rest.end_ms, len(rest.frame_times_ms), rest.tracks, rest.last) == (
        1,
        1,
        0,
        (),
        True,
    )


def png_of(width: int, height: int) -> bytes:
    """A PNG that says to have that size, and has hardly any bytes."""

    def part(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000), (40_000, 10), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused(size: tuple[int, int], networks: Networks) -> None:
    content = png_of(*size)
    for look in (probe, poster, lambda file: next(scan(file, networks))):
        with pytest.raises((MediaTooLarge, MediaUnreadable)):
            look(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_picture_that_is_cut_off_is_refused(form: str, share: float, networks: Networks) -> None:
    noise = PIL.Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    content = encoded(noise, form)
    with pytest.raises((MediaUnreadable, NoFrames), match="again"):
        next(scan(io.BytesIO(content[: int(len(content) * share)]), networks))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "BMP", "GIF", "TIFF", "MPO"])
def test_a_damaged_picture_is_read_or_refused_and_breaks_nothing(form: str) -> None:
    random = np.random.default_rng(5)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    whole = np.frombuffer(encoded(picture(), form, exif=exif), np.uint8)
    for _ in range(150):
        damaged = whole.copy()
        damaged[random.integers(0, len(whole), random.integers(1, 8))] = random.integers(0, 256)
        try:
            still(io.BytesIO(damaged.tobytes()))
        except (MediaUnreadable, MediaTooLarge):
            continue


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_picture_in_heic_is_refused_with_what_to_do(brand: bytes) -> None:
    with pytest.raises(MediaUnreadable, match="save it as JPEG"):
        probe(io.BytesIO(b"\x00\x00\x00\x18ftyp" + brand + bytes(4) + b"mif1heic" + bytes(2000)))
