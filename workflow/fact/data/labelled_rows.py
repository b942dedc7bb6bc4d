"""The labelled images: the rows of the pool that were chosen and have a label."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.data.labels_file import read_labels
from fact.data.selection_file import chosen_rows, read_selection
from fact.infra.errors import LabelError

if TYPE_CHECKING:
    import pandas as pd

LABEL_THEM = "label them (docs/own_images.md), or put them into train/<class>/, and run again"


def read_class_labels(files: Sequence[str | Path], classes: Sequence[str]) -> dict[str, int] | None:
    """Class indices by sample id from the dataset's file of labels; None for one without (no ``files``).

    Raises FileNotFoundError, and LabelError for no list of labels, or a class outside ``classes``.
    """
    if not files:
        return None
    (path,) = map(Path, files)
    labels, index = read_labels(path), {name: number for number, name in enumerate(classes)}
    if unknown := sorted(set(labels.values()) - set(index)):
        raise LabelError(
            f"{path} has the class {unknown[0]!r}, and the dataset {', '.join(classes) or 'none'}; import "
            "the labels again with --classes, or name the folders of the test images after the classes"
        )
    return {sample_id: index[name] for sample_id, name in labels.items()}


def labelled_rows(
    manifest: "pd.DataFrame", selection: Path, label_of: Mapping[str, int] | None = None
) -> "pd.DataFrame":
    """Manifest rows of a selection, in pick order.

    With ``label_of``, class indices by sample id, these are the labels of the rows, and rows without one are
    left out. Raises LabelError when one is not in the pool or has no label.
    """
    rows = chosen_rows(manifest, labelled_ids(selection, label_of), selection)
    outside = rows["sample_id"][rows["split"] != "pool"]
    if len(outside):
        raise LabelError(f"{selection} names {outside.iloc[0]}, which is not in the pool; select again")
    if label_of is not None:
        rows["label"] = rows["sample_id"].map(label_of).astype(manifest["label"].dtype)
    unlabelled = rows["sample_id"][rows["label"].isna()]
    if len(unlabelled):
        raise LabelError(
            f"{selection}: {len(unlabelled)} of {len(rows)} chosen images have no label, "
            f"{unlabelled.iloc[0]} for one; {LABEL_THEM}"
        )
    return rows


def labelled_ids(selection: Path, label_of: Mapping[str, int] | None) -> list[str]:
    """Chosen ids: all, or those that have a label by now."""
    ids = read_selection(selection)
    labelled = ids if label_of is None else [sample_id for sample_id in ids if sample_id in label_of]
    if not labelled:
        raise LabelError(f"none of the {len(ids)} images of {selection} has a label; {LABEL_THEM}")
    return labelled


def check_test(labels: np.ndarray, origin: str) -> None:
    """Raise LabelError when there is nothing to measure accuracy on."""
    if len(labels) == 0 or (labels < 0).any():
        raise LabelError(
            f"{origin}: the test split is empty or unlabelled, so that accuracy cannot be measured"
        )
