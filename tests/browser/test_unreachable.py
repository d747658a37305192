"""An original in place whose disk is away: the page says so, and everything but playing works."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import material
from tests.browser.conftest import screenshot
from tests.browser.test_page import serious
from tests.site import Site


def test_an_asset_whose_original_is_away_is_shown_offline_and_plays_when_it_is_back(
    page: Page, site: Site, tmp_path: Path
) -> None:
    original = tmp_path / "evening.mp4"
    shutil.copy(material.sample_videos()[0].path, original)
    site.manage("assets_add", "--in-place", "--again", str(original), "--wait")
    away = original.rename(tmp_path / "away")
    page.goto("/")
    page.get_by_role("link", name="evening").first.click()
    expect(page.get_by_text("The original is offline")).to_be_visible()
    expect(page.get_by_text(str(original))).to_be_visible()
    expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    expect(page.locator(".picture canvas")).to_have_count(0)  # the poster is of another moment than the boxes
    screenshot(page, "asset-offline")
    assert serious(page) == []
    away.rename(original)
    page.reload()
    expect(page.locator("video")).to_have_count(1)
    expect(page.locator(".picture canvas")).to_have_count(1)
