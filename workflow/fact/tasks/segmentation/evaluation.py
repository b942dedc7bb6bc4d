"""Evaluate a model on the test images: the confusion matrix, and example predictions that are kept."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from fact.backbones.spec import ImageInput
from fact.infra.process.progress import track
from fact.tasks.segmentation.inference import predict_mask
from fact.tasks.segmentation.inputs import Inputs
from fact.tasks.segmentation.metrics import confusion
from fact.tasks.segmentation.model import Segmenter
from fact.tasks.segmentation.settings import Inference


class Evaluation(NamedTuple):
    """``matrix``: confusion, float64 (K, K). ``examples``: predicted masks uint8 (H, W) by sample id."""

    matrix: np.ndarray
    examples: dict[str, Tensor]


def evaluate(
    model: Segmenter, inputs: Inputs, spec: ImageInput, device: torch.device, settings: Inference
) -> Evaluation:
    """Predict every test image at its own size and count; ``settings.shown`` predictions are kept."""
    model.eval()
    test, classes = inputs.test, len(inputs.classes)
    matrix, examples = np.zeros((classes, classes)), {}
    keep = set(example_ids(test, settings.shown))
    pairs = zip(test["sample_id"], inputs.reader.pairs(test, scaled_masks=False), strict=True)
    for sample_id, (image, mask) in track(pairs, len(test), "test images"):
        predicted = predict_mask(model, image, size=mask.shape, spec=spec, device=device, settings=settings)
        matrix += confusion(mask, predicted, classes)
        if sample_id in keep:
            examples[sample_id] = torch.from_numpy(predicted)
    return Evaluation(matrix, examples)


def example_ids(test: pd.DataFrame, count: int) -> list[str]:
    """Return ``count`` test images at equal distances in the manifest, whatever their scores."""
    ids = list(test["sample_id"])
    places = np.linspace(0, len(ids) - 1, min(count, len(ids))).round().astype(int)
    return [ids[place] for place in dict.fromkeys(places.tolist())]
