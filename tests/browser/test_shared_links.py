"""A video from an address: asked for in the page, fetched by the server, or the reason why not."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.test_page import serious


def test_an_address_inside_the_network_is_refused_with_its_reason_and_may_be_tried_again(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="From a link").click()
    dialog = page.get_by_role("dialog")
    assert serious(page) == []
    dialog.get_by_label("Address").fill("http://127.0.0.1/films/secret%20film.mp4?token=7")
    screenshot(page, "library-link")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.mouse.move(0, 0)  # else it would rest on the button that comes to stand there
    card = page.get_by_role("article").filter(has_text="secret film")
    expect(card).to_contain_text(re.compile("not on the public internet"), timeout=30_000)
    expect(card.get_by_role("button", name="Retry")).to_be_visible()
    screenshot(page, "library-not-fetched")
    assert serious(page) == []
    card.get_by_role("link").click()
    expect(page.get_by_text("This video could not be fetched")).to_be_visible()
    with page.expect_response(re.compile("/fetch/$")):
        page.get_by_role("button", name="Retry").click()
    page.reload()  # what stood here before the second try says nothing of it
    expect(page.get_by_text("This video could not be fetched")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete video").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(card).to_have_count(0)
