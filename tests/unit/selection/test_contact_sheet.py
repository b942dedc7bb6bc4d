"""The sheet that shows a selection."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
from fact.selection.contact_sheet import BACKGROUND, contact_sheet, plain_sheet, scatter_svg
from PIL import Image

NASTY = '"><script>alert(1)</script>\n☃ & co.jpg'


class Elements(HTMLParser):
    """Tags and attributes of a page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.found if name == tag]


def sheet(names: list[str], shown: int) -> Elements:
    picks = pd.DataFrame({"rank": range(1, len(names) + 1), "sample_id": names, "score": 0.5})
    images = [np.full((4, 4, 3), value, np.uint8) for value in range(shown)]
    points = np.random.default_rng(0).standard_normal((20, 2))
    facts = {"selector": "activeft <b>", "mean distance": 0.25}
    return Elements(contact_sheet(picks, images, points, range(len(names)), facts, "digits & more"))


def test_names_are_shown_and_do_nothing() -> None:
    page = sheet([NASTY, "b.png"], 2)
    assert [image["alt"] for image in page.all("img")] == [NASTY, "b.png"]
    assert not page.all("script") and not page.all("b")


def test_thumbnails_are_the_images() -> None:
    source = sheet(["a", "b", "c"], 3).all("img")[2]["src"]
    content = base64.b64decode(source.removeprefix("data:image/png;base64,"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), np.full((4, 4, 3), 2, np.uint8))


def test_a_long_selection_shows_its_first_images_and_says_so() -> None:
    page = sheet([str(number) for number in range(9)], 3)
    assert len(page.all("img")) == 3
    assert len([circle for circle in page.all("circle") if circle.get("class") == "pick"]) == 9


def test_points_stay_inside_and_few() -> None:
    points = np.random.default_rng(0).standard_normal((3 * BACKGROUND, 2)) * [1e-3, 1e3]
    drawing = scatter_svg(points, [0])
    places = np.array(re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', drawing), float)
    assert len(places) == BACKGROUND + 1
    assert places.min() >= 0 and places.max() <= 480


def test_a_pool_of_equal_points_is_drawn() -> None:
    assert "nan" not in scatter_svg(np.ones((3, 2)), [1])


def test_a_plain_sheet_shows_images_in_order_without_a_map() -> None:
    images = [np.zeros((4, 4, 3), np.uint8)] * 2
    page = Elements(plain_sheet([NASTY, "b.png"], images, "drawn <b>"))
    assert [image["alt"] for image in page.all("img")] == [NASTY, "b.png"]
    assert not page.all("circle") and not page.all("script") and not page.all("b")
