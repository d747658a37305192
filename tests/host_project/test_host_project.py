"""The plugin in a second site: another asset model, integer keys, nothing declared for it, its own addresses."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests import material

DATABASE = "second_site"


@pytest.fixture(scope="module")
def conninfo() -> Iterator[str]:
    """An empty database of its own on the tests' server."""
    name = sql.Identifier(DATABASE)
    with psycopg.connect(settings.CONNINFO, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield make_conninfo(settings.CONNINFO, dbname=DATABASE)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="module")
def told(conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the second site's own process tells."""
    material.networks()  # on this machine, so that the site finds them
    run = subprocess.run(
        [sys.executable, "-m", "tests.host_project.story", material.sample_videos()[1].path],
        cwd=material.CHECKOUT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.host_project.settings",
            "ARCHIVE_CONNINFO": conninfo,
            "ARCHIVE_HOME": str(tmp_path_factory.mktemp("archive")),
            "ARCHIVE_WEIGHTS": str(material.WEIGHTS_DIR),
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def test_it_scans_a_film(told: dict[str, Any]) -> None:
    shots = material.sample_videos()[1].truth["shots"]
    assert [(track["start_ms"], track["end_ms"]) for track in told["tracks"]] == [
        (shot["start_ms"], shot["end_ms"]) for shot in shots for _ in shot["people"]
    ]
    assert {track["asset"] for track in told["tracks"]} == {"1"}
    assert told["tracks"][0]["thumbnail"].startswith("/archive/who/tracks/")
    assert told["thumbnail"] == "image/jpeg"


def test_it_names_an_unknown_and_exports(told: dict[str, Any]) -> None:
    (seen,) = (
        person
        for person in material.sample_videos()[1].truth["people"]
        if person["person"] == "eileen_collins"
    )
    assert told["named"]["person"]["name"] == "Eileen Collins"
    assert told["named"]["changed"] == {"tracks": 3, "appearances": 3, "assets": 1}
    assert told["exported"]["complete"] is True
    (face,) = (face for face in told["exported"]["faces"] if face["name"] == "Eileen Collins")
    assert [[shown["start_ms"], shown["end_ms"]] for shown in face["instances"]] == seen["intervals"]
    (found,) = told["found"]
    assert found["asset"]["title"] == "Film: Space"
    assert found["asset"]["duration_ms"] == material.sample_videos()[1].truth["duration_ms"]
    assert [[moment["start_ms"], moment["end_ms"]] for moment in found["moments"]] == seen["intervals"]
    assert [decision["id"] for decision in told["asset_of_activity"]] == [told["named"]["id"]]


def test_it_answers_in_the_contracts_forms_whatever_the_sites_rest_settings_are(told: dict[str, Any]) -> None:
    assert told["anonymous"][1:] == ["application/problem+json", "not-authenticated"]
    assert told["anonymous"][0] in (401, 403)  # as the site's own way to log in has it
    assert told["csv"] == "text/csv; charset=utf-8"
    assert told["no_film"] == [[404, "application/problem+json"]] * 4
    assert told["nonsense"] == "unsayable"


def test_nothing_of_dramatis_own_site_is_needed(told: dict[str, Any]) -> None:
    assert told["modules_of_mam"] == []


def test_a_deleted_film_leaves_nobody_behind(told: dict[str, Any]) -> None:
    assert told["left"] == []
