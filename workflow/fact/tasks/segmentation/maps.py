"""Maps: multi-level features of fixed crops of the labelled images, in a features file.

A frozen backbone gives the same features in every iteration, so they are computed once, for ``views``
crops of each labelled image that are drawn like a training's crops. A row of ``/features`` is the levels of
one crop, each (C, h, w), one after the other; ``/tokens (N, S, S, 1)`` is its mask. The attribute ``pooling``
holds the shapes of the levels.
"""

import json
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Generator, Tensor

from fact.backbones.extraction import normalise
from fact.device import autocast
from fact.features.checks import open_features
from fact.features.store import FeatureWriter, verify_features
from fact.seeds import derive_seed
from fact.tasks.segmentation.crops import Crop, Example, random_crop
from fact.tasks.segmentation.feature_pyramid import Levels


def dump_maps(
    path: Path,
    backbone: Levels,
    examples: Sequence[Example],
    sample_ids: Sequence[str],
    spec: dict,
    settings: dict,
    seed: int,
    device: torch.device,
    *,
    attributes: dict,
) -> None:
    """Publish the maps of ``views`` crops of each example.

    ``settings``: ``views``, ``crop_size``, ``augmentation``, ``precision``, ``store_dtype``. ``attributes``:
    dataset, backbone, code_version, provenance. Rows are view 0 of all images, then view 1, and so on.
    """
    backbone = backbone.to(device).eval()
    about = {
        "split": "labelled",
        "weights_sha256": spec["weights_sha256"],
        "transform": {key: settings[key] for key in ("crop_size", "augmentation", "views")},
        "pooling": {"levels": backbone.shapes(settings["crop_size"])},
        **attributes,
    }
    ids = [f"{name}#{view}" for view in range(settings["views"]) for name in sample_ids]
    unknown = np.full(len(ids), -1)
    with FeatureWriter(
        path, sample_ids=ids, labels=unknown, attributes=about, dtype=settings["store_dtype"]
    ) as writer:
        for crop in _crops(examples, sample_ids, settings, seed):
            levels = _levels(backbone, crop, spec, device, settings["precision"])
            mask = crop.mask[None, :, :, None].cpu().numpy().astype(np.float32)
            writer.append(levels, mask)


class MapFile:
    """An open maps file whose rows are read when they are needed; a context manager.

    ``sample_ids`` are those of the images, a row each; ``content`` is the file's checksum. The whole file is
    checked when it is opened.
    Raises FileNotFoundError, and ValueError for a damaged file or one of another checkpoint.
    """

    def __init__(self, path: Path, made_by: str) -> None:
        verify_features(path)
        self._opened = open_features(path)
        self._file, attributes = self._opened.__enter__()
        found = json.loads(attributes["provenance"])["made_by"]
        if found != made_by:
            self.close()
            raise ValueError(f"{path} comes from {found}, not from {made_by}; delete it and run again")
        self.content = attributes["content_sha256"]
        self.shapes = json.loads(attributes["pooling"])["levels"]
        self.sample_ids = [text.decode().rpartition("#")[0] for text in self._file["sample_id"][()]]

    def __enter__(self) -> "MapFile":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.__exit__(None, None, None)

    def read(self, rows: Sequence[int], device: torch.device) -> tuple[list[Tensor], Tensor]:
        """Levels, float32 (b, C, h, w) each, and masks int64 (b, S, S) of rows, which may be named twice."""
        unique, places = np.unique(np.asarray(rows), return_inverse=True)
        values = torch.from_numpy(_rows(self._file["features"], unique)[places]).to(device)
        masks = torch.from_numpy(_rows(self._file["tokens"], unique)[places]).to(device)
        return split_levels(values.float(), self.shapes), masks[..., 0].long()


def split_levels(values: Tensor, shapes: Sequence[Sequence[int]]) -> list[Tensor]:
    """Levels (n, C, h, w) of the given [C, h, w] from rows (n, D)."""
    parts = values.split([prod(shape) for shape in shapes], dim=1)
    return [part.unflatten(1, tuple(shape)) for part, shape in zip(parts, shapes, strict=True)]


def _rows(dataset: h5py.Dataset, rows: np.ndarray) -> np.ndarray:
    return np.stack([dataset[row] for row in rows])


def _crops(
    examples: Sequence[Example], sample_ids: Sequence[str], settings: dict, seed: int
) -> Iterator[Crop]:
    for view in range(settings["views"]):
        for example, name in zip(examples, sample_ids, strict=True):
            generator = Generator().manual_seed(derive_seed(seed, "view", view, name))
            yield random_crop(example, settings["crop_size"], settings["augmentation"], generator)


@torch.inference_mode()
def _levels(backbone: Levels, crop: Crop, spec: dict, device: torch.device, precision: str) -> np.ndarray:
    """All levels of one crop in one row, float32 (1, D)."""
    image = normalise(crop.image[None], spec["mean"], spec["std"]) * crop.inside
    with autocast(device, precision):
        levels = backbone(image)
    return np.concatenate([level.float().flatten(1).cpu().numpy() for level in levels], 1)
