"""The 1,797 handwritten digits (8×8 pixels) that scikit-learn ships: a data set without a download.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998, as given by ``sklearn.datasets.load_digits``. Values 0..16 are scaled to 0..255.
"""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np

from fact.data.manifest import SourceIndex, check_pixels, make_index, pixel_record
from fact.infra.errors import DataError

TEST_SIZE = 360


def index(root: Path | None = None) -> SourceIndex:
    """Return 1,437 pool and 360 test samples (a stratified split with seed 0); ``root`` is not needed.

    A locator is the position in scikit-learn's data set; sha256 is that of the RGB bytes.
    """
    from sklearn.model_selection import train_test_split

    pixels, labels = _load()
    pool, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_SIZE, stratify=labels, random_state=0
    )
    records = [
        pixel_record(
            f"{split}/{position:05d}",
            split,
            str(position),
            label=int(labels[position]),
            pixels=pixels[position],
        )
        for split, part in (("pool", pool), ("test", test))
        for position in np.sort(part)
    ]
    return make_index(records, [], [str(digit) for digit in range(10)])


def read_image(root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
    """Return the digit as uint8 (8, 8, 3).

    Raises DataError for a locator that is no position, or another image.
    """
    pixels, _ = _load()
    if not locator.isdecimal() or int(locator) >= len(pixels):
        raise DataError(f"digits has no sample {locator!r}; locators are 0 to {len(pixels) - 1}")
    return check_pixels(pixels[int(locator)].copy(), sha256, locator)


@cache
def _load() -> tuple[np.ndarray, np.ndarray]:
    """Return pixels uint8 (1797, 8, 8, 3) and labels (1797,)."""
    table = np.loadtxt(_data_file(), delimiter=",", dtype=np.int64)
    grey = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    return np.repeat(grey, 3, axis=-1), table[:, -1]


def _data_file() -> Path:
    """Return the file behind ``load_digits``.

    Importing that takes longer than many a job that reads digits.
    """
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise FileNotFoundError(
            "scikit-learn, which ships the digits, is not installed; pip install scikit-learn"
        )
    return Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
