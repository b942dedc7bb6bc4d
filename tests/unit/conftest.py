"""Fixtures that several test modules share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from noise_image import write_noise

# a machine that others use too is slow at any moment: no example has a time to keep
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """A function that writes a small image of seeded noise and returns its path."""
    return write_noise


@pytest.fixture
def labelled_root(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """train/{cat,dog} with six images each and test/{cat,dog} with two each."""
    root = tmp_path / "photos"
    for split, count in (("train", 6), ("test", 2)):
        for offset, name in enumerate(("cat", "dog")):
            for number in range(count):
                write_image(root / split / name / f"{number}.png", seed=10 * offset + number)
    return root
