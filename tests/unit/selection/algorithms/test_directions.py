"""Random directions are unit columns, spread evenly."""

import numpy as np
from fact.selection.algorithms.directions import random_directions


def test_columns_have_unit_length_and_no_favourite_side() -> None:
    directions = random_directions(3, 20_000, seed=0)
    assert directions.shape == (3, 20_000) and directions.dtype == np.float32
    assert np.allclose(np.linalg.norm(directions, axis=0), 1, atol=1e-6)
    # of a uniform direction in three dimensions each component is uniform in -1..1
    assert np.abs(directions.mean(axis=1)).max() < 0.02
    assert np.allclose((directions**2).mean(axis=1), 1 / 3, atol=0.01)
    assert np.array_equal(directions, random_directions(3, 20_000, seed=0))
