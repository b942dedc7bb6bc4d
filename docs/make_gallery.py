"""Make the three worked examples of docs/gallery.md from images that packages bring: `make gallery`.

    python docs/make_gallery.py FOLDER PAGES          # works in FOLDER, puts the pages into PAGES

Digits are scikit-learn's. Photographs are crops of scikit-learn's and matplotlib's sample pictures. Scenes
are digits side by side, with a mask of each digit's ink.
"""

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[1]
SIDE, CROPS = 48, 120
LABELS = 24
# digits whose ink is a round stroke; the others' is straight
ROUND = {0, 3, 6, 8, 9}


def photographs() -> dict[str, np.ndarray]:
    """Return the pictures by class, uint8 (H, W, 3)."""
    from matplotlib.cbook import get_sample_data
    from sklearn.datasets import load_sample_images

    temple, flower = load_sample_images().images
    with get_sample_data("grace_hopper.jpg") as file:
        portrait = np.asarray(Image.open(file).convert("RGB"))
    return {"temple": temple, "flower": flower, "portrait": portrait}


def crops(picture: np.ndarray, random: np.random.Generator) -> Iterator[Image.Image]:
    """Yield crops of many sizes, turned left to right or not, at one side."""
    height, width = picture.shape[:2]
    for _ in range(CROPS):
        side = int(random.integers(SIDE, min(height, width) // 2))
        top, left = random.integers(height - side), random.integers(width - side)
        crop = Image.fromarray(picture[top : top + side, left : left + side]).resize((SIDE, SIDE))
        yield crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else crop


def write_photographs(folder: Path) -> dict[str, str]:
    """Write all crops into one folder under names that tell nothing; return the class by name."""
    random = np.random.default_rng(0)
    found = [(name, crop) for name, picture in photographs().items() for crop in crops(picture, random)]
    folder.mkdir(parents=True)
    classes = {}
    for number, place in enumerate(random.permutation(len(found))):
        name, crop = found[place]
        classes[f"{number:04d}.jpg"] = name
        crop.save(folder / f"{number:04d}.jpg", quality=92)
    return classes


def scenes() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield scenes of four digits and their masks, uint8 (32, 32): 0 paper, 1 round, 2 straight."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    ink = np.repeat(np.repeat(digits.images, 2, 1), 2, 2)
    kinds = np.array([1 if digit in ROUND else 2 for digit in digits.target])
    random = np.random.default_rng(0)
    while True:
        rows = random.integers(len(ink), size=4)
        masks = (ink[rows] > 5) * kinds[rows][:, None, None]
        yield _square(ink[rows] * (255 / 16)), _square(masks)


def _square(parts: np.ndarray) -> np.ndarray:
    """Return four squares (4, 16, 16) as one of twice the side."""
    return np.block([[parts[0], parts[1]], [parts[2], parts[3]]]).astype(np.uint8)


def write_scenes(folder: Path) -> None:
    """Write 60 scenes to choose from and 40 to test on, in the layout of a folder of masks."""
    made = scenes()
    for split, count in (("train", 60), ("test", 40)):
        for kind in ("images", "annotations"):
            (folder / kind / split).mkdir(parents=True)
        for number in range(count):
            image, mask = next(made)
            Image.fromarray(image).convert("RGB").save(folder / f"images/{split}/{number:03d}.png")
            Image.fromarray(mask).save(folder / f"annotations/{split}/{number:03d}.png")


def run(*command: str, folder: Path) -> None:
    """Run a program in a folder; its output goes to the terminal."""
    subprocess.run(command, cwd=folder, check=True)


def report(name: str, folder: Path) -> Path:
    """Make the report of `config/gallery_NAME.yaml` in a folder of its own; return the page."""
    workflow = ("--snakefile", str(REPOSITORY / "Snakefile"), "--directory", str(folder))
    overlay = ("--configfile", str(REPOSITORY / f"config/gallery_{name}.yaml"))
    warm = str(REPOSITORY / "workflow/warm_snakemake.py")
    quiet = ("--quiet", "host", "reason", "rules", "progress")
    run(sys.executable, warm, *workflow, "--cores", "2", *quiet, *overlay, "--", "report", folder=folder)
    return folder / "results/report/index.html"


def model(folder: Path) -> Path:
    """Go from a folder of photographs to a model, as a user would; return the page of the model."""
    classes = write_photographs(folder / "images")
    project = folder / "photographs"
    fact = (sys.executable, "-m", "fact")
    options = ("--images", str(folder / "images"), "--budget", str(LABELS), "--backbone", "vit_letters")
    run(*fact, "new", str(project), *options, folder=folder)
    run(*fact, "run", str(project), folder=folder)
    label(project / "to_label/to_label.csv", classes)
    run(*fact, "run", str(project), folder=folder)
    return project / "report.html"


def label(sheet: Path, classes: dict[str, str]) -> None:
    """Fill in the labels that were asked for."""
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label": classes[row["path"]]} for row in rows)


def main(folder: Path, pages: Path) -> None:
    """Make the three examples, and put their pages under their names."""
    for name in ("digits", "photographs", "scenes"):
        (folder / name).mkdir(parents=True)
    write_scenes(folder / "scenes/scenes")
    made = {
        "digits": report("digits", folder / "digits"),
        "photographs": model(folder / "photographs"),
        "scenes": report("scenes", folder / "scenes"),
    }
    pages.mkdir(parents=True, exist_ok=True)
    for name, page in made.items():
        shutil.copyfile(page, pages / f"{name}.html")


if __name__ == "__main__":
    main(*map(Path.absolute, map(Path, sys.argv[1:])))
