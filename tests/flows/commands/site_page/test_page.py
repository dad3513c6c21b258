"""The page in a real browser: the circle, a person, the floor and a table are drawn and dragged, and the file is read."""

import numpy as np
import pytest
from playwright.sync_api import Page

from blender_assets.site import load_site
from tasks.sites.backgrounds import list_backgrounds
from tests.browser import SCREENSHOTS, needs_chromium, opened_address
from tests.flows.commands.site_page.served import serving
from tests.tasks.sites.describing.drafts import fisheye_draft

_ON_SCREEN = """
([x, y]) => {
  const point = new DOMPoint(x, y).matrixTransform(document.getElementById('photo').getScreenCTM());
  return [point.x, point.y];
}
"""


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    left, top = page.evaluate(_ON_SCREEN, [x, y])
    return left, top


def click(page: Page, *points: tuple[float, float]) -> None:
    for x, y in points:
        page.mouse.click(*on_screen(page, x, y))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*on_screen(page, *start))
    page.mouse.down()
    page.mouse.move(*on_screen(page, *end), steps=4)
    page.mouse.up()


@needs_chromium
def test_a_site_is_described_and_saved_in_a_browser(tmp_path):
    fisheye_draft(tmp_path)
    site = tmp_path / "site.yaml"
    SCREENSHOTS.mkdir(exist_ok=True)
    with (
        serving(tmp_path / "empty_room.png", site) as server,
        opened_address(server.url) as (page, complaints),
    ):
        page.set_default_timeout(30_000)
        page.get_by_text("looks straight down").wait_for()
        # The circle goes 5 px to the right by its middle, and grows by 5 px at its left rim.
        drag(page, (200, 200), (205, 200))
        drag(page, (10, 200), (5, 200))
        page.locator("#next").click()

        page.get_by_role("button", name="A person").click()
        head_px = 205 + 200 * np.degrees(np.arctan(2)) / 90
        click(page, (205, 300), (205, float(head_px - 5)))
        page.get_by_text("Give or take").wait_for()
        page.get_by_label("Size of mark 1 in metres").fill("1.8")
        page.locator("#step-floor").click()

        page.get_by_role("button", name="Draw the floor").click()
        click(page, (100, 100), (300, 100), (300, 300), (200, 320), (100, 300), (100, 100))
        drag(page, (300, 100), (310, 90))
        page.locator("#step-tables").click()
        page.get_by_role("button", name="Draw a table").click()
        click(page, (150, 150), (250, 150), (250, 190))
        page.keyboard.press("Enter")
        click(page, (250, 190))
        page.get_by_label("Height of 1 in metres").fill("0.9")
        page.get_by_label("Height of 1 in metres").press("Enter")
        page.get_by_role("button", name="Remove").click()
        page.locator("#undo").click()
        page.get_by_role("button", name="Mark a chair").click()
        click(page, (205, 260), (205, 200))
        page.get_by_label("Height of seat 1 in metres").fill("0.5")
        page.get_by_label("Height of seat 1 in metres").press("Enter")
        page.screenshot(path=SCREENSHOTS / "site-page.png")

        page.get_by_text("All is kept").wait_for()
        page.reload()  # goes on where it was
        assert page.get_by_label("Height of 1 in metres").input_value() == "0.9"
        page.locator("#step-save").click()
        page.locator("#save").click()
        page.get_by_text("flows preview").first.wait_for()
        assert complaints == []
    camera = load_site(site).cameras["ceiling"]
    circle = camera.lens.model_dump()["circle_px"]
    assert (circle["cx"], circle["cy"], circle["radius"]) == pytest.approx((205, 200, 200), abs=1.5)
    assert camera.height_m == pytest.approx(2 * 1.8, rel=0.04)
    drawn = [(100, 100), (310, 90), (300, 300), (200, 320), (100, 300)]
    assert np.array(camera.floor.polygon_px) == pytest.approx(np.array(drawn), abs=1)
    assert [occluder.height_m for occluder in camera.occluders] == [0.9]
    (seat,) = camera.seats
    assert (seat.position_px, seat.height_m) == (pytest.approx((205, 260), abs=1), 0.5)
    assert seat.facing_deg == pytest.approx(90, abs=2)
    assert len(list_backgrounds(site)) == 1
