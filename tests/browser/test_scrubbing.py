"""One looks through a video by moving the pointer over it, in the library and over the timeline."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from mam.samples import ClipForm, Scene
from tests import material
from tests.browser.conftest import screenshot
from tests.site import Site, eventually


def background(tile: Locator) -> str:
    return str(tile.evaluate("tile => getComputedStyle(tile).backgroundPosition"))


def along(page: Page, what: Locator, share: float) -> None:
    """Move the pointer to that share of an element's width."""
    box = what.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)


def test_the_pointer_looks_through_a_video(page: Page, site: Site) -> None:
    api = site.api()
    key = api.add(material.composed([Scene(100, "coffee"), Scene(100, "moon")], ClipForm(audio=False)).path)
    eventually(lambda: api.get(f"assets/{key}/").json()["filmstrip"] is not None)
    film = api.get(f"assets/{key}/").json()["filmstrip"]
    page.goto("/")
    poster = page.locator(f'a[href="/assets/{key}"] .asset-poster')
    tile = page.locator(".card-film")
    with page.expect_response(lambda answer: answer.url.endswith(film["url"])) as answered:
        along(page, poster, 0.1)
    assert answered.value.status == 200
    early = background(tile)
    along(page, poster, 0.7)
    expect(tile).to_be_visible()
    assert background(tile) != early
    page.wait_for_load_state("networkidle")
    screenshot(page, "library-filmstrip")
    page.mouse.move(0, 0)
    expect(tile).to_have_count(0)

    page.goto(f"/assets/{key}")
    peek = page.locator(".frame-peek")
    for over in (page.locator(".minimap-map"), page.locator(".ruler-scale")):
        along(page, over, 0.3)
        expect(peek).to_be_visible()
        early = peek.inner_text()
        along(page, over, 0.7)
        expect(peek).not_to_have_text(early)
        page.mouse.move(0, 0)
        expect(peek).to_have_count(0)
    along(page, page.locator(".minimap-map"), 0.7)
    page.wait_for_load_state("networkidle")
    screenshot(page, "asset-filmstrip")


def test_a_filmstrip_that_is_made_later_appears_by_itself(page: Page, site: Site) -> None:
    api = site.api()
    key = api.add(material.composed([Scene(50, "moon"), Scene(50, "coffee")], ClipForm(audio=False)).path)
    eventually(lambda: api.status(key) == "ready")
    eventually(lambda: api.get(f"assets/{key}/").json()["filmstrip"] is not None)
    forget = f"from mam.assets.models import Asset; Asset.objects.filter(pk={key!r}).update(filmstrip='')"
    site.manage("shell", "-c", forget)

    page.clock.install()
    page.goto(f"/assets/{key}")
    overview = page.locator(".minimap-map")
    expect(overview).to_be_visible()
    along(page, overview, 0.3)
    expect(page.locator(".frame-peek")).to_have_count(0)
    site.manage("assets_prepare")
    eventually(lambda: api.get(f"assets/{key}/").json()["filmstrip"] is not None)
    page.clock.fast_forward(10_000)
    along(page, overview, 0.4)
    expect(page.locator(".frame-peek")).to_be_visible()
