"""From a folder of images to a model without touching a file: everything on the page of `fact label`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, browser
from fact.data.labels_file import read_labels
from fact.data.sources import digits
from label_page import LabelPage
from label_server import Served, served
from PIL import Image

CLASSES = ["zero", "one", "two"]
BUDGET, MORE = 24, 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three kinds of digits whose names tell them, and a project that has chosen among them."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "images").mkdir()
    rows = digits.index().rows
    rows = rows[(rows["split"] == "pool") & (rows["label"] < len(CLASSES))].head(90)
    for number, (locator, label) in enumerate(zip(rows["locator"], rows["label"], strict=True)):
        Image.fromarray(digits.read_image(None, locator)).save(folder / f"images/{label}_{number:03d}.png")
    given = ("--images", str(folder / "images"), "--budget", str(BUDGET), "--backbone", "vit_letters")
    fact("new", str(folder / "digits"), *given)
    with (folder / "digits/fact.yaml").open("a") as file:
        file.write("model: {recipes: []}\n")
    told = fact("run", str(folder / "digits"), "--cores", "2")
    assert f"next:      label the images in the browser: fact label {folder / 'digits'}" in told
    return folder


def fact(*arguments: str) -> str:
    command = [sys.executable, "-m", "fact", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with served(folder / "log", str(folder / "digits"), "--as", "anna") as server:
        yield server


@pytest.fixture(scope="module")
def page(server: Served) -> Iterator[LabelPage]:
    with browser() as driver:
        yield LabelPage(driver, server.address)


def label_all(page: LabelPage) -> int:
    """Label every image that is to do, as its name tells; return how many."""
    count = 0
    while name := page.at():
        page.press(str(int(name[0]) + 1))
        count += 1
    page.saved()
    return count


def test_from_images_to_a_model(page: LabelPage, folder: Path) -> None:
    for name in CLASSES:
        page.run("return fetch('classes', post({ name: arguments[0] })).then(answer => answer.ok)", name)
    page.wait("return page.classes.length === 3")
    assert label_all(page) == BUDGET
    page.wait("return document.getElementById('accuracy').textContent !== ''")
    assert "A quick probe is right on about" in page.text("accuracy")
    page.run("document.getElementById('train').click()")
    page.wait("return document.getElementById('phase').textContent === 'The run is done.'")
    assert any("accuracy:" in line for line in page.text("lines").split("\n"))
    assert set(read_labels(folder / "digits/labels.csv").values()) == set(CLASSES)
    assert (folder / "digits/report.html").is_file()
    assert page.run("return document.getElementById('model').hidden") is False
    shown = Page(page.driver, folder / "digits/report.html")
    assert "How good the model is" in shown.run("return document.body.textContent")


def test_more_images_are_chosen_from_the_page(page: LabelPage, server: Served) -> None:
    page = LabelPage(page.driver, server.address)
    assert page.at() == ""
    page.run("document.getElementById('budget').value = arguments[0]", MORE)
    page.run("document.querySelector('#more button').click()")
    page.wait("return page.at >= 0")
    page.tells("progress", f"{BUDGET} of {BUDGET + MORE} looked at")
    page.wait("return Object.keys(page.suggestions).length === arguments[0]", MORE)
    page.choose("mode", "before")
    page.press("enter")
    page.saved()
    assert page.text("agreed") == "Suggestions were right for 1 of your last 1 labels."
    label_all(page)
    page.tells("progress", f"{BUDGET + MORE} of {BUDGET + MORE} looked at")


def test_a_run_is_stopped_from_the_page(page: LabelPage) -> None:
    page.run("document.getElementById('train').click()")
    page.wait("return !document.getElementById('stop').hidden && document.getElementById('share').value > 0")
    page.run("document.getElementById('stop').click()")
    page.wait("return document.getElementById('phase').textContent.startsWith('The run was stopped')")
    page.run("document.getElementById('train').click()")
    page.wait("return document.getElementById('phase').textContent === 'The run is done.'")


def test_the_server_ends_and_says_what_is_next(page: LabelPage, server: Served) -> None:
    told = server.stop()
    assert "Traceback" not in told
    assert f"labels:    {BUDGET + MORE} of {BUDGET + MORE} images have one" in told
    assert "next:      fact run" in told
    page.wait("return document.getElementById('saved').dataset.state === 'lost'")
