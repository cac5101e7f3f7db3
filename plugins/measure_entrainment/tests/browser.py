"""A headless Chromium for tests of pages; they skip where there is none."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 120.0
"""A busy machine is no failure."""
LOCAL = ("file:", "data:", "blob:")


class Opened:
    """A page that is open: playwright's `page`, and what went wrong in it or was asked of the network."""

    def __init__(self, page, problems, requests):
        self.page = page
        self.problems = problems
        self.requests = requests

    def wait(self, expression: str, seconds: float = PATIENCE_S) -> None:
        """Until a JavaScript expression is true; playwright's own way needs `eval`, which the pages forbid."""
        until = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < until, f"never true: {expression}; {self.problems}"
            self.page.wait_for_timeout(50)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, for several pages; skips the test if there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright to open pages in a browser")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as driver:
        if found is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip(f"needs a browser to open pages in: {', '.join(NAMES)}, or `playwright install chromium`")
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        options = [*root, "--autoplay-policy=no-user-gesture-required"]
        browser = driver.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path) -> Iterator[Opened]:
    """The page in `path`, with its scripts run."""
    page = browser.new_page(viewport={"width": 1240, "height": 900})
    page.set_default_timeout(PATIENCE_S * 1000)
    problems, requests = [], []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: request.url.startswith(LOCAL) or requests.append(request.url))
    page.goto(path.resolve().as_uri())
    shown = Opened(page, problems, requests)
    shown.wait("[...document.querySelectorAll('.plotly-graph-div')].every(d => d._fullLayout)")
    yield shown
    page.close()
