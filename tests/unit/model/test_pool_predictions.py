from pathlib import Path

import numpy as np
import pytest
from fact.model.pool_predictions import read_pool_predictions, write_pool_predictions


def test_the_likeliest_class_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "pool.parquet"
    write_pool_predictions(path, ["a", "=b"], np.array([[0.25, 0.75], [0.5, 0.5]]), ["cat", "dog"])
    found = read_pool_predictions(path)
    assert found.sample_ids == ["a", "=b"] and found.labels == ["dog", "cat"]
    assert found.probabilities.tolist() == [0.75, 0.5]


def test_a_pool_that_is_all_labelled_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "pool.parquet"
    write_pool_predictions(path, [], np.empty((0, 2)), ["cat", "dog"])
    assert (
        read_pool_predictions(path).sample_ids == [] and len(read_pool_predictions(path).probabilities) == 0
    )


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pool.parquet"
    write_pool_predictions(path, ["a"], np.array([[0.25, 0.75]]), ["cat", "dog"])
    path.write_bytes(path.read_bytes().replace(b"dog", b"cat"))
    with pytest.raises(ValueError, match="damaged or edited"):
        read_pool_predictions(path)
