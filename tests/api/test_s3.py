"""The library on an S3-compatible storage: moto's server speaks S3 here."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from faces.models import Track
from mam.assets import library, rendering
from mam.assets.models import Asset, original
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.api.conftest import Client
from tests.library import add_file, work_off

boto3 = pytest.importorskip("boto3", reason="no S3 here: install requirements-dev.lock anew")
server = pytest.importorskip("moto.server")
pytest.importorskip("storages")

CLIP = (Scene(30, None, (Card("obama2", Pose(400, 300, 200), Pose(500, 300, 200)),)),)


@pytest.fixture
def bucket(settings: Settings) -> Iterator[Any]:
    """An empty bucket, in which both of the site's storages are."""
    running = server.ThreadedMotoServer(port=0)
    running.start()
    _, port = running.get_host_and_port()
    access = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"}
    key = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    made = boto3.resource("s3", **access, **key).create_bucket(Bucket="dramatis")
    options = {**access, "access_key": "testing", "secret_key": "testing", "bucket_name": "dramatis"}
    settings.STORAGES = {
        **settings.STORAGES,
        **{
            name: {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": {**options, "location": name, "file_overwrite": False},
            }
            for name in ("default", "faces")
        },
    }
    yield made
    running.stop()


def names(bucket: Any) -> set[str]:
    return {stored.key for stored in bucket.objects.all()}


def test_a_video_is_added_scanned_played_and_deleted_on_s3(
    editor: Client,
    bucket: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    content = material.composed(CLIP, ClipForm(codec="mpeg4"), suffix=".avi").path.read_bytes()
    asset = add_file("evening.avi", content)
    work_off()
    asset = Asset.objects.get(pk=asset.pk)
    shown = rendering.asset(asset)
    assert (shown["status"], shown["offline"], shown["playback"]["state"]) == ("ready", False, "ready")
    track = Track.objects.get(asset=asset)
    assert f"default/originals/{asset.pk}/original.avi" in names(bucket)
    assert any(name.startswith(f"faces/assets/{asset.pk}/") for name in names(bucket))
    with original(asset) as stored:
        assert stored.read() == content
    response = editor.get(shown["playback"]["url"], HTTP_RANGE="bytes=4-7")  # the proxy
    assert (response.status_code, b"".join(response)) == (206, b"ftyp")
    assert editor.get(shown["poster"]).status_code == 200
    assert editor.get(f"/api/v1/assets/{asset.pk}/tracks/").json()["results"][0]["id"] == str(track.pk)
    with django_capture_on_commit_callbacks(execute=True):
        library.remove(asset)
    assert names(bucket) == set()
