"""The page of a project's model, in a real browser: hostile names, keyboard, phone, dark."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import Page, browser
from fact.project.model_page.kept_page import keep_page
from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from modelled import modelled

HOSTILE = "</script><img src=x onerror=\"document.title='hit'\">"
CLASSES = [HOSTILE, "{{ 7 * 7 }} <b>two</b>", "three\u202e & more " + 30 * "long "]
NAMES = ["<script>document.title = 'hit'<", "' onmouseover='document.title=1", "a&amp;b", "=1+1", "猫 😀"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, draw, labels = tmp_path_factory.mktemp("model"), np.random.default_rng(0), {}
    for number in range(60):
        name = f"{NAMES[number % len(NAMES)]} {number}.png"
        size = (200, 120) if number % 2 else (20, 30)
        path = folder / "images" / name
        # a slash makes folders
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
        if number < 40:
            labels[name] = CLASSES[number % len(CLASSES)].strip()
    (folder / "images" / HOSTILE.replace("/", "_")).write_bytes(b"no image")
    (folder / "images" / "<i>broken.png").write_bytes(b"no image")
    project = modelled(folder / "birds", folder / "images", labels, right=0.5)
    return keep_page(project)


@pytest.fixture(scope="module")
def opened(page: Path) -> Iterator[Page]:
    with browser() as driver:
        opened = Page(driver, page)
        opened.wait("return document.documentElement.dataset.ready === 'true'")
        yield opened


def shown(page: Page, number: int) -> int:
    """How many images stand open behind a number, all of them loaded."""
    place = f"document.getElementById(document.querySelectorAll('button.number')[{number}]"
    images = f"[...{place}.getAttribute('aria-controls')).querySelectorAll('img')]"
    page.wait(f"return {images}.every(image => image.complete)")
    return page.run(f"return {images}.filter(image => image.offsetWidth && image.naturalWidth).length")


def test_it_opens_without_complaint_or_request(opened: Page, page: Path) -> None:
    assert opened.complaints() == []
    assert opened.requests() == [page.resolve().as_uri()]


def test_hostile_names_are_shown_and_do_nothing(opened: Page) -> None:
    assert opened.run("return document.title") == "birds: the model"
    assert opened.run("return document.querySelectorAll('b b, i, script:not([id])').length") == 1
    matrix = opened.run("return document.querySelector('.matrix').textContent")
    assert HOSTILE in matrix and "{{ 7 * 7 }} <b>two</b>" in matrix and r"\u202e" in matrix
    files = opened.run("return document.querySelector('.files').textContent")
    assert "<i>broken.png" in files and "onerror" in files
    assert "<script>document.title" in opened.run("return document.querySelector('#pool').textContent")


def test_every_image_in_view_is_drawn(opened: Page) -> None:
    view = "[...document.querySelectorAll('#doubtful img, #pool img, #next img')]"
    opened.wait(f"return {view}.every(image => image.complete && image.naturalWidth > 0)")
    assert opened.run(f"return {view}.length") > 20


def test_a_click_shows_the_images_behind_a_number_and_another_hides_them(opened: Page) -> None:
    numbers = opened.driver.find_elements("css selector", "button.number")
    assert shown(opened, 0) == 0
    numbers[0].click()
    assert shown(opened, 0) == int(numbers[0].text)
    numbers[1].click()
    assert shown(opened, 0) == 0 and shown(opened, 1) == int(numbers[1].text)
    numbers[1].click()
    assert shown(opened, 1) == 0
    assert opened.run("return document.querySelector('.hint').hidden") is False


def test_enter_arrows_and_escape(opened: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    numbers = opened.driver.find_elements("css selector", "button.number")
    focus = "return [...document.querySelectorAll('button.number')].indexOf(document.activeElement)"
    opened.run("arguments[0].focus()", numbers[0])
    for key, place in ((Keys.ARROW_RIGHT, 1), (Keys.ARROW_DOWN, 4), (Keys.ARROW_UP, 1), (Keys.ARROW_UP, 1)):
        opened.driver.switch_to.active_element.send_keys(key)
        assert opened.run(focus) == place
    opened.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert shown(opened, 1) == int(numbers[1].text) and opened.run(focus) == 1
    assert numbers[1].get_attribute("aria-expanded") == "true"
    opened.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert shown(opened, 1) == 0
    # one stop of the tab key for the whole matrix
    assert opened.run("return document.querySelectorAll('button.number[tabindex=\"0\"]').length") == 1


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours as `color(srgb r g b)` or `rgb(r, g, b)`."""

    def light(colour: str) -> float:
        parts = colour[colour.index("(") + 1 : -1].replace("srgb", "").replace(",", " ").split()[:3]
        shares = [float(part) / (1 if "srgb" in colour else 255) for part in parts]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_numbers_can_be_read(page: Path, dark: bool) -> None:
    with browser(dark=dark, width=390) as driver:
        phone = Page(driver, page)
        phone.wait("return document.documentElement.dataset.ready === 'true'")
        ground = phone.run("return getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
        phone.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        phone.run("document.querySelector('button.number').click()")
        assert phone.run("return document.documentElement.scrollWidth") <= 390
        styles = "const style = getComputedStyle(button); return [style.color, style.backgroundColor];"
        every = (
            "return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap(shade => ['', ' right'].map(right => {"
            "const button = document.querySelector('button.number');"
            f"button.className = `number s${{shade}}${{right}}`; {styles}}}))"
        )
        assert min(contrast(*pair) for pair in phone.run(every)) >= 4.5
        assert phone.complaints() == []


def test_in_print_dark_is_light(page: Path) -> None:
    with browser(dark=True) as driver:
        printed = Page(driver, page)
        look = {"name": "prefers-color-scheme", "value": "dark"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [look]})
        for place in ("body", ".beware", "button.number.right"):
            style = f"const style = getComputedStyle(document.querySelector('{place}'));"
            found = printed.run(f"{style} return [style.color, style.backgroundColor]")
            assert contrast(*found) >= 4.5 and found[0] == "rgb(29, 33, 38)", place
