import numpy as np
from fact.selection.algorithms.pool import unit_rows


def test_unit_rows():
    rows = unit_rows(np.array([[3, 4], [1e-30, 0], [0, 3e38]], np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [1, 0], [0, 1]], rtol=1e-6)
    assert rows.dtype == np.float32
