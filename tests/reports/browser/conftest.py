"""A real Chromium on the published demo report; everything here is skipped where there is none."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
Opened = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def browser(reports: Path) -> Iterator[Any]:
    """Chromium without a window; the report is made first, since both want the event loop."""
    driver = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'"
    )
    place = next(filter(None, map(shutil.which, NAMES)), None)
    if place is None:
        pytest.skip("there is no Chromium on this machine; Debian has it: apt-get install chromium")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def opened(browser: Any, reports: Path) -> Opened:
    """Open a page of the report; what it asks for and complains about is noted on it."""

    @contextmanager
    def open_page(name: str, *, width: int = 1280, **settings: Any) -> Iterator[Any]:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", **settings
        )
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto((reports / name).as_uri())
        yield page
        context.close()

    return open_page
