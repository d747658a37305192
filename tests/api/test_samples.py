"""The route that offers the sample videos to an empty library."""

from mam.samples import work
from mam.samples.models import SampleRequest
from tests.api.answers import refused
from tests.api.conftest import Client
from tests.library import ScannedLibrary

SAMPLES = "/api/v1/samples/"
IDLE = {"available": True, "state": "idle", "progress": 0.0, "error": None}


def test_an_empty_library_is_offered_samples_once(viewer: Client, editor: Client) -> None:
    assert viewer.get(SAMPLES).json() == IDLE
    answers = [editor.post(SAMPLES) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json() == IDLE | {"state": "composing"}
    assert SampleRequest.objects.count() == 1


def test_a_failure_is_told_and_they_may_be_asked_for_again(editor: Client) -> None:
    editor.post(SAMPLES)
    job = SampleRequest.claim()
    assert job is not None
    job.fail("fetch-failed", "The portraits cannot be had. Nothing was added; check the network.")
    told = editor.get(SAMPLES).json()
    assert (told["state"], told["available"]) == ("failed", True)
    assert told["error"].startswith("The portraits cannot be had.")
    assert editor.post(SAMPLES).json()["state"] == "composing"
    assert work.latest() != job


def test_a_library_with_videos_is_not_offered_samples(
    editor: Client, scanned_library: ScannedLibrary
) -> None:
    assert editor.get(SAMPLES).json()["available"] is False
    refused(editor.post(SAMPLES), 409, "library-not-empty")
    assert not SampleRequest.objects.exists()
