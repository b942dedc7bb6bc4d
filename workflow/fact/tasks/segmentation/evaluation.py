"""A model on the test images: the confusion matrix, and the segmentations that are kept to be shown."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from fact.data.pair_reader import PairReader
from fact.infra.process.progress import track
from fact.tasks.segmentation.inference import predict
from fact.tasks.segmentation.metrics import confusion
from fact.tasks.segmentation.model import Segmenter


class Evaluation(NamedTuple):
    """``matrix``: confusion, float64 (K, K). ``shown``: predicted masks uint8 (H, W) by sample id."""

    matrix: np.ndarray
    shown: dict[str, Tensor]


def evaluate(
    model: Segmenter,
    reader: PairReader,
    test: pd.DataFrame,
    classes: int,
    spec: dict,
    device: torch.device,
    how: dict,
) -> Evaluation:
    """Predict every test image at its own size and count.

    ``how``: that of :func:`fact.tasks.segmentation.inference.predict`, and ``shown``, the number of images
    to keep.
    """
    model.eval()
    matrix, shown = np.zeros((classes, classes)), {}
    keep = set(shown_ids(test, how["shown"]))
    pairs = zip(test["sample_id"], reader.pairs(test, scaled_masks=False), strict=True)
    for name, (image, mask) in track(pairs, len(test), "test images"):
        predicted = predict(model, image, mask.shape, spec, device, how)
        matrix += confusion(mask, predicted, classes)
        if name in keep:
            shown[name] = torch.from_numpy(predicted)
    return Evaluation(matrix, shown)


def shown_ids(test: pd.DataFrame, count: int) -> list[str]:
    """So many test images at equal distances in the manifest, whatever their scores."""
    names = list(test["sample_id"])
    places = np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int)
    return [names[place] for place in dict.fromkeys(places.tolist())]
