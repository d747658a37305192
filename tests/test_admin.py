"""The administrators' look behind the page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from faces.models import Decision, Person, Scan, Unknown
from tests.library import ScannedLibrary

MODELS = (Scan, Person, Unknown, Decision)


@pytest.fixture
def administrator(client: Client, scanned_library: ScannedLibrary) -> Client:
    ada = User.objects.create_superuser("ada")
    person = Person.objects.create(name="Grace Hopper", name_key="grace hopper")
    Decision.objects.create(verdict="is", person=person, by=ada, by_name="ada")
    client.force_login(ada)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_it_shows_every_row_and_lets_nobody_write(administrator: Client, model: type[Scan]) -> None:
    where = f"admin:faces_{model._meta.model_name}"
    row = model._default_manager.get(pk=model._default_manager.latest("pk").pk)
    assert administrator.get(reverse(f"{where}_changelist")).status_code == 200
    assert administrator.get(reverse(f"{where}_change", args=[row.pk])).status_code == 200
    for address in (
        reverse(f"{where}_add"),
        reverse(f"{where}_change", args=[row.pk]),
        reverse(f"{where}_delete", args=[row.pk]),
    ):
        assert administrator.post(address, {}).status_code == 403
