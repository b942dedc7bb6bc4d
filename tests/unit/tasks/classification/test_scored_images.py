"""Scores are the same, to the byte, with the test images decoded to a file and without."""

from pathlib import Path

import numpy as np
import torch
from fact.backbones.spec import ImageInput
from fact.data.image_reader import ImageReader, Reading
from fact.data.sources import digits
from fact.features.decoded_file import write_decoded
from fact.tasks.classification.scored_images import open_scored_images
from fact.tasks.classification.tune import Evaluation, logits_of_test
from torch import nn

SPEC = ImageInput(image_size=12, interpolation="bicubic", mean=(0.5,) * 3, std=(0.2,) * 3)
CPU = torch.device("cpu")
SETTINGS = Evaluation(epochs=(0,), precision="fp32", batch_size=16, transform="inner_crop")


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.GELU(), nn.Flatten(), nn.Linear(800, 10))


def test_logits_are_equal_to_the_byte(tmp_path: Path) -> None:
    rows = digits.index(None)[0]
    rows = rows[rows["split"] == "test"].head(40).assign(sha256=None)
    reader = ImageReader({"root": None}, Reading("digits", "squash", {}), SPEC, workers=1)
    path, scored = tmp_path / "decoded.h5", Reading("digits", "inner_crop", {})
    once = ImageReader({"root": None}, scored, SPEC, workers=2)
    write_decoded(path, once.batches(rows, 7, ""), rows, SPEC, scored.transform)
    found = [
        logits_of_test(network(), images, SPEC, SETTINGS, device=CPU)
        for images in (
            open_scored_images(reader, rows, SPEC, transform=SETTINGS.transform, decoded=file)
            for file in (None, path)
        )
    ]
    assert found[0].shape == (40, 10) and found[0].std() > 0.01
    assert np.array_equal(*found)
