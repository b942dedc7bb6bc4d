"""Picks as the files of a selection: the list, how it was chosen, and what that took."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.data.selection_file import chosen_rows, write_selection
from fact.features.store import FeatureSet
from fact.infra.files.record import publish_record
from fact.infra.process.timing import timing_record
from fact.selection.contract import Selection

if TYPE_CHECKING:
    import pandas as pd


def publish_picks(
    path: Path,
    pool: FeatureSet,
    manifest: "pd.DataFrame",
    before: list[str],
    found: Selection,
    about: dict,
    seconds: dict[str, float],
) -> None:
    """Publish the images of ``before``, with score 0, and after them the picks ``found`` among ``pool``.

    ``about`` (plain JSON) says how they were chosen; ``seconds`` go to ``timing.json`` beside the list.
    Raises ConfigError for an image that is not in the manifest.
    """
    sample_ids = before + [pool.sample_ids[row] for row in found.indices]
    rows = chosen_rows(manifest, sample_ids, path)
    scores = [*np.zeros(len(before)), *found.scores]
    write_selection(path, rows, scores, {"features_sha256": pool.attributes["content_sha256"], **about})
    publish_record(path.with_suffix(".timing.json"), timing_record(seconds))
