"""Publish picks as the files of a selection: the list, how it was chosen, and what that took."""

from collections.abc import Mapping, Sequence
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
    picks: Selection,
    *,
    before: Sequence[str],
    metadata: Mapping[str, object],
    seconds: Mapping[str, float],
) -> None:
    """Publish the images of ``before``, with score 0, and after them the ``picks`` among ``pool``.

    ``metadata`` (plain JSON) says how they were chosen; ``seconds`` go to ``timing.json`` beside the list.
    Raises ArtifactError for an image that is not in the manifest.
    """
    sample_ids = [*before, *(pool.sample_ids[row] for row in picks.indices)]
    rows = chosen_rows(manifest, sample_ids, path)
    scores = [*np.zeros(len(before)), *picks.scores]
    looked_at = {
        "features_sha256": pool.attributes["content_sha256"],
        "features_precision": pool.attributes.get("precision"),
    }
    write_selection(path, rows, scores, metadata={**looked_at, **metadata})
    publish_record(path.with_suffix(".timing.json"), timing_record(seconds))
