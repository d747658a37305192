"""`manage.py faces_benchmark` on a small library: it finds what brute force finds, and leaves the user's alone."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection

from faces.benchmarks import scratch
from faces.benchmarks.figures import line, table
from faces.benchmarks.identity import Bench
from faces.models import Person, Track
from tests.commands.test_commands import manage, said_by


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_the_identity_engine_is_measured_in_a_database_of_its_own(
    transactional_db: None, tmp_path: Path
) -> None:
    kept = Person.objects.create(name="Grace", name_key="grace")
    own, before = connection.settings_dict["NAME"], databases()
    out, _ = manage(
        *("faces_benchmark", "identity", "--tracks", 2000, "--people", 50, "--runs", 1),
        *("--json", tmp_path / "figures.json"),
    )
    figures = json.loads((tmp_path / "figures.json").read_text())["2000"]
    recalls = {figure["name"]: figure["recall"] for figure in figures if figure["recall"] is not None}
    named = {name: recall for name, recall in recalls.items() if name.startswith("name by")}
    assert named == {f"name by {exemplars} of {exemplars + 5} tracks": 1.0 for exemplars in (1, 5, 20)}
    assert recalls["mere search by tracks_within"] == 1.0
    assert f"{own} is not touched" in out
    assert f"dropped the database {own}_benchmark" in out
    assert "| target | recall |" in out
    assert connection.settings_dict["NAME"] == own
    assert databases() == before
    assert list(Person.objects.all()) == [kept]
    assert not Track.objects.exists()


@pytest.mark.parametrize(("tracks", "missed"), [(1_000_000, True), (3_000_000, False)])
def test_a_target_is_missed_only_in_a_library_that_it_is_set_for(tracks: int, missed: bool) -> None:
    library: Any = SimpleNamespace(tracks=tracks)
    figure = Bench(library, print)._figure("name by 1 of 501 tracks", 500.0)
    figure.times_ms.append(900.0)
    assert figure.missed == missed
    assert ("MISSED" in line(figure)) == missed
    assert ("≤ 500.0 ms" in table({tracks: [figure]})) == missed


def test_an_interrupted_benchmark_drops_its_database(transactional_db: None) -> None:
    own, before = connection.settings_dict["NAME"], databases()

    def interrupted() -> None:
        with scratch.scratch_database(lambda line: None) as name:
            Person.objects.create(name="Grace", name_key="grace")
            assert name in databases()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert connection.settings_dict["NAME"] == own
    assert databases() == before
    assert not Person.objects.exists()


def test_a_size_that_is_no_number_is_refused(db: None) -> None:
    with pytest.raises(CommandError) as refused:
        manage("faces_benchmark", "identity", "--tracks", "many")
    assert "Nothing was done" in said_by(refused)
