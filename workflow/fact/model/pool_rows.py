"""Which unlabelled images of the pool phase 3 of a model looks at."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.backbones.spec import ImageInput
from fact.data.image_reader import split_rows
from fact.features.decoded_file import write_decoded
from fact.infra.files.publish import publish_text
from fact.seeds import derive_seed

if TYPE_CHECKING:
    import pandas as pd


def drawn_unlabelled(manifest: "pd.DataFrame", labelled: Collection[str], count: int) -> "pd.DataFrame":
    """Return at most ``count`` random rows of the pool without those that are labelled, in the pool's order.

    The draw is one permutation of the whole pool: images that get a label leave it, and others stay in.
    """
    rows = split_rows(manifest, "pool")
    order = np.random.default_rng(derive_seed("pool part")).permutation(len(rows))
    free = ~rows["sample_id"].isin(labelled).to_numpy()
    return rows.iloc[np.sort(order[free[order]][:count])].reset_index(drop=True)


def write_drawn(
    path: Path, batches: Iterable[np.ndarray], rows: "pd.DataFrame", spec: ImageInput, transform: str
) -> None:
    """Publish the decoded images of these rows; of a pool that is all labelled an empty file, read by nobody.

    Raises what :func:`fact.features.decoded_file.write_decoded` does.
    """
    if rows.empty:
        publish_text(path, "")
    else:
        write_decoded(path, batches, rows, spec=spec, transform=transform)
