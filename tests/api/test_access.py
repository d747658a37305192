"""Who may do what, and how refusals look."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from faces.models import Track
from mam.assets.host import LibraryHost
from mam.assets.models import Asset
from mam.wsgi import application
from tests.api.answers import problem_of, refused, results
from tests.api.conftest import Client
from tests.api.test_documents import NAMES
from tests.library import ScannedLibrary

GARBAGE = ["'", "9" * 30, "-1", "1.5", "%00", "ü😀", "%20", "a" * 300, "None", "../../etc/passwd%00"]


def routes() -> Iterator[str]:
    """Every route under /api/, as written in urls.py."""

    def below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            here = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, here)
            elif here.startswith("api/"):
                yield here

    return below(get_resolver().url_patterns, "")


ROUTES = sorted(set(routes()))
WITH_IDS = [route for route in ROUTES if "<" in route]
LISTS = [
    *("assets/?", "unknowns/?", "people/?", "decisions/?", "review/?", "search/?all=Ada&"),
    "assets/{id}/tracks/?",
]


def filled(route: str, value: str) -> str:
    start, end = route.index("<"), route.index(">")
    return f"/{route[:start]}{value}{route[end + 1 :]}"


@pytest.fixture
def csrf_client(db: None) -> Client:
    """Somebody's browser: cookies, and a site that insists on its token against forgery."""
    User.objects.create_user("vera", password="open sesame, please")
    return Client(enforce_csrf_checks=True)


def test_the_routes_of_the_contract_are_all_there() -> None:
    assert len(WITH_IDS) >= 20
    assert "api/v1/people/" in ROUTES


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.endswith(("/token/", "/session/", ".*$"))])
def test_it_answers_nobody_who_is_not_logged_in(route: str, anybody: Client) -> None:
    path = filled(route, "1") if "<" in route else f"/{route}"
    for method in ("get", "post", "patch", "delete", "put"):
        response = getattr(anybody, method)(path)
        refused(response, 401, "not-authenticated")
        assert response["WWW-Authenticate"] == "Token"


def test_health_is_open_to_everybody(anybody: Client) -> None:
    assert anybody.get("/healthz").json() == {"status": "ok"}
    assert anybody.get("/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/assets/", "/api/v1/assets"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_no_route_knows_is_a_problem_of_its_own(
    path: str, method: str, csrf_client: Client
) -> None:
    refused(getattr(csrf_client, method)(path), 404, "not-found")


@pytest.mark.parametrize("route", WITH_IDS)
def test_what_was_never_an_id_is_not_found(route: str, administrator: Client) -> None:
    for garbage in GARBAGE:
        path = filled(route, garbage)
        response = administrator.get(path)
        assert response.status_code in (404, 405), path
        problem_of(response)
        for method in ("post", "patch", "delete"):
            response = getattr(administrator, method)(path)
            assert response.status_code in (400, 404, 405), (method, path)
            problem_of(response)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_refuses_cursors_and_limits_that_are_none(
    path: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    editor.post("/api/v1/people/", {"name": "Ada"})
    start = "/api/v1/" + path.format(id=scanned_library.videos[0].pk)
    for query in (
        *("cursor=x", "cursor=%00", "cursor=W10", "cursor=W10:x", "limit=0", "limit=1001", "limit=-1"),
        *("limit=x", "limit=", "limit=" + "9" * 5000, "limit=%D9%A3%D9%A3"),
    ):
        refused(editor.get(start + query), 400, "invalid")
    assert editor.get(start + "limit=1000").status_code == 200


@pytest.mark.parametrize("path", ["assets/", "unknowns/", "people/"])
def test_a_list_refuses_an_order_that_it_does_not_know(path: str, viewer: Client) -> None:
    for sort in ("colour", "%00", ""):
        refused(viewer.get(f"/api/v1/{path}?sort={sort}"), 400, "invalid")


def test_a_query_that_makes_no_sense_is_refused(viewer: Client, scanned_library: ScannedLibrary) -> None:
    for query in (
        *("assets/?q=%00", "assets/?person=x", "assets/?person=%00", "assets/?status=gone"),
        *("assets/?collection=%00", "people/?q=%00", "decisions/?asset=x", "decisions/?asset=%00"),
        *("decisions/?person=x", "decisions/?user=%00", "review/?person='", "unknowns/?band=auto"),
        *("search/", "search/?all=", "search/?all=%00", "search/?any=nobody"),
        *("search/?all=1&from=yesterday", "search/?all=1&together_within_ms=-1"),
        *(
            "{tracks}?band=not_a_face",
            "{tracks}?person=x",
            "{tracks}?unknown=%00",
            "{tracks}?from_ms=5&to_ms=5",
        ),
        *("{asset}boxes/?from_ms=x", "{asset}frames/?from=-1", "{asset}appearances/?format=xml"),
        *("{asset}appearances/?include=everybody", "{asset}appearances/?to_ms=" + "9" * 40),
        "people/?" + "&".join(f"x{n}=1" for n in range(2000)),
    ):
        asset = f"assets/{scanned_library.videos[0].pk}/"
        response = viewer.get("/api/v1/" + query.format(asset=asset, tracks=f"{asset}tracks/"))
        assert response.status_code in (400, 404), (query, response.status_code, response.content[:300])
        problem_of(response)


def test_a_viewer_reads_but_does_not_write(viewer: Client, scanned_library: ScannedLibrary) -> None:
    asset = scanned_library.videos[0].pk
    for path in ("assets/", f"assets/{asset}/", f"assets/{asset}/tracks/", "unknowns/", "people/", "review/"):
        assert viewer.get(f"/api/v1/{path}").status_code == 200
    writes = [
        *(("post", "assets/"), ("patch", f"assets/{asset}/"), ("delete", f"assets/{asset}/")),
        *(("post", f"assets/{asset}/scan/"), ("post", "people/"), ("post", "decisions/")),
        *(("post", "decisions/preview/"), ("post", "decisions/1/undo/"), ("post", "samples/")),
        *(("post", "people/1/exemplars/"), ("delete", "people/1/exemplars/1/")),
        *(("post", "people/1/photos/"), ("delete", "people/1/"), ("post", "scans/1/cancel/")),
    ]
    for method, path in writes:
        refused(getattr(viewer, method)(f"/api/v1/{path}"), 403, "not-allowed")


def test_an_editor_writes_and_so_does_an_administrator(editor: Client, administrator: Client) -> None:
    assert editor.post("/api/v1/people/", {"name": "Ada Lovelace"}).status_code == 201
    assert administrator.post("/api/v1/people/", {"name": "Alan Turing"}).status_code == 201


def test_a_method_that_a_route_does_not_know_is_said_to_be_so(administrator: Client) -> None:
    refused(administrator.put("/api/v1/people/"), 405, "method-not-allowed")


def test_a_body_in_a_language_that_nobody_reads_is_refused(editor: Client) -> None:
    response = editor.post("/api/v1/people/", "<name>Ada</name>", content_type="application/xml")
    refused(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("body", ["{", "[1]", '"x"', "null", "\x00", '{"name": {"a": 1}}', '{"name": null}'])
def test_a_body_that_is_no_json_object_is_refused(body: str, editor: Client) -> None:
    for path in ("people/", "decisions/", "decisions/preview/"):
        response = editor.post(f"/api/v1/{path}", body, content_type="application/json")
        refused(response, 400, "invalid")


@pytest.mark.parametrize("path", ["auth/token/", "people/", "decisions/", "identify/"])
def test_a_body_nested_without_end_is_refused(path: str, editor: Client) -> None:
    cache.clear()
    for body in ("[" * 100_000 + "]" * 100_000, '{"name": ' * 100_000 + "1" + "}" * 100_000):
        refused(editor.post(f"/api/v1/{path}", body, content_type="application/json"), 400, "invalid")


@pytest.mark.parametrize("charset", ["zlib", "base64", "idna", "undefined", '"rot13"', "utf-16", "no-such"])
def test_a_request_is_read_as_utf_8_whatever_it_names(charset: str, transactional_db: None) -> None:
    """Through the server's own door, which breaks where Django cannot make a request; Django's client has another."""
    cache.clear()
    for request, expected in (
        (RequestFactory().get("/api/v1/people/?q=%ff"), "not-authenticated"),
        (RequestFactory().generic("POST", "/api/v1/auth/token/", '{"username": "Zoë"}'), "password"),
    ):
        headers = {"CONTENT_TYPE": f"application/json; charset={charset}"}
        answer = application(request.environ | headers, lambda *_: None)
        assert expected in b"".join(answer).decode()


def test_a_body_without_end_is_refused_unread(anybody: Client) -> None:
    body = '{"username": "' + "a" * (6 * 2**20) + '"}'
    refused(anybody.post("/api/v1/auth/token/", body, content_type="application/json"), 413, "too-large")


def test_an_upload_without_end_is_refused_unread(anybody: Client, viewer: Client) -> None:
    """By the length that it announces, before anything is looked at: who it is from, or what it holds."""
    for client, path in ((anybody, "auth/token/"), (viewer, "identify/")):
        response = client.post(f"/api/v1/{path}", {}, format="multipart", CONTENT_LENGTH=str(60 * 2**20))
        refused(response, 413, "too-large")


@pytest.mark.parametrize("path", ["/", "/admin/login/"])
def test_a_form_without_end_is_refused_unread(path: str, anybody: Client) -> None:
    response = anybody.post(path, {}, format="multipart", CONTENT_LENGTH=str(60 * 2**20))
    assert response.status_code == 413


def test_a_request_to_another_host_is_a_problem(viewer: Client) -> None:
    refused(viewer.get("/api/v1/people/", HTTP_HOST="evil.example"), 400, "invalid")


def test_a_fault_of_ours_is_a_problem_that_gives_nothing_away(
    viewer: Client, scanned_library: ScannedLibrary
) -> None:
    """A column of boxes that somebody has damaged in the database."""
    viewer.raise_request_exception = False
    Track.objects.update(boxes=b"damaged")
    problem = refused(
        viewer.get(f"/api/v1/assets/{scanned_library.videos[0].pk}/boxes/"), 500, "internal-error"
    )
    assert "damaged" not in str(problem)


def test_it_answers_in_its_own_form_whatever_is_accepted(viewer: Client) -> None:
    assert viewer.get("/api/v1/people/", HTTP_ACCEPT="text/html").json() == {"results": [], "next": None}


def test_a_token_is_given_for_name_and_password(anybody: Client) -> None:
    cache.clear()
    user = User.objects.create_user("vera", password="open sesame, please")
    given = {"username": "vera", "password": "open sesame, please"}
    answer = anybody.post("/api/v1/auth/token/", given)
    assert set(answer.json()) == {"token"}
    anybody.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    assert anybody.get("/api/v1/people/").status_code == 200
    user.is_active = False
    user.save()
    refused(anybody.get("/api/v1/people/"), 401, "not-authenticated")


def test_a_wrong_password_is_refused_and_soon_only_slowly(anybody: Client) -> None:
    cache.clear()
    wrong = {"username": "vera", "password": "guess"}
    refused(anybody.post("/api/v1/auth/token/", wrong), 400, "wrong-credentials")
    answers = [anybody.post("/api/v1/auth/token/", wrong) for _ in range(20)]
    refused(answers[-1], 429, "throttled")
    assert int(answers[-1]["Retry-After"]) > 0
    cache.clear()


def test_the_page_logs_in_by_cookie_and_out_again(csrf_client: Client) -> None:
    cache.clear()
    session = "/api/v1/auth/session/"
    given = {"username": "vera", "password": "open sesame, please"}
    assert csrf_client.get(session).json() == {"user": None}
    token = csrf_client.cookies["csrftoken"].value
    refused(csrf_client.post(session, given), 403, "csrf-failed")
    answer = csrf_client.post(session, given, HTTP_X_CSRFTOKEN=token)
    assert answer.json() == {"user": {"username": "vera", "role": "viewer"}}
    assert csrf_client.get("/api/v1/people/").status_code == 200
    refused(csrf_client.delete(session), 403, "csrf-failed")
    token = csrf_client.cookies["csrftoken"].value
    assert csrf_client.delete(session, HTTP_X_CSRFTOKEN=token).json() == {"user": None}
    refused(csrf_client.get("/api/v1/people/"), 401, "not-authenticated")


def test_a_forged_write_with_the_cookie_alone_is_refused(csrf_client: Client) -> None:
    csrf_client.force_login(User.objects.create_superuser("ada"))
    refused(csrf_client.post("/api/v1/people/", {"name": "Eve"}), 403, "csrf-failed")


def test_a_made_up_token_opens_nothing(anybody: Client) -> None:
    for token in ("Token", "Token x", "Token " + "0" * 40, "Token a b", "Bearer x"):
        anybody.credentials(HTTP_AUTHORIZATION=token)
        refused(anybody.get("/api/v1/people/"), 401, "not-authenticated")


def test_the_schema_is_for_those_who_are_logged_in(anybody: Client, viewer: Client) -> None:
    refused(anybody.get("/api/schema/"), 401, "not-authenticated")
    assert viewer.get("/api/schema/").status_code == 200


class HidesOne(LibraryHost):
    """A site on which nobody may see the first of the samples."""

    def visible_to(self, user: Any) -> QuerySet[Asset]:
        return super().visible_to(user).exclude(title__startswith="Sample 1")


def test_what_the_site_hides_is_neither_shown_nor_decided_on(
    editor: Client, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    hidden, shown, _ = scanned_library.videos
    tracks = results(editor.get(f"/api/v1/assets/{hidden.pk}/tracks/"))
    settings.FACES = settings.FACES | {"host": f"{__name__}.{HidesOne.__name__}"}
    assert str(hidden.pk) not in {asset["id"] for asset in results(editor.get("/api/v1/assets/"))}
    for address in (f"/api/v1/assets/{hidden.pk}/tracks/", tracks[0]["thumbnail"]):
        refused(editor.get(address), 404, "not-found")
    said = {"verdict": "not_a_face", "tracks": [tracks[0]["id"]]}
    refused(editor.post("/api/v1/decisions/", said), 404, "not-found")
    refused(editor.post("/api/v1/decisions/preview/", said), 404, "not-found")
    assert results(editor.get(f"/api/v1/assets/{shown.pk}/tracks/"))


class ShowsOne(LibraryHost):
    """A site on which everybody sees the first of the samples alone."""

    def visible_to(self, user: Any) -> QuerySet[Asset]:
        return super().visible_to(user).filter(title__startswith="Sample 1")


def test_what_the_site_hides_does_not_count(
    editor: Client, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    keys = {name: scanned_library.unknown_of(who) for who, name in NAMES.items()}
    settings.FACES = settings.FACES | {"host": f"{__name__}.{ShowsOne.__name__}"}
    shown = {unknown["key"]: unknown for unknown in results(editor.get("/api/v1/unknowns/"))}
    truth = {NAMES[seen["person"]]: seen for seen in scanned_library.videos[0].truth["people"]}
    assert set(shown) == {keys[name] for name in truth} < set(keys.values())
    for name, key in keys.items():
        address, said = f"/api/v1/unknowns/{key}/", {"verdict": "is", "unknown": key, "name": name}
        if name not in truth:
            for route in (address, f"{address}tracks/"):
                refused(editor.get(route), 404, "not-found")
            refused(editor.post("/api/v1/decisions/", said), 404, "not-found")
            continue
        unknown = editor.get(address).json()
        assert unknown == shown[key]
        assert (unknown["assets"], unknown["screen_time_ms"]) == (1, truth[name]["total_ms"])
        assert all(editor.get(face).status_code == 200 for face in unknown["thumbnails"])
        person = editor.post("/api/v1/decisions/", said).json()["person"]["id"]
        found = editor.get(f"/api/v1/people/{person}/").json()
        for count in ("tracks", "assets", "screen_time_ms"):
            assert found[count] == unknown[count]
        assert editor.get(found["cover"]).status_code == 200
        assert found in results(editor.get("/api/v1/people/"))
        for route in (f"search/?all={person}", f"people/{person}/appearances/"):
            (hit,) = results(editor.get(f"/api/v1/{route}"))
            assert hit["asset"]["id"] == str(scanned_library.videos[0].pk)
    assert results(editor.get("/api/v1/unknowns/")) == []


def test_decisions_tell_nothing_of_what_the_site_hides(
    editor: Client, scanned_library: ScannedLibrary, settings: Settings
) -> None:
    first, second, _ = scanned_library.videos
    decisions = "/api/v1/decisions/"
    for asset, name in ((first, "Ada"), (second, "Alan")):
        track = results(editor.get(f"/api/v1/assets/{asset.pk}/tracks/"))[0]["id"]
        editor.post(decisions, {"verdict": "not_a_face", "tracks": [track], "why": name})
    everywhere = {"verdict": "is", "unknown": scanned_library.unknown_of("grace_hopper"), "name": "Grace"}
    whole = editor.post(f"{decisions}preview/", everywhere).json()["changed"]
    settings.FACES = settings.FACES | {"host": f"{__name__}.{ShowsOne.__name__}"}

    foretold = editor.post(f"{decisions}preview/", everywhere).json()
    done = editor.post(decisions, everywhere).json()
    here = scanned_library.intervals("grace_hopper")[0]
    assert done["changed"] == foretold["changed"]
    assert done["changed"] == {"tracks": len(here), "appearances": len(here), "assets": 1}
    assert whole["assets"] == 3
    assert editor.get(done["cover"]).status_code == 200
    undone = editor.post(f"{decisions}{done['id']}/undo/").json()
    assert undone["changed"] == done["changed"]
    listed = results(editor.get(decisions))
    assert [(row["verdict"], row["why"]) for row in listed] == [
        ("undo", ""),
        ("is", ""),
        ("not_a_face", "Ada"),
    ]
    assert {(row["changed"], row["to_review"]) for row in listed} == {(None, None)}
