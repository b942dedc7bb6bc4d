"""MATLAB files as the published annotations have them: struct and cell arrays."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.io import savemat


def structs(rows: Sequence[Mapping[str, object]]) -> np.ndarray:
    """A 1×n struct array."""
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for column, row in enumerate(rows):
        array[0, column] = tuple(row.values())
    return array


def cells(texts: Sequence[str]) -> np.ndarray:
    """A 1×n cell array."""
    array = np.empty((1, len(texts)), dtype=object)
    array[0, :] = texts
    return array


def write_mat(path: Path, **variables: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables)
