"""The weights are fetched when they are missing, and a lesser detector steps in with a notice."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from faces.vision.errors import WeightsUnavailable
from faces.vision.networks import Manifest, Passport, Source, ensure_weights, find_weights
from tests import material

YUNET, CENTERFACE = Manifest.load().of_role("detector")
(EMBEDDER,) = Manifest.load().of_role("embedder")


def passport(like: Passport, content: bytes, *sources: Path) -> Passport:
    """The passport of a file with that content, to be had from those paths."""
    size, sha256 = len(content), hashlib.sha256(content).hexdigest()
    return replace(
        like,
        size=size,
        sha256=sha256,
        sources=tuple(Source(url=path.as_uri(), size=size, sha256=sha256) for path in sources),
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with a file for each network, for manifests to point at."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in ("best", "lesser", "embedder"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def manifest(shelf: Path) -> Manifest:
    return Manifest(
        (
            passport(YUNET, b"best", shelf / "best"),
            passport(CENTERFACE, b"lesser", shelf / "lesser"),
            passport(EMBEDDER, b"embedder", shelf / "embedder"),
        )
    )


def test_it_fetches_the_preferred_detector_and_the_embedder(manifest: Manifest, tmp_path: Path) -> None:
    detector, embedder = ensure_weights(tmp_path / "weights", manifest=manifest)
    assert (detector.path.read_bytes(), embedder.path.read_bytes()) == (b"best", b"embedder")
    assert {path.name for path in (tmp_path / "weights").glob("*.onnx")} == {YUNET.file, EMBEDDER.file}


def test_a_lesser_detector_steps_in_with_one_notice(manifest: Manifest, shelf: Path, tmp_path: Path) -> None:
    (shelf / "best").unlink()
    notices: list[str] = []
    detector, _ = ensure_weights(tmp_path / "weights", manifest=manifest, on_notice=notices.append)
    assert detector.passport.name == CENTERFACE.name
    (notice,) = notices
    assert YUNET.file in notice


def test_it_does_not_ask_again_for_the_better_one_at_every_start(
    manifest: Manifest, shelf: Path, tmp_path: Path
) -> None:
    (shelf / "best").unlink()
    ensure_weights(tmp_path / "weights", manifest=manifest)
    (shelf / "best").write_bytes(b"best")
    notices: list[str] = []
    detector, _ = ensure_weights(tmp_path / "weights", manifest=manifest, on_notice=notices.append)
    assert (detector.passport.name, notices) == (CENTERFACE.name, [])


def test_it_asks_again_when_told_to_reconsider(manifest: Manifest, shelf: Path, tmp_path: Path) -> None:
    (shelf / "best").unlink()
    ensure_weights(tmp_path / "weights", manifest=manifest)
    (shelf / "best").write_bytes(b"best")
    detector, _ = ensure_weights(tmp_path / "weights", manifest=manifest, reconsider=True)
    assert detector.passport.name == YUNET.name


def test_a_file_in_the_given_folder_is_preferred_to_a_lesser_detector(
    manifest: Manifest, shelf: Path, tmp_path: Path
) -> None:
    (shelf / "best").unlink()
    ensure_weights(tmp_path / "weights", manifest=manifest)
    (shelf / YUNET.file).write_bytes(b"best")
    detector, _ = ensure_weights(tmp_path / "weights", shelf, manifest=manifest)
    assert detector.passport.name == YUNET.name


def test_without_any_detector_it_says_what_to_do(manifest: Manifest, shelf: Path, tmp_path: Path) -> None:
    (shelf / "best").unlink()
    (shelf / "lesser").unlink()
    with pytest.raises(WeightsUnavailable, match="No detector can be had") as failed:
        ensure_weights(tmp_path / "weights", manifest=manifest)
    assert failed.value.code == "weights-missing"
    assert YUNET.file in str(failed.value)


def test_finding_fetches_nothing(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="faces_fetch_weights"):
        find_weights(tmp_path / "weights", manifest=manifest)
    assert not (tmp_path / "weights").exists()


def test_a_damaged_file_is_as_good_as_none(manifest: Manifest, tmp_path: Path) -> None:
    _, embedder = ensure_weights(tmp_path / "weights", manifest=manifest)
    embedder.path.write_bytes(b"damaged!")
    with pytest.raises(WeightsUnavailable):
        find_weights(tmp_path / "weights", manifest=manifest)


def test_a_converted_network_can_be_made_from_the_given_folder(tmp_path: Path) -> None:
    only_dlib = Manifest((passport(CENTERFACE, b"lesser"), EMBEDDER))
    folder, weights_dir = tmp_path / "folder", tmp_path / "weights"
    folder.mkdir()
    (folder / CENTERFACE.file).write_bytes(b"lesser")
    (folder / material.dlib_dat().name).symlink_to(material.dlib_dat())
    _, embedder = ensure_weights(weights_dir, folder, manifest=only_dlib)
    assert embedder.path == weights_dir / EMBEDDER.file
    assert [path.name for path in weights_dir.iterdir() if path.suffix != ".lock"] == [EMBEDDER.file]


def test_it_loads_the_networks_and_says_what_they_run_on() -> None:
    networks = material.networks()
    assert networks.embedder.name == "dlib-resnet-v1"
    assert networks.provider in ("CPU", "CUDA", "MIGraphX", "ROCM", "OpenVINO", "Dml")
