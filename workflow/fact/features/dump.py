"""Extract the features of manifest rows into a features file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from fact.backbones.extraction import extract
from fact.backbones.interface import Backbone
from fact.backbones.spec import BackboneSpec, ImageInput
from fact.data.image_reader import Reading, labels_of, read_reading
from fact.device import precision_used
from fact.features.writer import FeatureWriter
from fact.infra.fields import Settings, read_fields


@dataclass(frozen=True)
class Extraction:
    """How features are extracted: reading of images, precision, batch size, compiled or not, dtype stored."""

    reading: Reading
    precision: str
    batch_size: int
    compile: bool
    store_dtype: str


def read_extraction(settings: Settings) -> Extraction:
    """Return the settings of plain JSON, the keys of the reading among them.

    Raises ConfigError naming a key.
    """
    return read_fields(Extraction, {**settings, "reading": read_reading(settings)}, "extraction")


@dataclass(frozen=True)
class Extractor:
    """A backbone with its spec, on a device; ``tokens``: whether tokens are stored beside pooled vectors."""

    backbone: Backbone
    spec: BackboneSpec
    settings: Extraction
    device: torch.device
    tokens: bool = False


def dump_features(
    path: Path,
    extractor: Extractor,
    batches: Iterable[np.ndarray],
    rows: pd.DataFrame,
    attributes: Mapping[str, object],
) -> None:
    """Run the backbone over the rows' uint8 image batches and publish pooled vectors, and tokens if asked.

    ``attributes``: dataset, split, backbone, code_version and, where they are wanted, kind and provenance.
    """
    settings, spec = extractor.settings, extractor.spec
    attributes = {
        "weights_sha256": spec.weights_sha256,
        "transform": describe_transform(spec, settings.reading.transform),
        "pooling": "the model's own",
        "precision": precision_used(extractor.device, settings.precision),
        "provenance": {},
        **attributes,
    }
    outputs = extract(
        extractor.backbone,
        batches,
        spec=spec,
        device=extractor.device,
        precision=settings.precision,
        compile=settings.compile,
        tokens=extractor.tokens,
    )
    ids, labels = list(rows["sample_id"]), labels_of(rows)
    with FeatureWriter(
        path, sample_ids=ids, labels=labels, attributes=attributes, dtype=settings.store_dtype
    ) as writer:
        for pooled, grid in outputs:
            writer.append(pooled, grid)


def describe_transform(spec: ImageInput, transform: str) -> dict[str, object]:
    """Return how an image became the backbone's input, as plain JSON."""
    return {"shape": transform, **spec.input_json()}
