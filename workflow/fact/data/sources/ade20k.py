"""ADE20k as the scene parsing benchmark publishes it (``ADEChallengeData2016``), for segmentation.

    root/images/{training,validation}/NAME.jpg
    root/annotations/{training,validation}/NAME.png    0 is ignored, 1..150 are the classes
    root/objectInfo150.txt                             names of the classes

Source: Zhou et al., "Scene Parsing through ADE20K Dataset", CVPR 2017. The training images are the pool,
the validation images the test set.
"""

import csv
from pathlib import Path

import numpy as np

from fact.data.folder_layout import with_repeats
from fact.data.image_files import existing_folder, read_file
from fact.data.manifest import Counts, SourceIndex
from fact.data.mask_files import PairedFolders, Pairs, index_pairs, read_mask_file
from fact.data.masks import Coding
from fact.data.subset import limited
from fact.infra.errors import DataError

CLASSES = 150
CODING = Coding(CLASSES, ignored=(0,), first=1)
PLACES = ("", "ADEChallengeData2016")
SPLITS = {"pool": "training", "test": "validation"}
NAMES = "objectInfo150.txt"


def index(
    root: Path | None,
    *,
    pool_limit: int | None = None,
    test_limit: int | None = None,
    subset_seed: int = 0,
    workers: int = 1,
) -> SourceIndex:
    """Return every image with its mask; limits keep a seeded subset of a split.

    Raises FileNotFoundError without a root or its folders, DataError when no image is usable.
    """
    root = existing_folder(root)
    pairs = Pairs(_folders(root), [])
    keep = limited(pool_limit, test_limit, subset_seed)
    return index_pairs(root, pairs, _names(root), coding=CODING, keep=keep, unlabelled=False, workers=workers)


def read_image(root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
    """Return the image as stored, uint8 (height, width, 3), RGB.

    Raises DataError for one that was changed.
    """
    return read_file(root, locator, sha256, exif=False)


def read_mask(root: Path | None, locator: str) -> np.ndarray:
    """Return the mask of the image ``locator``, uint8 (height, width).

    Raises DataError where there is none.
    """
    return read_mask_file(root, _folders(existing_folder(root)), locator, coding=CODING)


def expected_counts() -> Counts:
    """Return the published counts: 150 classes, 20,210 training and 2,000 validation images."""
    return Counts(CLASSES, 20_210, 2_000)


def _folders(root: Path) -> list[PairedFolders]:
    place = next(
        (place for place in with_repeats(PLACES) if (root / place / "images/training").is_dir()), None
    )
    if place is None:
        raise FileNotFoundError(
            f"{root} holds no images/training/ (nor {PLACES[1]}/ with it); set datasets.<name>.root to an "
            "unpacked ADEChallengeData2016.zip (the full ADE20K with its RGB masks is laid out otherwise)"
        )
    prefix = f"{place}/" if place else ""
    return [
        PairedFolders(split, f"{prefix}images/{name}", f"{prefix}annotations/{name}")
        for split, name in SPLITS.items()
    ]


def _names(root: Path) -> list[str]:
    """Return class names of the table that comes with the images; numbers where it is not there.

    The first of a name's synonyms, followed by its number where two classes share it.
    """
    file = next(
        (root / place / NAMES for place in with_repeats(PLACES) if (root / place / NAMES).is_file()), None
    )
    numbers = [str(number) for number in range(1, CLASSES + 1)]
    if file is None:
        return numbers
    with file.open(encoding="utf-8", newline="") as lines:
        table = {row[0].strip(): row[-1] for row in csv.reader(lines, delimiter="\t") if row}
    if missing := [number for number in numbers if number not in table]:
        raise DataError(f"{file} has no class {missing[0]}; restore it, or delete it to use numbers")
    first = [table[number].split(",")[0].split(";")[0].strip() for number in numbers]
    return [
        name if first.count(name) == 1 else f"{name} ({number})"
        for name, number in zip(first, numbers, strict=True)
    ]
