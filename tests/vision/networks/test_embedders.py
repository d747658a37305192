"""An embedder tells people apart and keeps one person together."""

import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faces.vision.networks import find_weights
from faces.vision.networks.embedders import ChipEmbedder
from faces.vision.networks.quantised import adds_bytes_exactly
from tests import material
from tests.vision.networks.faces_at_hand import chip_of, chips, portrait


def distance(one: str, other: str) -> float:
    """Between the faceprints of two portraits."""
    networks = material.networks()
    pair = [chip_of(portrait(name), networks.detector) for name in (one, other)]
    a, b = networks.embedder.embed(np.stack([chip for chip in pair if chip is not None]))
    return float(np.linalg.norm(a - b))


@pytest.mark.parametrize("other", ["obama2", "obama3"])
def test_two_photographs_of_one_person_are_near(other: str) -> None:
    assert distance("obama", other) < material.networks().embedding.auto


@pytest.mark.parametrize("other", ["biden", "grace_hopper", "astronaut"])
def test_two_people_are_far_apart(other: str) -> None:
    assert distance("obama", other) > material.networks().embedding.suggested


def test_a_batch_gives_what_single_chips_give() -> None:
    embedder = material.networks().embedder
    one_by_one = np.concatenate([embedder.embed(chip[None]) for chip in chips()])
    assert np.abs(embedder.embed(chips()) - one_by_one).max() < 1e-5


def embedder_with(**embedding: Any) -> ChipEmbedder:
    """The usual network by a passport that says otherwise what its vectors mean."""
    _, weights = find_weights(material.WEIGHTS_DIR, material.weights_folder())
    assert weights.passport.embedding is not None
    passport = replace(weights.passport, embedding=replace(weights.passport.embedding, **embedding))
    return ChipEmbedder(replace(weights, passport=passport))


def test_a_passport_scales_its_networks_vectors() -> None:
    plain = material.networks().embedder.embed(chips())
    assert np.allclose(embedder_with(scale=0.5).embed(chips()), plain / 2, atol=1e-5)


def test_vectors_whose_length_says_nothing_are_made_equally_long() -> None:
    plain = material.networks().embedder.embed(chips())
    told = embedder_with(metric="cosine", scale=0.4).embed(chips())
    assert np.linalg.norm(told, axis=1) == pytest.approx(0.4)
    cosines = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    assert np.allclose(told / 0.4, cosines, atol=1e-5)


def test_no_chips_are_no_faceprints() -> None:
    assert material.networks().embedder.embed(np.empty((0, 150, 150, 3), np.uint8)).shape == (0, 128)


@pytest.mark.parametrize(
    "chips", [np.zeros((1, 112, 112, 3), np.uint8), np.zeros((1, 150, 150, 3), np.float32)]
)
def test_it_refuses_chips_of_another_shape_or_type(chips: np.ndarray) -> None:
    with pytest.raises(ValueError, match="are not"):
        material.networks().embedder.embed(chips)


def test_in_eight_bits_a_faceprint_is_nearly_the_same() -> None:
    exact, quick = (networks().embedder for networks in (material.networks, material.networks_for_scans))
    off = np.linalg.norm(quick.embed(chips()) - exact.embed(chips()), axis=1)
    assert off.max() < 0.1  # two photographs of one person are .4 apart


@pytest.mark.parametrize(
    ("flags", "exactly"),
    [("sse4_2 avx2 fma", False), ("avx2 avx_vnni", True), ("avx512f avx512_vnni", True)],
)
def test_eight_bits_are_for_processors_that_add_bytes_exactly(
    tmp_path: Path, flags: str, exactly: bool
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: fpu {flags}\n")
    elsewhere = platform.machine() not in ("x86_64", "amd64")
    assert adds_bytes_exactly(cpuinfo) is (exactly or elsewhere)


def test_a_processor_that_says_nothing_of_itself_keeps_to_single_precision(tmp_path: Path) -> None:
    assert adds_bytes_exactly(tmp_path / "none") is (platform.machine() not in ("x86_64", "amd64"))
