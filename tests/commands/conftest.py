import shutil
from collections.abc import Callable

import pytest
from django.conf import settings

from tests import material


@pytest.fixture
def sample_pictures() -> Callable[[], None]:
    """Puts the portraits, which the tests have fetched already, where the site keeps them."""

    def put() -> None:
        material.portraits()
        shutil.copytree(material.MATERIAL / "portraits", settings.HOME / "samples", dirs_exist_ok=True)

    return put
