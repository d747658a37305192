import pytest

from tests.identity.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()
