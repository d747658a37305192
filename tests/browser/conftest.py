"""Debian's Chromium on the real, running site."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.site import Site

PASSWORD = "a long enough password"
SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-results" / "screenshots"
_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        warnings.warn(
            "NO CHROMIUM: the page is NOT tested in a browser; install Debian's chromium", stacklevel=1
        )
        pytest.skip("no Chromium here: install Debian's chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site, started for these tests alone; the administrator's password is PASSWORD."""
    running = Site(tmp_path_factory.mktemp("site") / "home", DRAMATIS_ADMIN_PASSWORD=PASSWORD).ready()
    yield running
    running.process.terminate()
    running.process.wait()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A logged-in page, which may not write an error to its console, but of uploads, whose line a test may break."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, base_url=f"http://127.0.0.1:{site.port}"
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            errors.append(f"{message.text} {message.location}")
            if message.type == "error" and "/uploads/" not in message.location["url"]
            else None
        ),
    )
    opened.goto("/")
    opened.get_by_label("Name").or_(opened.locator("input[name=username]")).first.fill("admin")
    opened.locator("input[type=password]").fill(PASSWORD)
    opened.keyboard.press("Enter")
    opened.get_by_role("heading", name="Library").wait_for()
    yield opened
    context.close()
    assert errors == []


def screenshot(page: Page, name: str) -> None:
    """Kept under test-results/ for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
