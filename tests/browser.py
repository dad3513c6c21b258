"""Opens a page in headless Chromium and asks what a visitor would notice."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tasks.artifacts.code_version import PROJECT_ROOT

SCREENSHOTS = PROJECT_ROOT / "screenshots"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_TIMEOUT_MS = 120_000  # of one action; a busy machine is slow
_IMAGE_WIDTHS = """
async () => {
  const images = [...document.images];
  images.forEach(image => image.loading = 'eager');
  await Promise.allSettled(images.map(image => image.decode()));
  return images.map(image => [image.alt || image.src.slice(0, 80), image.complete ? image.naturalWidth : 0]);
}
"""
_FOCUS = """
() => {
  const focused = document.activeElement;
  return focused === document.body ? null : [...document.querySelectorAll('*')].indexOf(focused);
}
"""

needs_chromium = pytest.mark.skipif(
    _CHROMIUM is None, reason="there is no Chromium on the path; install the package chromium"
)


@contextmanager
def opened(path: Path, *, width_px: int = 1280) -> Iterator[tuple[Page, list[str]]]:
    """The page in a window of this width, and what its console complains of or asks the network for."""
    with opened_address(path.as_uri(), width_px=width_px) as (page, complaints):
        yield page, complaints


@contextmanager
def opened_address(url: str, *, width_px: int = 1280) -> Iterator[tuple[Page, list[str]]]:
    """The page at an address, likewise; a server on this machine may be asked."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width_px, "height": 900})
        page.set_default_timeout(_TIMEOUT_MS)
        page.on("console", lambda message: message.type == "error" and complaints.append(_say(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _is_remote(request.url) and complaints.append(request.url))
        page.goto(url)
        yield page, complaints
        browser.close()


def _say(message: ConsoleMessage) -> str:
    return f"{message.text} {message.location['url']}"


def _is_remote(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:", "ws://127.0.0.1:"))


def check_images(page: Page) -> list[str]:
    """Assert that every image of the page is loaded and has pixels; returns what each is called."""
    widths = page.evaluate(_IMAGE_WIDTHS)
    assert [name for name, width in widths if width == 0] == []
    return [name for name, _ in widths]


def check_page(path: Path, *, name: str, tables: int, images: int, plots: int) -> None:
    """Assert that everything is there, loaded and reachable by keyboard, wide and narrow; leave screenshots."""
    SCREENSHOTS.mkdir(exist_ok=True)
    with opened(path) as (page, complaints):
        assert complaints == []
        assert len(check_images(page)) >= images and page.locator("table").count() >= tables
        assert page.locator(".js-plotly-plot .main-svg").count() >= plots
        unreachable = _reach_by_tab(page)
        assert unreachable == [], unreachable
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    with opened(path, width_px=400) as (page, complaints):
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert sizes[0] <= sizes[1] and complaints == [], (sizes, _wide_elements(page))
        page.screenshot(path=SCREENSHOTS / f"{name}-narrow.png", full_page=True)


def _reach_by_tab(page: Page) -> list[str]:
    """Links and summaries in sight that the tab key does not come to."""
    wanted = "[...document.querySelectorAll('a[href], summary')].filter(item => item.checkVisibility())"
    count = page.evaluate(f"{wanted}.length")
    reached: set[int] = set()
    for _ in range(10 * count + 200):
        page.keyboard.press("Tab")
        place = page.evaluate(_FOCUS)
        if place is None or (place in reached and len(reached) > count):
            break
        reached.add(place)
    described = f"{wanted}.map(item => [[...document.querySelectorAll('*')].indexOf(item), item.textContent])"
    return [text for place, text in page.evaluate(described) if place not in reached]


def _wide_elements(page: Page) -> list[str]:
    """What sticks out of the window to the right."""
    return page.evaluate(
        "[...document.querySelectorAll('body *')].filter(item => item.getBoundingClientRect().right > innerWidth + 1"
        " && !item.closest('.scroll, pre')).slice(0, 5).map(item => item.outerHTML.slice(0, 120))"
    )
