"""The running site, killed in the middle of a scan: after it came back, the same appearances as without that."""

import json
from pathlib import Path

import psutil
import pytest

from tests.scanning.test_scanning import long_video
from tests.site import Api, Site, eventually


def shown(api: Api, asset: str) -> list[tuple[int, list[tuple[int, int]]]]:
    """How many frames and when each face is to be seen; keys are another asset's own."""
    document = json.loads(api.appearances(asset))
    assert document["complete"]
    return sorted(
        (len(f["instances"]), [(i["start"], i["end_ms"]) for i in f["instances"]]) for f in document["faces"]
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "home")


def test_a_killed_worker_and_a_killed_database_lose_nothing(site: Site) -> None:
    try:
        api = site.ready().api()
        undisturbed = api.add(long_video())
        eventually(lambda: api.status(undisturbed) == "ready")

        killed = api.add(long_video())
        eventually(lambda: api.status(killed) == "processing")
        worker = site.find("celery")
        for child in (*worker.children(recursive=True), worker):
            child.kill()
        eventually(lambda: api.status(killed) == "ready")
        assert shown(api, killed) == shown(api, undisturbed)

        unplugged = api.add(long_video())
        eventually(lambda: api.status(unplugged) == "processing")
        _postmaster(site).kill()
        site.hear("the database ended; starting it again")
        eventually(lambda: _answers(api, unplugged) == "ready")
        assert shown(api, unplugged) == shown(api, undisturbed)
    finally:
        site.process.kill()
        site.process.wait()


def _postmaster(site: Site) -> psutil.Process:
    pid = int((site.home / "postgres" / "postmaster.pid").read_text().split()[0])
    return psutil.Process(pid)


def _answers(api: Api, asset: str) -> str:
    """Its status, or nothing while the database is away: then the site says so with a 5xx."""
    try:
        return api.status(asset)
    except AssertionError:
        return ""
