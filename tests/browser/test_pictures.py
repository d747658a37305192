"""A picture is shown as one, with its faces; nothing of a video's player is offered for it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.test_page import serious
from tests.site import Site, eventually


def test_a_picture_is_shown_with_its_faces_and_without_a_player(
    page: Page, site: Site, two_faces: Path
) -> None:
    api = site.api()
    key = api.add(two_faces)
    eventually(lambda: api.status(key) == "ready")
    eventually(lambda: api.get(f"assets/{key}/").json()["still"])
    page.goto("/")
    expect(page.get_by_text("Picture", exact=True).first).to_be_visible()
    page.goto(f"/assets/{key}")
    shown = page.get_by_role("img", name="both", exact=True)
    expect(shown).to_be_visible()
    eventually(lambda: shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [800, 600])
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    expect(page.get_by_role("region", name="Timeline")).to_have_count(0)
    expect(page.get_by_text("2 tracks")).to_be_visible()
    cast, unknown, _ = page.get_by_role("tab").all()
    assert sum(int(tab.inner_text().split()[-1]) for tab in (cast, unknown)) == 2
    screenshot(page, "asset-picture")
    assert serious(page) == []
