"""How near faces lie to faces in general, without a database."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from faces.identity.crowding import Crowding, CrowdingUnreadable
from faces.vision import faces_in_photo, read_photo
from tests import material
from tests.benchmarks.crowding import FILE, document, fitted
from tests.benchmarks.pack import Pack

CROWDING = Crowding.load(FILE)


def faceprints(n: int, seed: int = 0) -> NDArray[np.float32]:
    """As the function knows them: around its mean, as wide as the cohort was along each of its axes."""
    rng = np.random.default_rng(seed)
    along = rng.normal(size=(n, len(CROWDING.axes))) * np.sqrt(CROWDING.variances)
    rest = rng.normal(size=(n, len(CROWDING.mean)))
    rest -= rest @ CROWDING.axes.T @ CROWDING.axes
    rest *= np.sqrt(max(CROWDING.scatter - CROWDING.variances.sum(), 0) / (rest**2).sum(axis=1).mean())
    return (CROWDING.mean + along @ CROWDING.axes + rest).astype(np.float32)


def test_its_mean_over_the_people_it_was_fitted_to_is_zero() -> None:
    """Points that lie both ways from the mean along each axis, and beside all axes, as far as the cohort did."""
    beside = np.eye(len(CROWDING.mean))[0]
    beside -= beside @ CROWDING.axes.T @ CROWDING.axes
    beside /= np.linalg.norm(beside)
    directions = np.vstack([CROWDING.axes, beside])
    lengths = np.append(CROWDING.variances, CROWDING.scatter - CROWDING.variances.sum())
    ways = directions * np.sqrt(len(lengths) * lengths)[:, None]
    uncut = Crowding.of_document(document(CROWDING) | {"lowest": -9, "highest": 9})
    points = np.concatenate([CROWDING.mean + ways, CROWDING.mean - ways]).astype(np.float32)
    assert abs(float(uncut.of(points).mean())) < 0.002


def test_a_fitted_function_is_centred_and_survives_rounding() -> None:
    vectors = faceprints(300)
    pack = Pack(
        names=np.array([f"person {i}" for i in range(300)]),
        people=np.arange(300),
        pictures=np.zeros(300, np.int64),
        vectors=vectors,
        qualities=np.ones(300, np.float32),
    )
    function = fitted(pack)
    assert abs(float(function.of(vectors).mean())) < 1e-3
    stored = Crowding.of_document(json.loads(json.dumps(document(function))))
    assert np.abs(stored.of(vectors) - function.of(vectors)).max() < 2e-3


def test_half_precision_changes_next_to_nothing() -> None:
    vectors = faceprints(2000)
    halved = vectors.astype(np.float16)
    assert np.abs(CROWDING.of(vectors) - CROWDING.of(halved.astype(np.float32))).max() < 1e-3
    assert np.array_equal(CROWDING.of(halved.astype(np.float32)), CROWDING.of(halved))


def test_a_faceprint_gets_the_same_alone_and_among_others() -> None:
    vectors = faceprints(64)
    together = CROWDING.of(vectors)
    assert together.dtype == np.float32
    assert together.tolist() == [CROWDING.of(vector[None])[0] for vector in vectors]
    assert CROWDING.of(vectors[:0]).shape == (0,)


def test_what_no_face_can_be_is_cut_off() -> None:
    far = np.full((1, len(CROWDING.mean)), 100, np.float32)
    assert CROWDING.lowest - 1e-5 <= float(CROWDING.of(far)[0]) <= CROWDING.highest + 1e-5


def test_a_person_of_one_exemplar_is_as_crowded_as_the_exemplar() -> None:
    vectors = faceprints(16)
    assert np.allclose(CROWDING.of_points(vectors, np.zeros(16)), CROWDING.of(vectors), atol=2e-5)


def test_a_spread_moves_a_person_away_from_everybody() -> None:
    vectors = faceprints(16)
    assert (CROWDING.of_points(vectors, np.full(16, 0.05)) > CROWDING.of(vectors)).all()


def test_real_faces_lie_within_what_the_cohort_showed() -> None:
    networks = material.networks()
    (face,) = faces_in_photo(read_photo(material.portrait_path("obama").read_bytes()), networks)
    assert CROWDING.lowest < float(CROWDING.of(face.faceprint[None])[0]) < CROWDING.highest


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text(FILE.read_text()[:500])
    with pytest.raises(CrowdingUnreadable, match=r"damaged\.json"):
        Crowding.load(damaged)
