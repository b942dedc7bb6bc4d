"""Tensor files read as NumPy arrays, without torch."""

from pathlib import Path

import numpy as np

from fact.infra.files.checked_tensors import Content, read_checked


def read_arrays(path: Path | str) -> tuple[dict[str, np.ndarray], dict]:
    """Return the arrays and the header of a file that :func:`fact.infra.files.tensors.publish_tensors` wrote.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged, of another kind, or of a type
    that NumPy lacks.
    """
    return read_checked(path, "numpy", _content)


def _content(array: np.ndarray) -> Content:
    return Content(f"torch.{array.dtype}", array.shape, array.tobytes())
