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
LIMIT_S = 180


class Page:
    """A page that is open in the browser."""

    def __init__(self, driver, path: Path, state: str = "") -> None:
        """Open a file; ``state`` is what stands behind its address, from ``#`` on."""
        self.driver = driver
        driver.get(f"{path.resolve().as_uri()}{state}")

    def run(self, script: str, *arguments: object) -> object:
        """The value that JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, *arguments: object) -> None:
        """Until JavaScript returns true. Raises TimeoutError after three minutes."""
        start = time.monotonic()
        while not self.run(script, *arguments):
            if time.monotonic() - start > LIMIT_S:
                raise TimeoutError(script)
            time.sleep(0.05)

    def settle(self) -> "Page":
        """Wait until the page's script has run, and return the page."""
        self.wait("return document.documentElement.dataset.ready === 'true'")
        return self

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
