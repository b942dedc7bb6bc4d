"""Whole and sliding prediction, on a model whose answers are known."""

import numpy as np
import pytest
import torch
from fact.backbones.spec import ImageInput
from fact.tasks.segmentation.inference import predict_mask, window_starts
from fact.tasks.segmentation.settings import Inference
from torch import Tensor, nn

CPU = torch.device("cpu")
SPEC = ImageInput(image_size=16, interpolation="bilinear", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


class Bright(nn.Module):
    """Class 1 where red is above the middle, a cell for each pixel; takes sides that are multiples of 8."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Module()
        self.backbone.stride = 8
        self.seen: list[tuple[int, int]] = []

    def forward(self, images: Tensor) -> tuple[Tensor, None]:
        assert all(side % 8 == 0 for side in images.shape[-2:])
        self.seen.append(tuple(images.shape[-2:]))
        return torch.stack([-images[:, 0], images[:, 0]], 1), None


def half_bright(height: int, width: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = 255
    return image


def how(**changes: object) -> Inference:
    return Inference(**{"mode": "whole", "crop_size": 16, "overlap": 0.5, "precision": "fp32"} | changes)


@pytest.mark.parametrize("mode", ["whole", "slide"])
@pytest.mark.parametrize("size", [(16, 16), (19, 30), (8, 50), (5, 6)])
def test_any_size_is_predicted_at_its_own(mode: str, size: tuple[int, int]) -> None:
    predicted = predict_mask(Bright(), half_bright(*size), size, SPEC, CPU, how(mode=mode))
    assert predicted.dtype == np.uint8
    np.testing.assert_array_equal(predicted, half_bright(*size)[..., 0] // 255)


def test_predictions_come_at_the_size_of_the_truth() -> None:
    predicted = predict_mask(Bright(), half_bright(16, 16), (32, 64), SPEC, CPU, how())
    assert predicted.shape == (32, 64) and predicted[:, :28].max() == 0 and predicted[:, 36:].min() == 1


def test_windows_cover_the_image_and_are_no_larger_than_a_crop() -> None:
    model = Bright()
    predict_mask(model, half_bright(16, 40), (16, 40), SPEC, CPU, how(mode="slide"))
    assert model.seen == [(16, 16)] * 4


@pytest.mark.parametrize(
    ("length", "expected"),
    [(16, [0]), (10, [0]), (17, [0, 1]), (40, [0, 8, 16, 24]), (41, [0, 8, 16, 24, 25])],
)
def test_window_starts(length: int, expected: list[int]) -> None:
    assert window_starts(length, 16, 8) == expected
