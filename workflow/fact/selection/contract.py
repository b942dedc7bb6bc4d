"""What every selector promises: features and a budget in, distinct pool indices out; never a label.

A selector is a module of ``fact.selection.selectors`` with a function

    select(features, budget, seed, *, labelled=None, **params) -> Selection

where ``features`` is (N, D) float32 or float16, one row per pool image, and the same arguments give the
same bytes. ``labelled`` are the pool rows that have been labelled before, whatever their labels are: the
``budget`` picks complement them and never repeat them. Between equal images the lowest row wins. To add a
selector, add its file, and an entry to ``config/selectors.yaml`` whose ``module`` is the file's name.
``tests/unit/selection/test_selectors_contract.py`` finds it by itself; ``docs/plugins.md`` has a template.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import NamedTuple

import numpy as np

from fact.infra.errors import ConfigError, DataError

PACKAGE = "fact.selection.selectors"


class Selection(NamedTuple):
    """The picked pool images, best rank first; each selector's docstring says what its score means."""

    indices: np.ndarray  # (budget,) int64, distinct rows of the features
    scores: np.ndarray  # (budget,) float32


def check_request(features: np.ndarray, budget: int, labelled: np.ndarray | None = None) -> np.ndarray:
    """Return the rows of ``labelled`` as int64, none for None, once the request makes sense.

    Raises ConfigError unless ``features`` (N, D) are usable, ``labelled`` are distinct rows of them, and
    ``budget`` is between 1 and the number of the other rows.
    """
    if features.ndim != 2 or not np.issubdtype(features.dtype, np.floating):
        raise ConfigError(
            f"features have shape {features.shape} and dtype {features.dtype}; "
            "a selector needs a matrix (images, channels) of float16 or float32"
        )
    rows = _checked_rows(labelled, len(features))
    _check_budget(budget, len(features), len(rows))
    squared = np.einsum("nd,nd->n", features, features, dtype=np.float64)
    _refuse(~np.isfinite(squared), "hold NaN or infinity; extract the features of these images again")
    _refuse(squared == 0, "are zero vectors and have no direction; extract them again or drop these images")
    return rows


def check_positive(selector: str, **params: float) -> None:
    """Raise ConfigError unless every parameter of ``selector`` is greater than 0."""
    for name, value in params.items():
        if not value > 0:
            raise ConfigError(f"{selector} parameter {name} is {value}; it must be greater than 0")


def _checked_rows(labelled: np.ndarray | None, size: int) -> np.ndarray:
    rows = np.asarray([] if labelled is None else labelled)
    if rows.ndim != 1 or (len(rows) and not np.issubdtype(rows.dtype, np.integer)):
        raise ConfigError(f"labelled has shape {rows.shape} and dtype {rows.dtype}; give a list of pool rows")
    if len(rows) and not (rows.min() >= 0 and rows.max() < size):
        raise ConfigError(
            f"labelled names rows {rows.min()} to {rows.max()}; the pool has rows 0 to {size - 1}"
        )
    if len(np.unique(rows)) < len(rows):
        raise ConfigError("labelled names a row twice; name each labelled image once")
    return rows.astype(np.int64)


def _check_budget(budget: int, size: int, labelled: int) -> None:
    if budget < 1:
        raise ConfigError(f"budget {budget} selects nothing; ask for at least 1 image")
    if budget > size - labelled:
        less = f", of which {labelled} are labelled" if labelled else ""
        raise ConfigError(
            f"budget {budget} exceeds the pool of {size} images{less}; ask for {size - labelled} or fewer"
        )


def _refuse(bad: np.ndarray, problem: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        first = ", ".join(map(str, rows[:5])) + (", …" if len(rows) > 5 else "")
        raise DataError(f"{len(rows)} of {len(bad)} feature rows ({first}) {problem}")


def load_selector(name: str) -> ModuleType:
    """Return the module of the selector ``name``; raises ConfigError with the available names otherwise."""
    module = _import(name) if name in _module_names() else None
    if module is None or not _is_selector(module):
        raise ConfigError(f"unknown selector {name!r}; available: {', '.join(selector_names())}")
    return module


def selector_names() -> list[str]:
    """Return the names of all selectors, sorted. Imports every module of the package, so it takes seconds."""
    return sorted(name for name in _module_names() if _is_selector(_import(name)))


def _module_names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__)]


def _import(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def _is_selector(module: ModuleType) -> bool:
    return callable(getattr(module, "select", None))
