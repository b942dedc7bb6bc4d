"""Read tables of MATLAB files (.mat, before version 7.3)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fact.infra.errors import DataError


def read_structs(path: Path, variable: str, fields: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the given fields of each element of a struct array, as Python text and numbers.

    Raises FileNotFoundError when the file is missing, DataError when it is damaged or has no such fields.
    """
    array = np.atleast_1d(_read_variable(path, variable))
    if missing := sorted(set(fields) - set(array.dtype.names or ())):
        raise DataError(
            f"{path}: {variable} has no field {missing[0]!r}; fetch the file again from its source"
        )
    return [tuple(element[field] for field in fields) for element in array]


def read_texts(path: Path, variable: str) -> list[str]:
    """Return the texts of a cell array. Raises as :func:`read_structs`."""
    return [str(text) for text in np.atleast_1d(_read_variable(path, variable))]


def _read_variable(path: Path, variable: str) -> np.ndarray:
    from scipy.io import loadmat

    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; the copy of the data set is incomplete")
    try:
        content = loadmat(str(path), squeeze_me=True, variable_names=[variable])
    except Exception as error:  # a damaged file raises nearly any type
        raise DataError(f"{path} cannot be read ({error}); fetch it again from its source") from error
    if variable not in content:
        raise DataError(f"{path} has no variable {variable!r}; fetch it again from its source")
    return content[variable]
