"""The labelled images of a model: which rows of the pool they are, and their pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fact.backbones.spec import BackboneSpec
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, labels_of, read_reading
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.infra.errors import LabelError
from fact.infra.files.record import read_record
from fact.infra.process.progress import log

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LabelledImages:
    """``trained`` and ``scored`` are uint8 (n, S, S, 3), the same array but for the transform ``released``.

    ``labels`` (n,) int64 are class indices below ``num_classes``; ``sample_ids`` are n names. ``groups``: the
    name of each image's group, None where images are taken to be independent.
    """

    trained: np.ndarray
    scored: np.ndarray
    labels: np.ndarray
    sample_ids: list[str]
    num_classes: int
    groups: Sequence[str] | None = None

    @property
    def numbers(self) -> NDArray[np.int64] | None:
        """The number (n,) of each image's group; None without groups."""
        return None if self.groups is None else np.unique(self.groups, return_inverse=True)[1]

    def rows(self, keep: np.ndarray) -> "LabelledImages":
        """Return the images of a mask (n,)."""
        return LabelledImages(
            self.trained[keep],
            self.scored[keep],
            self.labels[keep],
            sample_ids=[name for name, kept in zip(self.sample_ids, keep, strict=True) if kept],
            num_classes=self.num_classes,
            groups=self.groups and [name for name, kept in zip(self.groups, keep, strict=True) if kept],
        )

    def check(self) -> None:
        """Raise LabelError where there is nothing to tell apart."""
        if len(np.unique(self.labels)) < 2:
            raise LabelError(
                f"the {len(self.labels)} labels are all of one class; label images of another class too, "
                "and run again"
            )


def labelled_of(manifest: str, classes: str, labels: list[str]) -> "tuple[pd.DataFrame, list[str]]":
    """Return manifest rows with their labels, and class names. Raises LabelError without a file of labels."""
    if not labels:
        raise LabelError("a model needs labels; set datasets.NAME.labels to what `fact labels import` wrote")
    names = model_classes(Path(labels[0]), read_classes(Path(classes)))
    return labelled_pool(read_manifest(Path(manifest)), Path(labels[0]), names), names


def read_labelled(
    rows: "pd.DataFrame",
    classes: list[str],
    source: str,
    settings: dict,
    spec: BackboneSpec,
    workers: int,
    groups: Sequence[str] | None = None,
) -> LabelledImages:
    """Return images of these rows, as trained on and as scored.

    ``settings``: ``reading`` (how a source is read in training), ``transform`` (that of scoring). ``groups``:
    the group of each row.
    """
    record, reading = read_record(source), read_reading(settings["reading"])
    trained = ImageReader(record, reading, spec, workers=workers).read(rows)
    scored = trained
    if settings["transform"] != reading.transform:
        scored = ImageReader(record, reading.as_cut(settings["transform"]), spec, workers=workers).read(rows)
    data = LabelledImages(
        trained,
        scored,
        labels_of(rows),
        sample_ids=list(rows["sample_id"]),
        num_classes=len(classes),
        groups=groups,
    )
    data.check()
    return data


def model_classes(labels: Path, of_dataset: list[str]) -> list[str]:
    """Return class names in label order: those of the dataset (its test folders), then others that labels
    name.

    Names that were declared when the labels were imported count too: a class may have no label yet.
    """
    record = Path(labels).with_suffix(".json")
    declared = read_record(record).get("classes", []) if record.is_file() else []
    result = declared or sorted(set(read_labels(labels).values()))
    return [*of_dataset, *(name for name in result if name not in of_dataset)]


def labelled_pool(manifest: "pd.DataFrame", labels: Path, classes: list[str]) -> "pd.DataFrame":
    """Return manifest rows of the pool that have a label, which is put in, in the order of the labels.

    Labels of images that are not in the pool, such as removed ones, are left out, and the log says so.
    Raises LabelError when none is left.
    """
    label_of = read_labels(labels)
    pool = manifest[manifest["split"] == "pool"].set_index("sample_id", drop=False)
    known = [sample_id for sample_id in label_of if sample_id in pool.index]
    if not known:
        raise LabelError(
            f"{labels}: none of its {len(label_of)} images is in the pool; import the labels again"
        )
    if len(known) < len(label_of):
        log(f"{labels}: {len(label_of) - len(known)} labels of images that are not in the pool are left out")
    rows = pool.loc[known].reset_index(drop=True)
    number = {name: index for index, name in enumerate(classes)}
    rows["label"] = np.array([number[label_of[sample_id]] for sample_id in known])
    rows["label"] = rows["label"].astype(manifest["label"].dtype)
    return rows
