"""Our conversion of dlib's network says what dlib itself says."""

import hashlib

import dlib
import numpy as np
import pytest

from faces.vision.networks import Manifest
from faces.vision.networks.dlib_resnet import NotDlibResnet, convert
from tests import material
from tests.vision.networks.faces_at_hand import PORTRAITS, chips

EMBEDDER = Manifest.load().named("dlib-resnet-v1")


@pytest.fixture(scope="module")
def dat() -> bytes:
    """dlib's own file."""
    return material.dlib_dat().read_bytes()


def test_it_agrees_with_dlib_on_real_chips() -> None:
    theirs = dlib.face_recognition_model_v1(str(material.dlib_dat()))
    expected = [
        np.array(theirs.compute_face_descriptor(np.ascontiguousarray(c[:, :, ::-1]))) for c in chips()
    ]
    ours = material.networks().embedder.embed(chips())
    assert len(ours) >= len(PORTRAITS)
    assert np.abs(ours - expected).max() < 1e-5


def test_it_writes_the_file_that_the_manifest_pins(dat: bytes) -> None:
    onnx = convert(dat)
    assert (len(onnx), hashlib.sha256(onnx).hexdigest()) == (EMBEDDER.size, EMBEDDER.sha256)


@pytest.mark.parametrize("damage", [b"", b"\x01\x01", b"PK\x03\x04" * 100, bytes(1000)])
def test_it_refuses_what_is_not_dlibs_network(damage: bytes) -> None:
    with pytest.raises(NotDlibResnet):
        convert(damage)


def test_it_refuses_a_file_that_was_cut_short(dat: bytes) -> None:
    with pytest.raises(NotDlibResnet, match="the end of the file"):
        convert(dat[:-1])


def test_it_refuses_a_file_that_goes_on(dat: bytes) -> None:
    with pytest.raises(NotDlibResnet):
        convert(dat + b"\x01\x02")
