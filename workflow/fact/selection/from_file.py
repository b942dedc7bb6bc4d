"""Select from a features file alone, without a workflow around it."""

from pathlib import Path

import numpy as np

from fact.config.budget import budget_size
from fact.config.declared import Entry
from fact.data.selection_file import read_already_labelled, write_selection
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.errors import ConfigError
from fact.seeds import derive_seed
from fact.selection.run import run_selector
from fact.selection.settings import SelectorSettings


def select_from_file(
    features: Path,
    out: Path,
    selector: str,
    declared: Entry,
    *,
    budget: str,
    seed: int,
    labelled: Path | None = None,
) -> int:
    """Publish the selection of a features file and return its number of images.

    ``declared``: the entry of a one-step ``selector`` in ``config/selectors.yaml``. ``labelled``: a CSV of
    images that are labelled already; the selection complements them and does not list them.
    Raises ConfigError, ArtifactError and FileNotFoundError as reading and selecting do.
    """
    import pandas as pd

    _require_features_alone(selector, declared)
    pool = read_features(features, tokens=False)
    rows = np.array([], np.int64)
    if labelled is not None:
        rows = positions(pool, read_already_labelled(labelled), labelled)
    images = budget_size(budget, len(pool.features))
    own_seed = derive_seed("select", str(pool.attributes["dataset"]), selector, images, seed)
    picks = run_selector(
        SelectorSettings.from_plain(declared), pool.features, images, seed=own_seed, labelled=rows
    )
    ids = [pool.sample_ids[index] for index in picks.indices]
    names = {"selector": selector, "budget": budget, "seed": seed}
    # all of the list is new: what was labelled before is not in it
    metadata = {**declared, **names, "already_labelled": 0, "complements": len(rows)}
    metadata["features_sha256"] = pool.attributes["content_sha256"]
    write_selection(
        out, pd.DataFrame({"sample_id": ids, "locator": ids}), list(picks.scores), metadata=metadata
    )
    return images


def _require_features_alone(selector: str, declared: Entry) -> None:
    if "first" in declared:
        raise ConfigError(f"selector {selector} needs a model of its first part; use it in the workflow")
    if declared.get("patterns"):
        raise ConfigError(f"selector {selector} needs patterns of the images; use it in the workflow")
