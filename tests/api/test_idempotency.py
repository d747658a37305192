"""A write with an Idempotency-Key happens once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from faces.models import Decision, IdempotencyKey, Person
from faces.models.idempotency import KEPT_FOR
from mam.assets.models import Asset
from tests import material
from tests.api.answers import refused
from tests.api.conftest import Client, client_of, editor_named
from tests.library import ScannedLibrary

PEOPLE = "/api/v1/people/"


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def test_a_repeated_write_gets_the_first_answer(editor: Client) -> None:
    first = editor.post(PEOPLE, {"name": "Ada"}, headers=key("k1"))
    again = editor.post(PEOPLE, {"name": "Ada"}, headers=key("k1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Person.objects.count() == 1


def test_a_repeated_decision_is_one_decision(editor: Client, scanned_library: ScannedLibrary) -> None:
    said = {"verdict": "is", "unknown": scanned_library.unknown_of("joe_biden"), "name": "Joe"}
    first, again = (editor.post("/api/v1/decisions/", said, headers=key("k")) for _ in range(2))
    assert first.json() == again.json()
    assert Decision.objects.count() == 1
    undo = f"/api/v1/decisions/{first.json()['id']}/undo/"
    assert editor.post(undo, headers=key("u")).json() == editor.post(undo, headers=key("u")).json()
    assert Decision.objects.count() == 2


def test_a_key_used_for_something_else_is_refused(editor: Client) -> None:
    ada = editor.post(PEOPLE, {"name": "Ada"}, headers=key("k")).json()["id"]
    for path, body in ((PEOPLE, {"name": "Bea"}), (f"{PEOPLE}?x=1", {"name": "Ada"})):
        refused(editor.post(path, body, headers=key("k")), 422, "idempotency-key-reused")
    refused(editor.patch(f"{PEOPLE}{ada}/", {"name": "Ada"}, headers=key("k")), 422, "idempotency-key-reused")
    assert Person.objects.count() == 1


def test_keys_of_two_users_have_nothing_to_do_with_each_other(editor: Client, administrator: Client) -> None:
    assert editor.post(PEOPLE, {"name": "Ada"}, headers=key("k")).status_code == 201
    assert administrator.post(PEOPLE, {"name": "Bea"}, headers=key("k")).status_code == 201


def test_a_refusal_is_not_remembered(editor: Client) -> None:
    refused(editor.post(PEOPLE, {"name": ""}, headers=key("k")), 400, "name-refused")
    assert not IdempotencyKey.objects.exists()
    assert editor.post(PEOPLE, {"name": "Ada"}, headers=key("k")).status_code == 201


def test_an_overlong_key_is_refused(editor: Client) -> None:
    refused(editor.post(PEOPLE, {"name": "Ada"}, headers=key("k" * 201)), 400, "invalid")
    assert not Person.objects.exists()


def test_a_repeated_delete_stays_done(editor: Client) -> None:
    ada = editor.post(PEOPLE, {"name": "Ada"}).json()["id"]
    for _ in range(2):
        assert editor.delete(f"{PEOPLE}{ada}/", headers=key("k")).status_code == 204
    refused(editor.delete(f"{PEOPLE}{ada}/"), 404, "not-found")


def test_a_repeated_upload_is_one_video_and_another_file_is_refused(editor: Client) -> None:
    path = material.sample_videos()[0].path

    def upload(content: bytes, boundary: str) -> Any:
        file = SimpleUploadedFile("news.mp4", content, "video/mp4")
        body = b"".join(
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="news.mp4"\r\n'.encode(),
                b"Content-Type: video/mp4\r\n\r\n",
                file.read(),
                f"\r\n--{boundary}--\r\n".encode(),
            )
        )
        form = f"multipart/form-data; boundary={boundary}"
        return editor.post("/api/v1/assets/", body, content_type=form, headers=key("k"))

    content = path.read_bytes()
    first, again = upload(content, "first-boundary"), upload(content, "next-boundary!")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = content[:1000] + bytes(reversed(content[1000:2000])) + content[2000:]
    refused(upload(other, "first-boundary"), 422, "idempotency-key-reused")
    assert Asset.objects.count() == 1


def test_one_write_sent_twice_at_once_happens_once(transactional_db: None) -> None:
    user = editor_named("edith")
    together = threading.Barrier(4)

    def make(_: int) -> Any:
        try:
            client = client_of(user)
            together.wait()
            return client.post(PEOPLE, {"name": "Ada", "same_name": True}, headers=key("k"))
        finally:
            connection.close()

    client_of(user)  # its token
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(make, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Person.objects.count() == 1


def test_an_answer_is_forgotten_after_a_day(editor: Client) -> None:
    editor.post(PEOPLE, {"name": "Ada"}, headers=key("old"))
    IdempotencyKey.objects.update(created=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    editor.post(PEOPLE, {"name": "Bea"}, headers=key("new"))
    IdempotencyKey.forget_old()
    assert [kept.key for kept in IdempotencyKey.objects.all()] == ["new"]
