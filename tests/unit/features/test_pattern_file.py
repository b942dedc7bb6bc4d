"""Patterns come back from their file in the pool's order, and from no other file."""

from pathlib import Path

import numpy as np
import pytest
from fact.features.pattern_file import read_patterns
from fact.features.store import read_features
from feature_files import ATTRIBUTES, COUNT, arrays, write


def patterns_file(path: Path, **changes: object) -> Path:
    tokens = np.random.default_rng(1).random((COUNT, 1, 2, 4), np.float32).astype(np.float16)
    return write(path, **({"tokens": tokens} | changes))


def test_patterns_are_the_tokens_of_a_features_file(tmp_path):
    path = patterns_file(tmp_path / "patterns.h5")
    pool = read_features(write(tmp_path / "pool.h5", tokens=None))
    patterns = read_patterns(path, pool)
    assert patterns.shape == (COUNT, 2, 4)
    assert np.array_equal(patterns, read_features(path).tokens[:, 0])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tokens": None}, "holds no patterns"),
        ({"tokens": arrays()["tokens"]}, "holds no patterns"),
        ({"sample_ids": arrays()["sample_ids"][::-1]}, "of other images"),
        ({"attributes": ATTRIBUTES | {"backbone": "another"}}, "another"),
    ],
)
def test_other_files_are_refused(tmp_path, changes, problem):
    pool = read_features(write(tmp_path / "pool.h5"))
    with pytest.raises(ValueError, match=problem):
        read_patterns(patterns_file(tmp_path / "patterns.h5", **changes), pool)
