"""The labelled images of a dataset, decoded for a model."""

from pathlib import Path
from typing import TYPE_CHECKING

from fact.backbones.spec import BackboneSpec
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, labels_of, read_reading
from fact.data.manifest import read_manifest
from fact.infra.errors import LabelError
from fact.infra.files.record import read_record
from fact.model.labelled_images import LabelledImages
from fact.model.labels_of_pool import labelled_pool, model_classes

if TYPE_CHECKING:
    import pandas as pd


def labelled_of(manifest: str, classes: str, labels: list[str]) -> "tuple[pd.DataFrame, list[str]]":
    """Manifest rows with their bought labels, and class names. Raises LabelError without a file of labels."""
    if not labels:
        raise LabelError("a model needs labels; set datasets.NAME.labels to what `fact labels import` wrote")
    names = model_classes(Path(labels[0]), read_classes(Path(classes)))
    return labelled_pool(read_manifest(Path(manifest)), Path(labels[0]), names), names


def read_labelled(
    rows: "pd.DataFrame", classes: list[str], source: str, settings: dict, spec: BackboneSpec, workers: int
) -> LabelledImages:
    """Images of these rows, as trained on and as scored.

    ``settings``: ``reading`` (how a source is read in training), ``transform`` (that of scoring).
    """
    record, reading = read_record(source), read_reading(settings["reading"])
    trained = ImageReader(record, reading, spec, workers).read(rows)
    scored = trained
    if settings["transform"] != reading.transform:
        scored = ImageReader(record, reading.as_cut(settings["transform"]), spec, workers).read(rows)
    data = LabelledImages(trained, scored, labels_of(rows), list(rows["sample_id"]), len(classes))
    data.check()
    return data
