"""The sheet that shows a selection."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
from fact.data.images import Picture, Resize, picture
from fact.selection.contact_sheet import (
    BACKGROUND,
    THUMBNAIL,
    contact_sheet,
    plain_sheet,
    scatter_svg,
    titled_sheet,
)
from PIL import Image

WHOLE = (0.0, 0.0, 1.0, 1.0)
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
    images = [Picture(np.full((4, 4, 3), value, np.uint8), WHOLE) for value in range(shown)]
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
    images = [Picture(np.zeros((4, 4, 3), np.uint8), WHOLE)] * 2
    page = Elements(plain_sheet([NASTY, "b.png"], images, "drawn <b>"))
    assert [image["alt"] for image in page.all("img")] == [NASTY, "b.png"]
    assert not page.all("circle") and not page.all("script") and not page.all("b")


def test_an_image_is_shown_whole_with_what_the_model_sees_outlined() -> None:
    ship = picture(Resize(96, transform="crop"), np.zeros((300, 900, 3), np.uint8), THUMBNAIL)
    page = Elements(plain_sheet(["ship"], [ship], "ships"))
    (shown,) = page.all("img")
    content = base64.b64decode(shown["src"].removeprefix("data:image/jpeg;base64,"))
    assert Image.open(io.BytesIO(content)).size == (240, 80)
    (seen,) = page.all("i")
    assert seen["style"] == "left:33.3%;top:0.0%;width:33.3%;height:100.0%"


def test_nothing_is_outlined_where_the_model_sees_all() -> None:
    square = picture(Resize(96, transform="squash"), np.zeros((300, 900, 3), np.uint8), THUMBNAIL)
    assert not Elements(plain_sheet(["a"], [square], "all")).all("i")


def test_a_small_image_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    page = Elements(plain_sheet(["a"], [picture(Resize(96), pixels, THUMBNAIL)], "digits"))
    content = base64.b64decode(page.all("img")[0]["src"].removeprefix("data:image/png;base64,"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), pixels)


def test_sections_have_headings_that_do_nothing() -> None:
    shown = {NASTY: Picture(np.zeros((4, 4, 3), np.uint8), WHOLE)}
    page = Elements(titled_sheet({"dark <b>": shown, "blurred": shown}, "odd"))
    assert len(page.all("h2")) == 2 and len(page.all("img")) == 2
    assert not page.all("script") and not page.all("b")
