"""Scans are stopped and started again from the page, in three ways; a pause of all scanning is said, not an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mam.samples import ClipForm, Scene
from tests import material
from tests.browser.conftest import PASSWORD, screenshot
from tests.browser.test_page import serious
from tests.site import Site, eventually

_READY_MS = 180_000
PAUSED = "Scanning is paused by an administrator"


@pytest.fixture(scope="module")
def clip() -> Path:
    return material.composed([Scene(40, "moon"), Scene(40, "coffee")], ClipForm(audio=False)).path


@pytest.fixture(scope="module")
def scanned(site: Site, clip: Path) -> str:
    """A video that was scanned before the pause."""
    key = site.api().add(clip)
    eventually(lambda: site.api().status(key) == "ready")
    return key


@pytest.fixture(scope="module")
def held_back(site: Site, scanned: str) -> Iterator[Site]:
    """The site while nothing is scanned."""
    site.manage("faces_scan", "--pause")
    yield site
    site.manage("faces_scan", "--resume")


def card_of(page: Page, key: str) -> Locator:
    return page.get_by_role("article").filter(has=page.locator(f'a[href="/assets/{key}"]'))


def menu_of(page: Page, card: Locator) -> Locator:
    card.get_by_role("button", name="Actions for").click()
    return page.get_by_role("menu")


def test_a_rescan_is_stopped_from_the_library_and_changes_nothing(
    page: Page, held_back: Site, scanned: str
) -> None:
    api = held_back.api()
    before = api.appearances(scanned)
    page.goto("/")
    card = card_of(page, scanned)
    with page.expect_response(re.compile("/scan/$")) as asked:
        menu_of(page, card).get_by_role("menuitem", name="As usual").click()
    assert asked.value.json()["mode"] == "default"
    expect(card).to_contain_text("Paused")
    expect(page.get_by_text(PAUSED)).to_be_visible()
    assert serious(page) == []
    menu = menu_of(page, card)
    expect(menu.get_by_role("menuitem")).to_have_text(["Stop scanning", "Delete…"])
    screenshot(page, "library-paused")
    menu.get_by_role("menuitem", name="Stop scanning").click()
    expect(page.get_by_text("What was found before stays as it was")).to_be_visible()
    expect(card).not_to_contain_text("Paused")
    assert (api.status(scanned), api.appearances(scanned)) == ("ready", before)


def test_who_only_looks_is_told_of_a_pause_and_offered_nothing(
    browser: Browser, held_back: Site, clip: Path
) -> None:
    new_user = f"from django.contrib.auth.models import User; User.objects.create_user('vera', password={PASSWORD!r})"
    held_back.manage("shell", "-c", new_user)
    api = held_back.api()
    key = api.add(clip)
    context = browser.new_context(base_url=f"http://127.0.0.1:{held_back.port}")
    page = context.new_page()
    page.goto(f"/assets/{key}")
    page.get_by_label("User name").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(PAUSED)).to_be_visible()
    expect(page.get_by_role("button", name="Stop scanning")).to_have_count(0)
    api.post(f"scans/{api.get(f'assets/{key}/').json()['scan']['id']}/cancel/")
    expect(page.get_by_text("The scan was stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Scan again")).to_have_count(0)
    page.goto("/")
    expect(card_of(page, key)).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Actions for")).to_have_count(0)
    context.close()


def test_a_video_that_waits_is_stopped_from_its_page_and_scanned_in_another_way(
    page: Page, held_back: Site, clip: Path
) -> None:
    key = held_back.api().add(clip)
    page.goto(f"/assets/{key}")
    status = page.locator(".top").get_by_role("status")
    expect(status).to_have_text("Paused")
    expect(page.get_by_text(PAUSED)).to_be_visible()
    screenshot(page, "asset-paused")
    assert serious(page) == []
    page.get_by_role("button", name="Stop scanning").click()
    expect(status).to_have_text("Stopped")
    expect(page.get_by_text("The scan was stopped before anything was kept")).to_be_visible()
    expect(page.get_by_role("button", name="Stop scanning")).to_have_count(0)
    assert serious(page) == []
    page.get_by_role("button", name="Scan again").click()
    ways = page.get_by_role("group", name="Scan again").get_by_role("menuitem")
    expect(ways).to_have_text([re.compile("^As usual"), re.compile("^Fast"), re.compile("^Thorough")])
    screenshot(page, "asset-stopped")
    with page.expect_response(re.compile("/scan/$")) as asked:
        ways.filter(has_text="Thorough").click()
    assert json.loads(asked.value.request.post_data or "") == {"mode": "thorough"}
    assert asked.value.json()["mode"] == "thorough"
    expect(status).to_have_text("Paused")
    held_back.manage("faces_scan", "--resume")
    expect(status).to_contain_text("Scanned", timeout=_READY_MS)
    expect(page.get_by_text(PAUSED)).to_have_count(0)
