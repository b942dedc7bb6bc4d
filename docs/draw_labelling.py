"""Draw the pictures of docs/own_images.md: the page to label on, its grid, and the page of the model.

    python docs/draw_labelling.py          # needs Chromium and its driver; three minutes on two cores

A project is made of 400 of scikit-learn's digits, labelled by keys in the browser as their names tell, and
trained from the page: what is drawn is what a user sees.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from fact.data.sources import digits
from PIL import Image

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "tests/browser")]
from browser import Page, browser  # noqa: E402
from label_page import LabelPage  # noqa: E402
from label_server import served  # noqa: E402

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
IMAGES, BUDGET, SIDE = 400, 80, 160
WIDTH, HEIGHT = 1100, 760
LABELLED = 55


def make_project(folder: Path) -> Path:
    """Write the images, named by what they show, and choose among them; return the project."""
    (folder / "images").mkdir()
    rows = digits.index().rows.head(IMAGES)
    for number, (locator, label) in enumerate(zip(rows["locator"], rows["label"], strict=True)):
        image = Image.fromarray(digits.read_image(None, locator)).resize(
            (SIDE, SIDE), Image.Resampling.BICUBIC
        )
        image.save(folder / f"images/scan_{number:04d}_{label}.jpg", quality=90)
    given = ("--images", str(folder / "images"), "--budget", str(BUDGET), "--backbone", "vit_letters")
    fact("new", str(folder / "digits"), *given)
    (folder / "digits/classes.txt").write_text("\n".join(NAMES) + "\n")
    with (folder / "digits/fact.yaml").open("a") as file:
        file.write("model: {recipes: []}\n")
    fact("run", str(folder / "digits"))
    return folder / "digits"


def fact(*arguments: str) -> None:
    """Run a command of `fact`."""
    subprocess.run([sys.executable, "-m", "fact", *arguments], check=True)


def truth(page: LabelPage) -> str:
    """Return the key of the class that the shown image's name tells."""
    digit = page.at()[-5]
    return "a" if digit == "9" else str(int(digit) + 1)


def draw(page: Page, name: str) -> None:
    """Write what the browser shows."""
    picture = Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("RGB")
    picture.save(DOCS / f"{name}.webp", quality=80, method=6)
    print(f"{name}.webp {(DOCS / f'{name}.webp').stat().st_size:,} bytes")


def label_and_draw(page: LabelPage) -> None:
    """Label until an accuracy and a learning curve are there, draw both views, and label the rest."""
    for _ in range(LABELLED):
        page.press(truth(page))
    page.saved()
    page.wait("return document.getElementById('more-gain').textContent !== ''")
    page.choose("mode", "before")
    page.wait("return Boolean(page.suggestions[page.at])")
    draw(page, "labelling_one")
    page.press("shift+G")
    page.choose("order", "alike")
    page.run("page.here = 0; document.getElementById('tiles').focus()")
    page.press("space", "shift+right")
    page.wait("return [...document.querySelectorAll('#tiles img')].slice(0, 20).every(i => i.complete)")
    draw(page, "labelling_grid")
    page.press("escape", "shift+G")
    page.choose("mode", "off")
    while page.at():
        page.press(truth(page))
    page.saved()


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        project = make_project(Path(place))
        with (
            served(Path(place) / "log", str(project), "--as", "anna") as server,
            browser(width=WIDTH) as driver,
        ):
            screen = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            page = LabelPage(driver, server.address)
            label_and_draw(page)
            page.run("document.getElementById('train').click()")
            page.wait("return document.getElementById('phase').textContent === 'The run is done.'")
            draw(Page(driver, project / "report.html"), "labelling_model")


if __name__ == "__main__":
    main()
