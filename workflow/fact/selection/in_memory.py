"""Select from features in memory, without files and without a workflow around it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fact.config.budget import budget_size
from fact.config.declared import Entry
from fact.config.key_text import known_names
from fact.config.registries import read_overlay
from fact.infra.errors import ConfigError
from fact.infra.files.shipped import workflow_folder
from fact.selection.contract import Selection
from fact.selection.run import run_selector
from fact.selection.settings import SelectorSettings


def select(
    features: ArrayLike,
    budget: int | str,
    selector: str = "activeft",
    *,
    seed: int = 0,
    labelled: Sequence[int] | np.ndarray | None = None,
    near_duplicates: float | None = None,
    **params: object,
) -> Selection:
    """Choose in one shot which rows of ``features (N, D)`` to label; return ``indices`` and ``scores``.

    ``budget`` is a number of images, or text such as ``100img`` and ``0.5pct``. ``selector`` is a name of
    ``config/selectors.yaml``, whose parameters ``params`` replace. ``labelled`` are rows that have labels
    already: the picks complement them and never repeat them. ``near_duplicates``: rows of a cosine above it
    count once. Indices are int64 and distinct, the first is the best; scores are float32. Equal arguments
    give equal picks.

    Raises ConfigError for an unknown selector or parameter and for a budget that the pool cannot fill,
    DataError for rows that are zero or not finite.
    """
    declared = declared_selector(selector)
    matrix = np.ascontiguousarray(np.asarray(features, dtype=np.float32))
    asked = {**declared, "params": {**declared["params"], **params}, "near_duplicates": near_duplicates}
    size = budget_size(budget, len(matrix)) if isinstance(budget, str) else budget
    rows = np.asarray([] if labelled is None else labelled, dtype=np.int64)
    return run_selector(SelectorSettings.from_plain(asked), matrix, size, seed=seed, labelled=rows)


def declared_selector(name: str) -> Entry:
    """Return what ``config/selectors.yaml`` declares under a name.

    Raises ConfigError for an unknown one, and for one that needs more than features.
    """
    declared = read_overlay(workflow_folder() / "config/selectors.yaml")["selectors"]
    if name not in declared:
        raise ConfigError(f"selector: '{name}' is not declared; {known_names(name, sorted(declared))}")
    if "first" in declared[name] or declared[name].get("patterns"):
        raise ConfigError(f"selector {name} needs more than features; use it in the workflow")
    return declared[name]
