"""The page of `fact label` in the browser, and what its user does there."""

import time
from collections.abc import Callable

from browser import Page
from label_server import LIMIT_S


class LabelPage(Page):
    """The page, and keys for it."""

    def __init__(self, driver, address: str) -> None:
        self.driver = driver
        # what earlier pages of this browser left behind
        self.complaints(), self.requests()
        driver.get(address)
        self.wait("return document.documentElement.dataset.ready === 'true'")

    def press(self, *keys: str) -> None:
        """Press keys; names of more than one sign are those of the browser."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            *held, last = key.split("+") if len(key) > 1 else [key]
            for name in held:
                chain.key_down(getattr(Keys, name.upper()))
            chain.send_keys(getattr(Keys, last.upper()) if len(last) > 1 else last)
            for name in held:
                chain.key_up(getattr(Keys, name.upper()))
        chain.perform()

    def text(self, name: str) -> str:
        return self.run("return document.getElementById(arguments[0]).textContent", name)

    def tells(self, name: str, text: str) -> None:
        """Wait until an element says this: counts are drawn after the image."""
        self.wait("return document.getElementById(arguments[0]).textContent === arguments[1]", name, text)

    def saved(self) -> None:
        self.wait("return document.getElementById('saved').dataset.state === 'saved' && !store.waiting()")

    def at(self) -> str:
        return self.run("return page.at < 0 ? '' : page.images[page.at].path")

    def choose(self, name: str, value: str) -> None:
        """Give a field a value as its user would."""
        script = "const f = document.getElementById(arguments[0]); f.value = arguments[1]; "
        self.run(f"{script} f.dispatchEvent(new Event('change'))", name, value)

    def type_class(self, name: str) -> None:
        from selenium.webdriver.common.by import By
        from selenium.webdriver.common.keys import Keys

        self.press("/")
        self.driver.find_element(By.ID, "type").send_keys(name + Keys.ENTER)


def until(happens: Callable[[], bool]) -> None:
    """Wait for what happens. Raises TimeoutError after two minutes."""
    start = time.monotonic()
    while not happens():
        if time.monotonic() - start > LIMIT_S:
            raise TimeoutError
        time.sleep(0.05)
