"""Select from a features file alone, without a workflow around it."""

from pathlib import Path

import numpy as np

from fact.config.budget import budget_size
from fact.data.selection_file import read_already_labelled, write_selection
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.errors import ConfigError
from fact.seeds import derive_seed
from fact.selection.run import run_selector


def select_from_file(
    features: Path, out: Path, name: str, settings: dict, budget: str, seed: int, labelled: Path | None
) -> int:
    """Publish the selection of a features file and return its number of images.

    ``name`` and ``settings``: a one-step selector of ``config/selectors.yaml``. ``labelled``: a CSV of
    images that are bought already; the selection complements them and does not list them.
    Raises ConfigError and FileNotFoundError as reading and selecting do.
    """
    import pandas as pd

    if "first" in settings:
        raise ConfigError(f"selector {name} needs a model of its first part; use it in the workflow")
    if settings.get("patterns"):
        raise ConfigError(f"selector {name} needs patterns of the images; use it in the workflow")
    pool = read_features(features, tokens=False)
    bought = np.array([], np.int64)
    if labelled is not None:
        bought = positions(pool, read_already_labelled(labelled), labelled)
    dataset = str(pool.attributes["dataset"])
    images = budget_size(budget, len(pool.features))
    found = run_selector(
        settings, pool.features, images, derive_seed("select", dataset, name, images, seed), bought
    )
    ids = [pool.sample_ids[index] for index in found.indices]
    rows = pd.DataFrame({"sample_id": ids, "locator": ids})
    about = {
        "features_sha256": pool.attributes["content_sha256"],
        "selector": name,
        "budget": budget,
        **settings,
    }
    write_selection(out, rows, list(found.scores), {**about, "seed": seed, "already_labelled": len(bought)})
    return images
