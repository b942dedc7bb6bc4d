"""The page of `fact label` in headless Chromium, with the real server: how long its user waits.

    python tests/benchmarks/bench_label_page.py [--images 300] [--pace 0.3]
    python tests/benchmarks/bench_label_page.py --images 100 --pace 1.5   # a person

Images are JPEGs of 1200 × 900 pixels, with ``--large`` of 4000 × 3000. Prints 50th and 95th percentiles of
the page's own marks: from a key to the next image on the screen, to the label on the disk, and to the classes
that match what is typed, among 1,000; seconds to open a project whose pool has 50,000 images; those of a
probe for 300 labels of 20 classes in 768 dimensions; bytes of the page.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from fact.data.manifest import make_index, write_manifest
from fact.data.selection_file import write_selection
from fact.project.create import new_project
from fact.project.folder import open_project
from fact.project.labelling.advice import FIRST_C, Known, read_labels, suggestions
from fact.project.labelling.page import render_page
from fact.project.settings import Asked
from PIL import Image

sys.path[:0] = [str(Path(__file__).parents[1] / "browser")]
from browser import browser  # noqa: E402
from label_page import LabelPage  # noqa: E402
from label_server import served  # noqa: E402

POOL, CLASSES = 50_000, 1000
TYPED = ["7", "77", "sp", "species 04", "99", "0123", "species 0999", "zz"]


def write_images(folder: Path, count: int, size: tuple[int, int]) -> list[str]:
    """Write smooth random pictures; return their names."""
    folder.mkdir()
    for number in range(count):
        coarse = np.random.default_rng(number).integers(0, 256, (9, 12, 3), np.uint8)
        Image.fromarray(coarse).resize((1200, 900), Image.Resampling.BICUBIC).save(
            folder / f"{number:04d}.jpg"
        )
    return [f"{number:04d}.jpg" for number in range(count)]


def write_chosen(folder: Path, names: list[str]) -> list[str]:
    """Write a selection and its classes; return the arguments that label it."""
    rows = [f"{rank},{name},{name},0" for rank, name in enumerate(names, start=1)]
    (folder / "chosen.csv").write_text("\n".join(["rank,sample_id,path,score", *rows]) + "\n")
    (folder / "classes.txt").write_text("".join(f"species {number:04d}\n" for number in range(CLASSES)))
    own = {
        "--selection": "chosen.csv",
        "--images": "images",
        "--classes": "classes.txt",
        "--out": "labels.csv",
    }
    return [part for option, name in own.items() for part in (option, str(folder / name))]


def durations(page: LabelPage, name: str) -> np.ndarray:
    """Return milliseconds of the page's own marks of a name."""
    return np.array(page.run("return performance.getEntriesByName(arguments[0]).map(m => m.duration)", name))


def told(name: str, milliseconds: np.ndarray) -> None:
    middle, late = np.percentile(milliseconds, [50, 95])
    print(f"{name:24} median {middle:.0f} ms, 95th percentile {late:.0f} ms ({len(milliseconds)})")


def label(folder: Path, count: int, pace: float, size: tuple[int, int]) -> None:
    """Label all images by keys, one every ``pace`` seconds, and print what was waited for."""
    arguments = write_chosen(folder, write_images(folder / "images", count, size))
    with served(folder / "log", *arguments) as server, browser() as driver:
        page, began = LabelPage(driver, server.address), time.perf_counter()
        page.wait("return Boolean(document.querySelector('.frame'))")
        for number in range(count):
            due = began + (number + 1) * pace
            time.sleep(max(0.0, due - time.perf_counter()))
            page.press(str(number % 9 + 1))
        page.saved()
        seconds = time.perf_counter() - began
        told("key to next image", durations(page, "key to next image"))
        told("key to saved", durations(page, "key to saved"))
        for text in TYPED:
            page.run("const t = document.getElementById('type'); t.value = arguments[0]", text)
            page.run("drawMatches(performance.now())")
        page.wait("return performance.getEntriesByName('key to matches').length >= arguments[0]", len(TYPED))
        told("key to matches", durations(page, "key to matches"))
    print(f"{count} images: {seconds:.0f} s at {pace:g} s an image")


def open_large(folder: Path) -> None:
    """Print how long a project of a large pool takes from the command to the first image's place."""
    images = folder / "pool"
    images.mkdir()
    names = [f"{number:05d}.jpg" for number in range(POOL)]
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(images / names[0])
    new_project(folder / "large", Asked(images, "1img", "vit_letters", None, None, None), [])
    project = open_project(folder / "large")
    records = [
        (name, "pool", name, None, 64, 48, f"{number:064x}", "ok") for number, name in enumerate(names)
    ]
    index = make_index(records, [], [])
    write_manifest(project.index, index)
    write_selection(project.selection, index.rows.head(100), [0.0] * 100, {"already_labelled": 0})
    with browser() as driver:
        began = time.perf_counter()
        with served(folder / "large.log", str(folder / "large")) as server:
            listening = time.perf_counter() - began
            LabelPage(driver, server.address)
            seconds = time.perf_counter() - began
            print(f"a pool of {POOL:,}: address after {listening:.1f} s, page after {seconds:.1f} s")


def fit_probe() -> None:
    """Print how long suggestions take."""
    random, classes = np.random.default_rng(0), 20
    truth = random.integers(0, classes, 600)
    features = (random.normal(size=(classes, 768))[truth] + 3 * random.normal(size=(600, 768))).astype("f4")
    known, labels = Known(features, features), read_labels({row: str(truth[row]) for row in range(300)})
    taken = []
    for _ in range(20):
        began = time.perf_counter()
        suggestions(known, labels, FIRST_C, 1.0)
        taken.append(1000 * (time.perf_counter() - began))
    told("suggestions", np.array(taken))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--pace", type=float, default=0.3, help="seconds per image")
    parser.add_argument("--large", action="store_true", help="images of 4000 × 3000 pixels")
    asked = parser.parse_args()
    size = (4000, 3000) if asked.large else (1200, 900)
    print(f"page without images      {len(render_page('birds').encode()):,} bytes")
    with tempfile.TemporaryDirectory() as place:
        label(Path(place), asked.images, asked.pace, size)
        open_large(Path(place))
    fit_probe()


if __name__ == "__main__":
    main()
