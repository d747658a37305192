"""What is said at start-up of a site that cannot work."""

import pytest
from django.core import checks
from django.db import connection
from pytest_django.fixtures import Settings


def said(tag: str | None = None) -> list[str]:
    """The numbers of what the plugin finds wrong."""
    found = checks.run_checks(tags=[tag] if tag else None, databases=["default"])
    return [str(message.id) for message in found if str(message.id).startswith("faces.")]


@pytest.mark.django_db
def test_a_site_that_can_work_is_left_alone() -> None:
    assert said() == said(checks.Tags.database) == []


@pytest.mark.django_db
def test_a_database_without_pgvector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    assert said(checks.Tags.database) == ["faces.E002"]


def test_a_way_to_scan_that_is_none_is_named(settings: Settings) -> None:
    settings.FACES = settings.FACES | {"scan_mode": "hasty"}
    assert [message.id for message in checks.run_checks() if message.id == "faces.E003"] == ["faces.E003"]


def test_a_host_class_that_is_none_is_named(settings: Settings) -> None:
    settings.FACES = settings.FACES | {"host": "mam.assets.models.Asset"}
    assert [message.id for message in checks.run_checks() if message.id == "faces.E001"] == ["faces.E001"]
