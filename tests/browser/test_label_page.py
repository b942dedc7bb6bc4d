"""The page of `fact label` in a real browser, served by the real server."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import browser
from fact.infra.files.spreadsheet import escape_formula
from fact.project.labelling.file_page import write_label_page
from fact.project.labels.sheet import read_sheet
from label_page import LabelPage
from label_server import Served, served
from label_tasks import make_task
from PIL import Image

CLASSES = ["owl", "hawk", "heron"]
HOSTILE = "<img src=x onerror=\"document.title='hit'\">.png"


class Selection:
    """A selection on the disk, and what its journal says."""

    def __init__(self, folder: Path, names: list[str], classes: list[str] = CLASSES) -> None:
        self.folder = folder
        (folder / "images").mkdir(parents=True)
        for number, name in enumerate(names):
            colour = np.random.default_rng(number).integers(0, 256, (24, 32, 3), np.uint8)
            Image.fromarray(colour).save(folder / "images" / name, "PNG")
        with (folder / "chosen.csv").open("w", newline="") as file:
            rows = [[str(rank), name, name, "0"] for rank, name in enumerate(names, start=1)]
            csv.writer(file).writerows([["rank", "sample_id", "path", "score"], *rows])
        (folder / "classes.txt").write_text("\n".join(classes) + "\n")

    def arguments(self, *more: str, classes: bool = False) -> list[str]:
        own = ["--selection", "chosen.csv", "--images", "images", "--out", "labels.csv"]
        own = [str(self.folder / part) if "." in part or part == "images" else part for part in own]
        declared = ["--classes", str(self.folder / "classes.txt")] if classes else []
        return [*own, *declared, "--as", "anna", *more]

    def lines(self) -> list[dict]:
        path = self.folder / "labels.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []

    def said(self) -> dict[str, str]:
        """The last word on each image: its class, or what else was said."""
        last = {line["sample_id"]: line for line in self.lines()}
        return {name: (line["choices"] or [line["kind"]])[0] for name, line in last.items()}


@pytest.fixture(scope="module")
def driver() -> Iterator:
    with browser() as driver:
        yield driver


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    return Selection(tmp_path, [f"{number:03d}.png" for number in range(12)])


@pytest.fixture
def server(selection: Selection) -> Iterator[Served]:
    with served(selection.folder / "log", *selection.arguments(classes=True)) as server:
        yield server


@pytest.fixture
def page(driver, server: Served) -> LabelPage:
    return LabelPage(driver, server.address)


def test_three_hundred_images_are_labelled_by_keys(driver, tmp_path: Path) -> None:
    names = [f"{number:03d}.png" for number in range(300)]
    selection = Selection(tmp_path, names)
    with served(tmp_path / "log", *selection.arguments(classes=True)) as server:
        page = LabelPage(driver, server.address)
        for first in range(0, 300, 20):
            page.press(*[str(number % 3 + 1) for number in range(first, first + 20)])
        page.saved()
        assert selection.said() == {name: CLASSES[number % 3] for number, name in enumerate(names)}
        page.tells("progress", "300 of 300 looked at")
        assert "Every image" in page.text("empty") and page.complaints() == []
        assert server.stop().count("labels:") == 1
    with (tmp_path / "labels.csv").open() as file:
        assert len(list(csv.reader(file))) == 301


def test_what_else_can_be_said_and_taken_back(page: LabelPage, selection: Selection) -> None:
    page.press("1", "space", ".", ",", "2")
    page.saved()
    words = ["owl", "skip", "unsure", "unusable", "hawk"]
    assert list(selection.said().values()) == words
    page.press(*["backspace"] * 6)
    page.saved()
    assert list(selection.said().values()) == ["clear"] * 5 and page.at() == "000.png"
    assert page.text("live") == "Nothing to undo."


def test_a_changed_mind_goes_back_to_what_was_said_before(page: LabelPage, selection: Selection) -> None:
    page.press("1", "left", "2", "left")
    assert page.at() == "000.png"
    page.press("backspace")
    page.saved()
    assert selection.said() == {"000.png": "owl"}


def test_images_of_one_kind_are_shown_alone(page: LabelPage) -> None:
    page.press("1", ".", "2", ".")
    page.choose("filter", "unsure")
    assert page.at() == "001.png"
    page.press("right")
    assert page.at() == "003.png"
    page.press("1", "1")
    page.saved()
    assert "no image of this kind" in page.text("empty")


def test_a_class_is_typed_and_a_new_one_made(driver, selection: Selection) -> None:
    with served(selection.folder / "log", *selection.arguments()) as server:
        page = LabelPage(driver, server.address)
        for name in ("Kingfisher", "king", "Grün"):
            page.type_class(name)
        page.press("1")
        page.saved()
        assert list(selection.said().values()) == ["Kingfisher", "Kingfisher", "Grün", "Kingfisher"]
        page.type_class('<b>bold</b>"')
        page.saved()
        assert page.run("return document.querySelectorAll('#classes b').length") == 0


def test_where_classes_are_fixed_a_new_one_is_refused(page: LabelPage, selection: Selection) -> None:
    page.type_class("kingfisher")
    page.wait("return !document.getElementById('alert').hidden")
    assert "none of the classes" in page.text("alert") and selection.said() == {}


def test_a_thousand_classes_are_found_by_typing(driver, tmp_path: Path) -> None:
    classes = [f"species {number:04d}" for number in range(1000)]
    selection = Selection(tmp_path, ["a.png", "b.png"], classes)
    with served(tmp_path / "log", *selection.arguments(classes=True)) as server:
        page = LabelPage(driver, server.address)
        page.type_class("0777")
        page.saved()
        assert selection.said() == {"a.png": "species 0777"}
        assert "and 940 more" in page.text("classes")


def test_many_are_labelled_at_once_in_the_grid(page: LabelPage, selection: Selection) -> None:
    page.press("shift+G", "space", "shift+right", "shift+right", "2")
    page.saved()
    assert selection.said() == dict.fromkeys(["000.png", "001.png", "002.png"], "hawk")
    page.press("control+a", "3")
    page.saved()
    assert list(selection.said().values()).count("heron") == 9
    page.press("backspace")
    page.saved()
    assert list(selection.said().values()).count("clear") == 9


def test_a_mouse_selects_in_the_grid(page: LabelPage, selection: Selection) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page.press("shift+G")
    tiles = page.driver.find_elements(By.CSS_SELECTOR, "#tiles li")
    ActionChains(page.driver).click(tiles[1]).key_down(Keys.SHIFT).click(tiles[3]).key_up(
        Keys.SHIFT
    ).perform()
    assert page.run("return [...page.selected].sort()") == [1, 2, 3]
    ActionChains(page.driver).click(tiles[2]).perform()
    page.press("1")
    page.saved()
    assert sorted(selection.said()) == ["001.png", "003.png"]


def test_zoom_and_fit(page: LabelPage) -> None:
    page.wait("return Boolean(document.querySelector('.frame'))")
    page.press("+", "+")
    assert "scale(2.25)" in page.run("return document.querySelector('.frame').style.transform")
    page.press("escape")
    assert "scale(1)" in page.run("return document.querySelector('.frame').style.transform")


def test_two_people_and_two_tabs_see_each_other(
    page: LabelPage, selection: Selection, server: Served
) -> None:
    first = page.driver.current_window_handle
    page.press("1")
    page.saved()
    page.driver.switch_to.new_window("tab")
    try:
        other = LabelPage(page.driver, server.address)
        other.tells("progress", "1 of 12 looked at")
        other.choose("annotator", "bo")
        other.run("setFilter('all'); show(0)")
        other.press("2")
        other.saved()
        other.choose("annotator", "anna")
    finally:
        page.driver.close()
        page.driver.switch_to.window(first)
    page.wait("return [...page.marks[0].keys()].length === 2")
    said = {(line["annotator"], line["choices"][0]) for line in selection.lines()}
    assert said == {("anna", "owl"), ("bo", "hawk")}


def test_labels_wait_for_a_server_that_comes_back(
    page: LabelPage, selection: Selection, server: Served
) -> None:
    page.press("1")
    page.saved()
    server.kill()
    page.press("2", "3")
    page.wait("return document.getElementById('saved').dataset.state === 'lost'")
    assert "2 wait here" in page.text("saved")
    with served(selection.folder / "log2", *selection.arguments(classes=True)) as again:
        assert again.address == server.address
        page.saved()
    assert list(selection.said().values()) == CLASSES and len(selection.lines()) == 3
    page.complaints()


def test_a_full_disk_stops_the_page_and_says_why(driver, selection: Selection) -> None:
    with served(selection.folder / "log", *selection.arguments(classes=True), most_bytes=1500) as server:
        page = LabelPage(driver, server.address)
        page.press("1", "2", "3", "1", "2", "3")
        page.wait("return Boolean(page.blocked)")
        kept = len(selection.lines())
        assert 0 < kept < 6 and "can no longer be written" in page.text("alert")
        page.press("1")
        assert page.run("return store.waiting()") == 6 - kept, "nothing more is taken"
        server.kill()
    with served(selection.folder / "log", *selection.arguments(classes=True)) as server:
        page.run("[...document.querySelectorAll('#alert button')].at(-1).click()")
        page.saved()
        assert len(selection.said()) == 6
    page.complaints()


def test_an_image_that_vanished_is_told_and_the_next_one_comes(page: LabelPage, selection: Selection) -> None:
    page.run("page.ready.clear()")
    (selection.folder / "images/007.png").unlink()
    page.run("show(7)")
    page.wait("return Boolean(document.querySelector('.gone'))")
    page.press("space")
    assert page.at() == "008.png"
    page.complaints()


def test_hostile_names_do_nothing(driver, tmp_path: Path) -> None:
    selection = Selection(tmp_path, ["a.png", HOSTILE], [HOSTILE, "owl"])
    with served(tmp_path / "log", *selection.arguments(classes=True)) as server:
        page = LabelPage(driver, server.address)
        page.press("1", "shift+G", "shift+G")
        page.saved()
        assert page.run("return document.title") == "Label chosen.csv"
        assert HOSTILE in page.text("classes") and selection.said() == {"a.png": HOSTILE}
        asked = page.requests()
        assert all(url.startswith(server.address.partition("?")[0]) for url in asked), asked


def test_masks_are_checked_beside_their_images(driver, selection: Selection) -> None:
    (selection.folder / "masks").mkdir()
    for number in range(12):
        mask = np.full((24, 32), number, np.uint8)
        Image.fromarray(mask).save(selection.folder / f"masks/{number:03d}.png")
    arguments = selection.arguments("--masks", str(selection.folder / "masks"))
    with served(selection.folder / "log", *arguments) as server:
        page = LabelPage(driver, server.address)
        page.wait(
            "return [...document.querySelectorAll('#stage img')].filter(i => i.naturalWidth).length === 2"
        )
        page.press("1", "2")
        page.saved()
    assert list(selection.said().values()) == ["right", "wrong"]


def test_every_control_has_a_name_and_what_happens_is_told(page: LabelPage) -> None:
    nameless = """
    return [...document.querySelectorAll('button, input, select, a, [tabindex="0"]')].filter(element =>
      element.offsetParent && !element.textContent.trim()
      && !element.getAttribute('aria-label') && !element.labels?.length
    ).map(element => element.outerHTML)
    """
    assert page.run(nameless) == []
    page.press("1")
    assert page.text("live") == "owl. Image 2 of 12."
    pressed = "return document.querySelector('#classes button').getAttribute('aria-pressed')"
    page.press("left")
    page.wait(f"{pressed} === 'true'")


@pytest.mark.parametrize("dark", [False, True])
def test_it_works_on_a_phone(selection: Selection, server: Served, dark: bool) -> None:
    with browser(dark=dark, width=390) as driver:
        page = LabelPage(driver, server.address)
        assert page.run("return document.documentElement.scrollWidth") <= 390
        small = (
            "return [...document.querySelectorAll('#classes button')].filter(b => b.offsetHeight < 44).length"
        )
        assert page.run(small) == 0
        page.run("document.querySelectorAll('#classes button')[1].click()")
        page.saved()
        assert selection.said()["000.png"] == "hawk"
        assert page.run(CONTRAST) == []


# texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3)
CONTRAST = """
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const linear = value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
const behind = element => {
  for (let one = element; one; one = one.parentElement) {
    const colour = rgb(getComputedStyle(one).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const texts = document.querySelectorAll('p, button, label, h1, h2, span, kbd, select, li, input');
return [...texts].filter(element =>
  element.offsetParent && element.textContent.trim() && !element.disabled
).filter(element => {
  const ink = light(rgb(getComputedStyle(element).color));
  const [one, other] = [ink, light(behind(element))].sort((a, b) => b - a);
  return (one + .05) / (other + .05) < 4.5;
}).map(element => element.outerHTML.slice(0, 80));
"""


def test_a_page_without_a_server_keeps_labels_and_saves_a_table(driver, tmp_path: Path) -> None:
    names = ["=1+1.png", "it's.png", HOSTILE, "a;b,c.png", "猫.png", "'@x.png"]
    task = make_task(tmp_path / "images", names, classes=CLASSES)
    write_label_page(tmp_path / "label.html", task, range(len(names)), "birds")
    address = (tmp_path / "label.html").resolve().as_uri()
    page = LabelPage(driver, address)
    page.press("1", "2", "space", "3")
    page.type_class("=formula")
    page = LabelPage(driver, address)
    page.tells("progress", "5 of 6 looked at")
    assert page.at() == names[5]
    table = page.run("return store.table().map(row => row.map(cell).join(',')).join('\\r\\n')")
    (tmp_path / "labels.csv").write_text("\ufeff" + table, "utf-8", newline="")
    votes = read_sheet(tmp_path / "labels.csv")
    said = {vote.sample_id: vote.choices for vote in votes}
    assert said == dict(zip(names[:5], [("owl",), ("hawk",), (), ("heron",), ("=formula",)], strict=True))
    for text in (*names, "a\n=b", "x;+1", "''-1"):
        quoted = escape_formula(text).replace('"', '""')
        assert page.run("return cell(arguments[0])", text) == f'"{quoted}"'
    assert page.complaints() == [] and {re.sub(r"\?.*", "", url) for url in page.requests()} == {address}
