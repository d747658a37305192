"""Which scan is next: the most urgent, and none while an administrator holds them back."""

from datetime import timedelta
from fractions import Fraction
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connection
from django.urls import reverse

from faces import scanning
from faces.models import JobState, Pause, Scan
from faces.models.jobs import LEASE
from mam.assets import preparing
from mam.assets.models import Asset
from mam.samples import ClipForm, Scene
from tests import material
from tests.api.conftest import Client, administrator, editor, viewer
from tests.commands.test_commands import manage
from tests.library import add_file
from tests.scanning.test_scanning import add

__all__ = ["administrator", "editor", "viewer"]


@pytest.fixture
def queue(db: None) -> list[Asset]:
    """Three assets, each with a queued scan, in order."""
    return [add_file(f"{number}.mp4", b"%d" % number) for number in range(3)]


def claimed() -> list[Asset]:
    """Every asset whose scan can be begun, in order."""
    return [scan.asset for scan in iter(Scan.claim, None)]


def read_one_chunk_then_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin the next scan, and have an administrator hold all scans back while its first chunk is read."""

    def claim_just_before_the_pause() -> Scan | None:
        monkeypatch.undo()
        begun = Scan.claim()
        scanning.pause()
        return begun

    monkeypatch.setattr(Scan, "claim", claim_just_before_the_pause)
    assert scanning.scan_next(material.networks_for_scans)


def test_what_an_editor_opens_is_scanned_first(queue: list[Asset], editor: Client) -> None:
    assert editor.get(f"/api/v1/assets/{queue[2].pk}/").status_code == 200
    assert claimed() == [queue[2], queue[0], queue[1]]


def test_who_only_looks_hurries_nothing(queue: list[Asset], viewer: Client) -> None:
    assert viewer.get(f"/api/v1/assets/{queue[2].pk}/").status_code == 200
    assert claimed() == queue


def test_opening_never_lowers_what_was_asked_for(queue: list[Asset], editor: Client) -> None:
    Scan.objects.filter(asset=queue[1]).update(priority=100)
    editor.get(f"/api/v1/assets/{queue[1].pk}/")
    assert claimed()[0] == queue[1]
    assert Scan.objects.get(asset=queue[1]).priority == 100


def test_a_file_that_waits_for_its_next_try_holds_up_nobody(queue: list[Asset]) -> None:
    scanning.hurry(queue[1])
    first = Scan.claim()
    assert first is not None
    assert first.asset == queue[1]
    first.retry_later("decoder-lost", "It crashed.")
    assert claimed() == [queue[0], queue[2]]


@pytest.mark.parametrize(("renewed", "state"), [(-1, JobState.QUEUED), (1, JobState.FAILED)])
def test_a_job_is_given_up_for_what_stops_its_workers_but_not_for_a_database_that_was_gone(
    queue: list[Asset], renewed: int, state: JobState
) -> None:
    """renewed: for the last time, in seconds after the database was started."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        since = (cursor.fetchone() or [None])[0]
    job = Scan.claim()
    assert job is not None
    long_over = since + LEASE + timedelta(seconds=renewed)
    with patch("django.utils.timezone.now", return_value=long_over + timedelta(seconds=1)):
        Scan.objects.filter(pk=job.pk).update(attempt=Scan.max_attempts, lease_until=long_over)
        Scan.reap()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (state, Scan.max_attempts - (renewed < 0))


def test_while_scanning_is_paused_nothing_is_begun(queue: list[Asset]) -> None:
    manage("faces_scan", pause=True)
    assert Scan.due() == 0
    assert claimed() == []
    assert not scanning.scan_next(material.networks_for_scans)
    with pytest.raises(CommandError, match="paused"):
        manage("faces_scan", here=True)
    assert manage("faces_scan", pause=True) == ("paused already\n", "")
    assert preparing.prepare_next()  # a poster costs little

    manage("faces_scan", resume=True)
    assert Scan.due() == 3
    assert claimed() == queue
    assert manage("faces_scan", resume=True) == ("nothing was paused\n", "")


@pytest.mark.django_db(transaction=True)
def test_a_pause_lets_a_running_scan_end_its_chunk_and_it_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two_chunks = [Scene(120, "coffee"), Scene(20, "moon")]
    asset = add(material.composed(two_chunks, ClipForm(rate=Fraction(5), audio=False)).path)
    read_one_chunk_then_pause(monkeypatch)
    scan = Scan.objects.get()
    assert (scan.state, scan.attempt, scan.lease_owner, scan.error_code) == (JobState.QUEUED, 0, None, "")
    assert scan.position_ms == 24_000
    assert not scanning.scan_next(material.networks_for_scans)

    scanning.resume()
    assert scanning.scan_next(material.networks_for_scans)
    scan.refresh_from_db()
    assert scan.state == JobState.DONE
    assert len(scanning.frame_times(asset)) == 140


def test_administrators_pause_and_resume_behind_the_page(queue: list[Asset], administrator: Client) -> None:
    administrator.force_login(User.objects.get(username="ada"))
    add_pause = reverse("admin:faces_pause_add")
    assert administrator.get(add_pause).status_code == 200
    assert administrator.post(add_pause, {}, format="multipart").status_code == 302
    held = Pause.objects.get()
    assert held.by is not None
    assert held.by.get_username() == "ada"
    assert administrator.get(reverse("admin:faces_pause_changelist")).status_code == 200
    assert administrator.get(add_pause).status_code == 403
    remove = reverse("admin:faces_pause_delete", args=[held.pk])
    assert administrator.post(remove, {"post": "yes"}, format="multipart").status_code == 302
    assert claimed() == queue
