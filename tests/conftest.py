"""What tests of every part share.

scanned_library     the three sample videos in the database, scanned by the real networks, nobody named; gone after
                    the test with everything it did. Scanning happens once a run, so ask for it freely.
committed_library   the same, committed, for tests that come with several connections (threads, other processes)
chaos_seconds       how long a test that is marked `chaos` goes on: `make chaos SECONDS=60`
chaos_seed          what such a test draws its lots from: `make chaos SEED=…` repeats them
two_faces           one picture of Barack Obama and, smaller, Joe Biden
"""

import random
from pathlib import Path

import cv2
import pytest
from pytest_django import DjangoDbBlocker

from tests import material
from tests.library import ScannedLibrary, scan_the_samples


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds", type=float, default=60, help="how long each test marked chaos goes on")
    parser.addoption("--seed", type=int, help="of what tests marked chaos draw by lot; printed by each")


@pytest.fixture
def chaos_seconds(pytestconfig: pytest.Config) -> float:
    return float(pytestconfig.getoption("--seconds"))


@pytest.fixture
def chaos_seed(pytestconfig: pytest.Config) -> int:
    given = pytestconfig.getoption("--seed")
    return random.randrange(2**32) if given is None else int(given)


@pytest.fixture(scope="session")
def _scanned_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> ScannedLibrary:
    with django_db_blocker.unblock():
        return scan_the_samples()


@pytest.fixture
def scanned_library(_scanned_once: ScannedLibrary, db: None) -> ScannedLibrary:
    _scanned_once.restore()
    return _scanned_once


@pytest.fixture
def committed_library(_scanned_once: ScannedLibrary, transactional_db: None) -> ScannedLibrary:
    _scanned_once.restore()
    return _scanned_once


@pytest.fixture
def two_faces(tmp_path: Path) -> Path:
    left, right = (cv2.imread(str(material.portrait_path(name))) for name in ("obama", "biden"))
    assert left is not None
    assert right is not None
    path = tmp_path / "both.jpg"
    cv2.imwrite(str(path), cv2.hconcat([cv2.resize(left, (500, 600)), cv2.resize(right, (300, 600))]))
    return path
