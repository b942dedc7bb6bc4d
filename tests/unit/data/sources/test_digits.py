import hashlib

import numpy as np
import pytest
from fact.data.sources import digits
from sklearn.datasets import load_digits


def test_split_and_classes() -> None:
    rows, problems, classes = digits.index()
    assert classes == list("0123456789") and problems.empty
    assert rows["split"].value_counts().to_dict() == {"pool": 1437, "test": 360}
    assert sorted(int(locator) for locator in rows["locator"]) == list(range(1797))
    assert np.array_equal(rows["label"], load_digits().target[rows["locator"].astype(int)])
    test_counts = rows[rows["split"] == "test"]["label"].value_counts()
    assert test_counts.min() >= 34 and test_counts.max() <= 37
    assert rows["sample_id"].is_monotonic_increasing and rows["sample_id"].is_unique
    assert rows["sample_id"].str.fullmatch(r"(pool|test)/\d{5}").all()


def test_images_are_the_scaled_originals() -> None:
    row = digits.index(None).rows.iloc[3]
    pixels = digits.read_image(None, row["locator"])
    assert pixels.shape == (8, 8, 3) and pixels.dtype == np.uint8
    expected = np.round(load_digits().images[int(row["locator"])] * 255.0 / 16.0)
    assert all(np.array_equal(pixels[..., channel], expected) for channel in range(3))
    assert row["sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
    assert (row["width"], row["height"]) == (8, 8)


def test_the_caller_may_change_the_image() -> None:
    digits.read_image(None, "5")[:] = 0
    assert digits.read_image(None, "5").any()


@pytest.mark.parametrize("locator", ["1797", "-1", "x", ""])
def test_unknown_locator(locator: str) -> None:
    with pytest.raises(ValueError, match="digits has no sample"):
        digits.read_image(None, locator)
