"""`manage.py up`, the whole site: started, damaged, stopped."""

import os
import pty
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from celery import Celery

from mam.embedded.broker import broker_transport_options, broker_url
from mam.embedded.postgres import EmbeddedPostgres
from tests import material
from tests.site import PATIENCE_S, Site, eventually, processes_of, start


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site") / "home").ready()
    try:
        yield site
    finally:
        site.process.kill()
        site.process.wait()


def test_it_says_the_administrator_s_password_once_and_that_it_is_ready(site: Site) -> None:
    assert sum("administrator: admin, password: " in line for line in site.said) == 1
    assert site.status() == 200


def test_a_second_one_on_the_same_home_says_who_is_there(site: Site) -> None:
    second = start(site.home)
    said, _ = second.communicate()
    assert second.returncode != 0
    assert f"already running in {site.home} (process {site.process.pid})" in said
    assert len(said.splitlines()) == 1


def test_a_port_in_use_is_said_in_one_line(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = start(home, "--port", str(port))
        said, _ = other.communicate()
    assert other.returncode != 0
    assert f"Port {port} cannot be used" in said
    assert f"PORT={port + 1} make run" in said
    assert len(said.splitlines()) == 1


def test_a_killed_database_comes_back_and_web_and_worker_with_it(site: Site) -> None:
    site.find("--cluster_name=dramatis").kill()
    site.hear("the database ended; starting it again")
    eventually(lambda: site.status() == 200)
    conninfo = EmbeddedPostgres(site.home).dsn()
    give_the_worker_a_task(conninfo)
    eventually(lambda: open_tasks(conninfo) == 0)


def test_a_database_that_cannot_start_is_tried_again(site: Site) -> None:
    version = site.home / "postgres" / "PG_VERSION"
    right = version.read_text()
    version.write_text("0")
    site.find("--cluster_name=dramatis").kill()
    site.hear("was written by Postgres 0.*; trying again in 1 s")
    version.write_text(right)
    eventually(lambda: site.status() == 200)


def test_a_killed_worker_and_web_server_are_replaced(site: Site) -> None:
    for name, word in (("worker", "celery"), ("web", "gunicorn")):
        killed = site.find(word)
        killed.kill()
        site.hear(f"{name} ended \\(signal 9\\)")
    eventually(lambda: site.status() == 200)


def test_an_upload_in_parts_goes_on_where_a_killed_web_server_left_it(site: Site) -> None:
    api = site.api()
    content = bytes(range(256)) * 4000
    where = api.call("POST", "/uploads/", {"Upload-Length": str(len(content))}).headers["Location"]
    api.call("PATCH", where, {"Upload-Offset": "0"}, content[:300_000])
    site.find("gunicorn").kill()
    site.hear("web ended \\(signal 9\\)")
    eventually(lambda: site.status() == 200)
    assert api.call("HEAD", where).headers["Upload-Offset"] == "300000"
    last = api.call("PATCH", where, {"Upload-Offset": "300000"}, content[300_000:])
    asset = last.headers["Dramatis-Asset"]
    assert api.get(f"assets/{asset}/media").content == content


def test_ctrl_c_stops_every_process(site: Site) -> None:
    assert len(site.processes()) > 5
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(PATIENCE_S) == 0
    assert site.processes() == []


def test_state_survives_and_a_kill_of_the_supervisor_leaves_no_process(site: Site) -> None:
    again = Site(site.home).ready()
    assert not any("password" in line for line in again.said)
    again.process.kill()
    again.process.wait()
    eventually(lambda: again.processes() == [])


def test_a_terminal_that_hangs_up_stops_it_even_where_its_parent_keeps_the_signal(home: Path) -> None:
    deaf = "import signal, subprocess, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); subprocess.call(sys.argv[1:])"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(material.CHECKOUT)
        os.environ["DRAMATIS_HOME"] = str(home)
        for elsewhere in ("DATABASE_URL", "CELERY_BROKER_URL"):
            os.environ.pop(elsewhere, None)
        os.execv(
            sys.executable,
            [sys.executable, "-c", deaf, sys.executable, "manage.py", "up", "--port", "0"],
        )
    said = b""
    while b"ready http://" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    try:
        eventually(lambda: [left.pid for left in processes_of(home) if left.status() != "zombie"] == [])
    finally:
        for left in processes_of(home):
            left.kill()
        os.waitpid(pid, 0)


def give_the_worker_a_task(conninfo: str) -> None:
    url = broker_url(conninfo)
    Celery(broker=url, broker_transport_options=broker_transport_options(url, conninfo)).send_task(
        "faces.scan_next"
    )


def open_tasks(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM pgmq.q_celery").fetchone()
    assert row
    return int(row[0])
