"""What the stages of segmentation read: rows with masks, decoded examples, test images."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from fact.backbones.spec import read_spec
from fact.data.classes import read_classes
from fact.data.image_reader import split_rows
from fact.data.manifest import read_manifest
from fact.data.mask_index import MaskIndex, labelled_rows, read_masks, seen_pixels
from fact.data.pair_reader import PairReader, PairReading
from fact.infra.errors import DataError
from fact.infra.files.record import read_record
from fact.tasks.segmentation.crops import Example


class Inputs(NamedTuple):
    """Rows of the labelled and of the test images, class names, a reader, and pixels by class seen (K,)."""

    labelled: pd.DataFrame
    test: pd.DataFrame
    classes: list[str]
    reader: PairReader
    seen: np.ndarray


def read_inputs(files: Mapping[str, str], reading: PairReading, workers: int) -> Inputs:
    """Read the files ``source``, ``manifest``, ``classes``, ``masks``, ``selection`` and ``spec`` of a stage.

    Raises LabelError when no chosen image has a mask.
    """
    manifest, masks = read_manifest(Path(files["manifest"])), read_masks(Path(files["masks"]))
    labelled = labelled_rows(manifest, Path(files["selection"]), masks)
    interpolation = read_spec(Path(files["spec"]).parent).interpolation
    reader = PairReader(
        read_record(files["source"]),
        reading,
        interpolation=interpolation,
        masks=masks.sha256,
        workers=workers,
    )
    return Inputs(
        labelled,
        _with_masks(split_rows(manifest, "test"), masks),
        classes=read_classes(Path(files["classes"])),
        reader=reader,
        seen=seen_pixels(labelled, masks),
    )


def read_examples(inputs: Inputs, device: torch.device) -> list[Example]:
    """Return the labelled images and masks, decoded to one scale, on the device."""
    return [
        Example(
            torch.from_numpy(image).permute(2, 0, 1).contiguous().to(device),
            torch.from_numpy(mask).to(device),
        )
        for image, mask in inputs.reader.pairs(inputs.labelled, scaled_masks=True)
    ]


def check_masks(test: pd.DataFrame, origin: str) -> None:
    """Raise DataError when there is nothing to measure on."""
    if test.empty:
        raise DataError(f"{origin}: no test image has a mask, so that nothing can be measured")


def _with_masks(rows: pd.DataFrame, masks: MaskIndex) -> pd.DataFrame:
    return rows[rows["sample_id"].isin(masks.sha256)].reset_index(drop=True)
