from typing import Any

import pytest

from tests import second_network


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The manifest knows the second network."""
    second_network.installed(monkeypatch, settings)
