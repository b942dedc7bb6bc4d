"""A small model of digits in a folder, trained on frozen features in a second."""

from pathlib import Path

import numpy as np
import torch
import yaml
from fact.backbones.spec import read_declared
from fact.backbones.weights import fetch_weights
from fact.data.contract import image_reader
from fact.data.images import Resize, read_resized
from fact.data.sources import digits
from fact.model.deliver import deliver, preprocessing
from fact.model.labelled import LabelledImages
from fact.model.phases import Phases, fit_phases
from fact.training.computing import Computing
from fact.training.heads.spec import read_head_spec

ROOT = Path(__file__).parents[2]
DEVICE = torch.device("cpu")
LINEAR = {"kind": "lr", "pooling": "pooled", "C": 10.0, "folds": 5, "fallback_C": 10.0}
ATTENTION = {"kind": "map", "C": 10.0, "rho": 10.0, "folds": 5, "fallback_C": 10.0}
READING = {"reading": {"source": "digits", "transform": "squash", "options": {}}, "transform": "squash"}


def digits_weights(folder: Path) -> Path:
    """The embedded ViT's weights, as rule get_weights writes them."""
    declared = yaml.safe_load((ROOT / "config/backbones.yaml").read_text())["backbones"]["vit_digits"]
    fetch_weights(
        read_declared("vit_digits", {**declared, "weights": str(ROOT / declared["weights"])}), folder
    )
    return folder


def labelled_digits(count: int) -> LabelledImages:
    """The first ``count`` pool images."""
    rows = digits.index().rows
    rows = rows[rows["split"] == "pool"].iloc[:count]
    images = read_resized(image_reader(digits, None, {}), list(rows["locator"]), Resize(16))
    return LabelledImages(images, images, rows["label"].to_numpy(np.int64), list(rows["sample_id"]), 10)


def delivered(folder: Path, weights: Path, head: dict = LINEAR, temperature: float = 2.0) -> Path:
    """The folder of a model, without exports."""
    data, phases = labelled_digits(60), Phases(None, None, read_head_spec(head), "fp32", 64)
    fitted = fit_phases(weights, data, phases, Computing(DEVICE, 0))
    classes = ["=zero", *map(str, range(1, 10))]
    assessment = {"temperature": temperature, "recipe": "frozen"}
    metadata = {"dataset": "digits", "preprocessing": preprocessing(fitted.spec, READING)}
    deliver(folder, fitted, phases, data, classes, assessment=assessment, metadata=metadata)
    return folder
