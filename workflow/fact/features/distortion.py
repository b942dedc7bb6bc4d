"""Feature distortion: how far finetuning moves the features of labelled images, and of others.

Kumar et al. (ICLR 2022), section 3 and Table 4. The paper's III-C says why: of a linear model, full
finetuning changes nothing along directions orthogonal to the labelled samples, and features become
inconsistent.
"""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
import torch

from fact.backbones.extraction import extract
from fact.backbones.interface import Backbone
from fact.backbones.spec import ImageInput
from fact.seeds import derive_seed

SAMPLE = 1_000
"""Images of each kind, labelled and unlabelled."""


def sample_images(pool: pd.DataFrame, labelled: Collection[str], dataset: str) -> dict[str, pd.DataFrame]:
    """Return at most 1,000 labelled and 1,000 other rows of a pool's manifest.

    Both are the first ones in an order of the pool that depends on the dataset's name alone: every method and
    selection is measured on the same unlabelled images but for those that it has labelled.
    """
    order = np.random.default_rng(derive_seed("distortion", dataset)).permutation(len(pool))
    known = pool["sample_id"].isin(set(labelled)).to_numpy()[order]
    kinds = {"labelled": order[known], "unlabelled": order[~known]}
    return {kind: pool.iloc[rows[:SAMPLE]].reset_index(drop=True) for kind, rows in kinds.items()}


def measure(
    frozen: Backbone,
    refined: Backbone,
    batches: Iterable[np.ndarray],
    spec: ImageInput,
    device: torch.device,
    precision: str,
) -> dict[str, float]:
    """Return the distortion between two backbones on uint8 image batches (b, S, S, 3)."""
    images = list(batches)
    before, after = (
        np.concatenate(
            [pooled for pooled, _ in extract(backbone, images, spec=spec, device=device, precision=precision)]
        )
        for backbone in (frozen, refined)
    )
    return feature_distortion(before, after)


def feature_distortion(frozen: np.ndarray, refined: np.ndarray) -> dict[str, float]:
    """Return the distortion of features (N, D): ``count`` N, mean Euclidean ``distance``, and ``relative``.

    The last is that distance over the mean length of the frozen features: backbones differ in scale.
    """
    before, after = (np.asarray(features, np.float64) for features in (frozen, refined))
    distance = float(np.linalg.norm(after - before, axis=1).mean())
    length = float(np.linalg.norm(before, axis=1).mean())
    return {"count": len(before), "distance": distance, "relative": distance / length}
