"""The labels that were bought for a pool, and the names of their classes."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.data.labels_file import read_labels
from fact.infra.errors import LabelError
from fact.infra.files.record import read_record
from fact.infra.process.progress import log

if TYPE_CHECKING:
    import pandas as pd


def model_classes(labels: Path, of_dataset: list[str]) -> list[str]:
    """Class names in label order: those of the dataset (its test folders), then others that labels name.

    Names that were declared when the labels were imported count too: a class may have no label yet.
    """
    record = Path(labels).with_suffix(".json")
    declared = read_record(record).get("classes", []) if record.is_file() else []
    found = declared or sorted(set(read_labels(labels).values()))
    return [*of_dataset, *(name for name in found if name not in of_dataset)]


def labelled_pool(manifest: "pd.DataFrame", labels: Path, classes: list[str]) -> "pd.DataFrame":
    """Manifest rows of the pool that have a label, which is put in, in the order of the labels.

    Labels of images that are not in the pool, such as removed ones, are left out, and the log says so.
    Raises LabelError when none is left.
    """
    bought = read_labels(labels)
    pool = manifest[manifest["split"] == "pool"].set_index("sample_id", drop=False)
    known = [sample_id for sample_id in bought if sample_id in pool.index]
    if not known:
        raise LabelError(
            f"{labels}: none of its {len(bought)} images is in the pool; import the labels again"
        )
    if len(known) < len(bought):
        log(f"{labels}: {len(bought) - len(known)} labels of images that are not in the pool are left out")
    rows = pool.loc[known].reset_index(drop=True)
    number = {name: index for index, name in enumerate(classes)}
    rows["label"] = np.array([number[bought[sample_id]] for sample_id in known])
    rows["label"] = rows["label"].astype(manifest["label"].dtype)
    return rows
