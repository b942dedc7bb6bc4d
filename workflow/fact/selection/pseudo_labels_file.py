"""Pseudo-labels as a file: which pool image took its label from which labelled one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fact.data.selection_file import chosen_rows
from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import REMEDY
from fact.infra.files.record import publish_record, read_record
from fact.selection.calibration_contract import PseudoLabels

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("sample_ids", "labels")


def write_pseudo_labels(
    path: Path, pseudo: PseudoLabels, sample_ids: Sequence[str], metadata: Mapping[str, object]
) -> None:
    """Publish pseudo-labels; ``sample_ids`` are the pool's, ``metadata`` (plain JSON) how they were found."""
    content = {
        "sample_ids": [sample_ids[row] for row in pseudo.indices],
        "labels": pseudo.labels.tolist(),
        "sources": [sample_ids[row] for row in pseudo.sources],
    }
    publish_record(path, {**metadata, **content})


def with_pseudo_labels(labelled: "pd.DataFrame", manifest: "pd.DataFrame", path: Path) -> "pd.DataFrame":
    """Return manifest rows of the labelled images, followed by those of the pseudo-labelled with their new
    labels.

    Raises ArtifactError for a file of another kind, and for images that are labelled or not in the pool.
    """
    import pandas as pd

    record = read_record(path)
    if missing := [key for key in KEYS if key not in record]:
        raise ArtifactError(f"{path} holds no pseudo-labels: it has no {missing[0]}; {REMEDY}")
    rows = chosen_rows(manifest, record["sample_ids"], path)
    wrong = rows["sample_id"][rows["sample_id"].isin(labelled["sample_id"]) | (rows["split"] != "pool")]
    if len(wrong):
        raise ArtifactError(
            f"{path} names {wrong.iloc[0]}, which is labelled or not in the pool; delete the file"
        )
    rows["label"] = pd.array(record["labels"], dtype=rows["label"].dtype)
    return pd.concat([labelled, rows], ignore_index=True)
