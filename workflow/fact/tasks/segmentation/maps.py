"""Maps: multi-level features of fixed crops of the labelled images, in a features file.

A frozen backbone gives the same features in every iteration, so they are computed once, for ``views``
crops of each labelled image that are drawn like a training's crops. A row of ``/features`` is the levels of
one crop, each (C, h, w), one after the other; ``/tokens (N, S, S, 1)`` is its mask. The attribute ``pooling``
holds the shapes of the levels, and ``kind`` says what the file is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from fact.backbones.extraction import normalise
from fact.backbones.spec import BackboneSpec, ImageInput
from fact.device import autocast, products_of
from fact.features.checks import open_features
from fact.features.store import verify_features
from fact.features.writer import FeatureWriter
from fact.infra.errors import ArtifactError
from fact.seeds import derive_seed
from fact.tasks.segmentation.crops import Crop, Example, random_crop
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.held_rows import Rows, hold_rows
from fact.tasks.segmentation.settings import MapSettings
from fact.training.computing import Computing

KIND = "maps"


def dump_maps(
    path: Path,
    backbone: FeaturePyramid,
    examples: Mapping[str, Example],
    spec: BackboneSpec,
    settings: MapSettings,
    computing: Computing,
    attributes: Mapping[str, object],
) -> None:
    """Publish the maps of ``settings.views`` crops of each example; examples have their sample ids.

    ``attributes``: dataset, backbone, code_version, provenance. Rows are view 0 of all images, then view 1,
    and so on.
    """
    device, crops = computing.device, settings.crops
    backbone = backbone.to(device).eval()
    attributes = {
        "kind": KIND,
        "split": "labelled",
        "weights_sha256": spec.weights_sha256,
        "transform": {
            "crop_size": crops.crop_size,
            "augmentation": asdict(crops.augmentation),
            "views": settings.views,
        },
        "pooling": {"levels": backbone.shapes(crops.crop_size)},
        **attributes,
    }
    ids = [f"{name}#{view}" for view in range(settings.views) for name in examples]
    unknown = np.full(len(ids), -1)
    with FeatureWriter(
        path, sample_ids=ids, labels=unknown, attributes=attributes, dtype=settings.store_dtype
    ) as writer:
        for crop in _crops(examples, settings, computing.seed):
            pyramid = _pyramid(backbone, crop, spec=spec, device=device, precision=settings.precision)
            mask = crop.mask[None, :, :, None].cpu().numpy().astype(np.float32)
            writer.append(pyramid, mask)


class MapFile:
    """An open maps file; a context manager. Its rows are held in memory where they fit (``held_rows``).

    ``sample_ids`` are those of the images, a row each; ``content`` is the file's checksum. The whole file is
    checked when it is opened.
    Raises FileNotFoundError, and ArtifactError for a damaged file or one of another checkpoint.
    """

    def __init__(self, path: Path, made_by: str) -> None:
        verify_features(path)
        self._opened = open_features(path)
        self._file, attributes = self._opened.__enter__()
        actual = json.loads(attributes["provenance"])["made_by"]
        if actual != made_by:
            self.close()
            raise ArtifactError(f"{path} comes from {actual}, not from {made_by}; delete it and run again")
        self.content = attributes["content_sha256"]
        self.shapes = json.loads(attributes["pooling"])["levels"]
        self._rows: list[Rows] = []
        self.sample_ids = [text.decode().rpartition("#")[0] for text in self._file["sample_id"][()]]

    def __enter__(self) -> "MapFile":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.__exit__(None, None, None)

    def read(self, rows: Sequence[int], device: torch.device) -> tuple[list[Tensor], Tensor]:
        """Return a pyramid, float32 (b, C, h, w) each, and masks int64 (b, S, S) of these rows."""
        # at the first reading, when the memory that other things need is taken
        self._rows = self._rows or hold_rows([self._file["features"], self._file["tokens"]], device)
        values, masks = (part.read(np.asarray(rows, np.int64), device) for part in self._rows)
        return split_levels(values.float(), self.shapes), masks[..., 0].long()


def split_levels(values: Tensor, shapes: Sequence[Sequence[int]]) -> list[Tensor]:
    """Return maps (n, C, h, w) of the given [C, h, w] from rows (n, D)."""
    parts = values.split([prod(shape) for shape in shapes], dim=1)
    return [part.unflatten(1, tuple(shape)) for part, shape in zip(parts, shapes, strict=True)]


def _crops(examples: Mapping[str, Example], settings: MapSettings, seed: int) -> Iterator[Crop]:
    for view in range(settings.views):
        for name, example in examples.items():
            generator = Generator().manual_seed(derive_seed(seed, "view", view, name))
            yield random_crop(example, settings.crops, generator)


@torch.inference_mode()
def _pyramid(
    backbone: FeaturePyramid, crop: Crop, spec: ImageInput, device: torch.device, precision: str
) -> np.ndarray:
    """Return all levels of one crop in one row, float32 (1, D)."""
    image = normalise(crop.image[None], spec.mean, spec.std) * crop.inside
    with products_of(device, precision), autocast(device, precision):
        pyramid = backbone(image)
    return np.concatenate([level.float().flatten(1).cpu().numpy() for level in pyramid], 1)
