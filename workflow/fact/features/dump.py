"""Extract the features of manifest rows into a features file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from fact.backbones.extraction import extract
from fact.backbones.interface import Backbone
from fact.data.image_reader import labels_of
from fact.features.store import FeatureWriter


def dump_features(
    path: Path,
    backbone: Backbone,
    batches: Iterable[np.ndarray],
    rows: pd.DataFrame,
    spec: dict,
    settings: dict,
    device: torch.device,
    *,
    attributes: dict,
    tokens: bool,
) -> None:
    """Run the backbone over the rows' uint8 image batches and publish pooled vectors, and tokens if asked.

    ``settings``: ``transform``, ``precision``, ``store_dtype``, ``compile``. ``attributes``: dataset, split,
    backbone, code_version and, for refined features, provenance.
    """
    about = {
        "weights_sha256": spec["weights_sha256"],
        "transform": describe_transform(spec, settings),
        "pooling": "the model's own",
        "provenance": {},
        **attributes,
    }
    ids, labels = list(rows["sample_id"]), labels_of(rows)
    with FeatureWriter(
        path, sample_ids=ids, labels=labels, attributes=about, dtype=settings["store_dtype"]
    ) as writer:
        how = {"precision": settings["precision"], "compile": settings["compile"], "tokens": tokens}
        for pooled, grid in extract(backbone, batches, spec, device, **how):
            writer.append(pooled, grid)


def describe_transform(spec: dict, settings: dict) -> dict:
    """How an image became the backbone's input."""
    keys = ("image_size", "interpolation", "mean", "std")
    return {"shape": settings["transform"], **{key: spec[key] for key in keys}}
