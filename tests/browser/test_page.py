"""What an editor does: upload, wait, name by keyboard, see the other video follow, undo."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from tests import material
from tests.browser.conftest import screenshot
from tests.site import Site, eventually

_AXE = material.CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_READY_MS = 180_000


def serious(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA that is serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{rule['id']}: {node['html']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def open_video(page: Page, title: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=title, exact=False).first.click()
    expect(page.get_by_text("Unknown").first).to_be_visible()


def test_it_uploads_names_by_keyboard_follows_and_undoes(page: Page, site: Site) -> None:
    press_room, _, evening = material.sample_videos()
    expect(page.get_by_text("No videos yet")).to_be_visible()
    screenshot(page, "library-empty")
    assert serious(page) == []

    page.locator("input[type=file]").first.set_input_files([press_room.path, evening.path])
    for sample in (press_room, evening):
        expect(page.get_by_role("link", name=sample.path.stem, exact=False).first).to_be_visible(
            timeout=_READY_MS
        )
    screenshot(page, "library-scanning")
    api = site.api()
    ids = {asset["title"]: asset["id"] for asset in api.get("assets/").json()["results"]}
    eventually(lambda: all(api.status(key) == "ready" for key in ids.values()))
    here, there = ids[press_room.path.stem], ids[evening.path.stem]
    before = {key: api.appearances(key) for key in (here, there)}

    open_video(page, press_room.path.stem)
    lanes = page.locator("body")
    expect(lanes).to_contain_text("Unknown Face")
    screenshot(page, "asset-unknown")
    assert serious(page) == []

    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.keyboard.type("Barack Obama")
    page.keyboard.press("Enter")
    toast = page.get_by_role("status").filter(has_text=re.compile("Named Barack Obama"))
    expect(toast).to_be_visible()
    expect(toast).to_contain_text(re.compile(r"\d+ appearances? in 2 videos"))
    screenshot(page, "asset-named")
    assert serious(page) == []

    open_video(page, evening.path.stem)
    expect(page.get_by_text("Barack Obama").first).to_be_visible()
    screenshot(page, "asset-followed")
    assert "Barack Obama" in {face["name"] for face in json.loads(api.appearances(there))["faces"]}

    page.keyboard.press("u")
    expect(page.get_by_text("Barack Obama")).to_have_count(0)
    eventually(lambda: api.appearances(there) == before[there])
    assert api.appearances(here) == before[here]


def test_the_video_plays_and_seeks_by_byte_ranges(page: Page, site: Site) -> None:
    statuses: list[int] = []
    page.on(
        "response", lambda answer: statuses.append(answer.status) if answer.url.endswith("/media") else None
    )
    open_video(page, material.sample_videos()[0].path.stem)
    video = page.locator("video")
    eventually(lambda: video.evaluate("video => video.readyState >= 2"))
    video.evaluate("video => { video.currentTime = 12 }")
    eventually(lambda: video.evaluate("video => !video.seeking"))
    assert 206 in statuses
    page.keyboard.press("k")
    eventually(lambda: video.evaluate("video => video.currentTime > 12.2"))


def test_every_screen_is_free_of_serious_findings(page: Page, site: Site) -> None:
    api = site.api()
    unknown = api.get("unknowns/").json()["results"][0]
    api.post("decisions/", json={"verdict": "is", "unknown": unknown["key"], "name": "Grace Hopper"})
    person = api.get("people/").json()["results"][0]["id"]
    for screen in ("", "inbox", "people", f"people/{person}", f"search?all={person}", "activity"):
        page.goto(f"/{screen}")
        page.wait_for_load_state("networkidle")
        screenshot(page, re.sub(r"\W+", "-", screen).strip("-") or "library")
        assert serious(page) == [], screen


def test_arrows_step_frame_by_frame_at_a_variable_rate(page: Page, site: Site) -> None:
    evening = material.sample_videos()[2].path.stem
    api = site.api()
    asset = next(one["id"] for one in api.get("assets/").json()["results"] if one["title"] == evening)
    times = api.get(f"assets/{asset}/frames/").json()["times"]
    open_video(page, evening)
    video = page.locator("video")
    eventually(lambda: video.evaluate("video => video.readyState >= 2"))
    video.evaluate(
        """video => {
            const shown = (_, frame) => {
                video.dataset.shown = Math.round(frame.mediaTime * 1000);
                video.requestVideoFrameCallback(shown);
            };
            video.requestVideoFrameCallback(shown);
        }"""
    )
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    eventually(lambda: video.get_attribute("data-shown") == str(times[20]))
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    eventually(lambda: video.get_attribute("data-shown") == str(times[15]))


def drop(page: Page, name: str, content: str) -> None:
    dropped = page.evaluate_handle(
        """([name, content]) => {
            const held = new DataTransfer();
            held.items.add(new File([content], name));
            return held;
        }""",
        [name, content],
    )
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})


def test_an_upload_goes_on_after_the_line_broke_and_the_same_file_is_known(page: Page, site: Site) -> None:
    sent: list[str] = []

    def break_the_line(route: Route) -> None:
        sent.append(route.request.method)
        if route.request.method == "PATCH" and sent.count("PATCH") <= 2:
            route.fulfill(status=503)  # as a proxy says while the server starts anew
        else:
            route.continue_()

    page.goto("/")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.route("**/uploads/**", break_the_line)
    tray = page.get_by_role("region", name="Uploads")
    drop(page, "breaking.mp4", "these are news, but no video")
    expect(tray.get_by_text("Uploaded; scanning comes next")).to_be_visible(timeout=_READY_MS)
    assert sent.count("POST") == 1
    assert sent.count("PATCH") == 3
    assert sent.count("HEAD") == 2
    drop(page, "the same.mp4", "these are news, but no video")
    expect(tray.get_by_text("The library has this file already")).to_be_visible(timeout=_READY_MS)
    api = site.api()
    (asset,) = [one for one in api.get("assets/").json()["results"] if one["title"] == "breaking"]
    assert asset["original_path"] == "breaking.mp4"


def test_a_dropped_file_that_is_no_video_fails_with_its_reason_and_offers_to_retry(
    page: Page, site: Site
) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    drop(page, "minutes.mp4", "these are minutes, not a video")
    expect(page.get_by_text("is not a video that can be read", exact=False).first).to_be_visible(
        timeout=_READY_MS
    )
    screenshot(page, "library-failed")
    page.get_by_role("article").filter(has_text="minutes").get_by_role("link").click()
    expect(page.get_by_role("heading", name="This video could not be scanned")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    screenshot(page, "asset-failed")
    assert serious(page) == []
