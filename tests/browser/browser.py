"""The machine's own Chromium, without a window, driven over its WebDriver."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = ("chromium", "chromedriver")
NEEDS = "no Chromium with its driver here; Debian: apt-get install chromium chromium-driver"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1100,900",
)
# a chart takes a second on a busy machine
PATIENCE_S = 30
LIMIT_S = 180


class NoFramesError(Exception):
    """The browser answers but shows nothing any more: its process for the display hangs."""


class Page:
    """A page that is open in the browser."""

    def __init__(self, driver, path: Path) -> None:
        self.driver = driver
        driver.get(path.resolve().as_uri())

    def run(self, script: str, *arguments: object) -> object:
        """The value that JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def draw_all(self) -> dict[str, str]:
        """Bring every chart into view until it is drawn or has failed; its state by id."""
        count = self.run("return document.querySelectorAll('.chart').length")
        for number in range(count):
            chart = f"document.querySelectorAll('.chart')[{number}]"
            self.run(f"{chart}.scrollIntoView()")
            self.wait(f"return ['drawn', 'failed'].includes({chart}.dataset.state)")
        return dict(
            self.run("return [...document.querySelectorAll('.chart')].map(c => [c.id, c.dataset.state])")
        )

    def wait(self, script: str, *arguments: object) -> None:
        """Until JavaScript returns true. Raises NoFramesError, and TimeoutError after three minutes."""
        start = time.monotonic()
        while not self.run(script, *arguments):
            waited = time.monotonic() - start
            if waited > PATIENCE_S and not self._shows_frames():
                raise NoFramesError(script)
            if waited > LIMIT_S:
                raise TimeoutError(script)
            time.sleep(0.05)

    def _shows_frames(self) -> bool:
        script = "const [answer] = arguments; requestAnimationFrame(() => answer(true));"
        return self.driver.execute_async_script(f"{script} setTimeout(() => answer(false), 10_000)")

    def complaints(self) -> list[str]:
        """Everything on the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that were asked for since the last call, those inside the page's own text left out."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        )
        return [url for url in sent if not url.startswith(("data:", "blob:"))]


@contextmanager
def browser(*, dark: bool = False, width: int = 1100) -> Iterator:
    """A driver to open pages with; skips the test where there is no Chromium."""
    if not all(map(shutil.which, PROGRAMS)):
        pytest.skip(NEEDS)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        look = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [look]})
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        yield driver
    finally:
        driver.quit()


@contextmanager
def drawn(path: Path, *, attempts: int = 3, dark: bool = False, width: int = 1100) -> Iterator[Page]:
    """A page with every chart drawn, or failed; a browser without frames is given up for another.

    Charts are drawn when they come into view, which a browser knows by its frames alone.
    """
    for left in reversed(range(attempts)):
        with browser(dark=dark, width=width) as driver:
            page = Page(driver, path)
            try:
                page.draw_all()
            except NoFramesError:
                if not left:
                    raise
                continue
            yield page
            return
