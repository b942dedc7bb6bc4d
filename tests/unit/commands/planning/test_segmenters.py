"""Sizes of segmentation models, against the layers of a model that is there."""

import pytest
import torch
from fact.commands.planning.segmenters import segmenter_size, tuned_parameters
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.settings import read_decoder
from segmentation_data import DECODER
from torch import nn
from vits import declared

DEPTH, WIDTH, PATCH, SIDE, CLASSES = 4, 32, 8, 48, 3
VIT = declared(32, patch_size=PATCH, embed_dim=WIDTH, depth=DEPTH)
CONVNEXT = {**VIT, "model": "convnext_tiny", "model_args": {"depths": [1] * 4, "dims": [8, 16, 24, 32]}}
FULL = {"tuner": "full"}
LORA = {"tuner": "lora", "rank": 2, "alpha": 2, "dropout": 0.0, "targets": None}


def measured_head() -> tuple[int, int]:
    """Parameters of a ViT's head, and operations of its convolutions in one forward pass."""
    head, operations = Decoder([WIDTH] * 4, True, CLASSES, read_decoder(DECODER)).eval(), []

    def count(layer: nn.Conv2d, _: tuple, output: torch.Tensor) -> None:
        operations.append(2 * layer.weight.numel() * output[0, 0].numel())

    for layer in head.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    with torch.no_grad():
        head([torch.zeros(1, WIDTH, SIDE // PATCH, SIDE // PATCH)] * 4)
    return sum(p.numel() for p in head.parameters()), sum(operations)


def test_operations_of_a_vit_are_those_of_the_textbook() -> None:
    size = segmenter_size("vit", VIT, CLASSES, DECODER, SIDE)
    patches = (SIDE // PATCH) ** 2
    tokens = patches + 1
    # queries, keys, values, output and the MLP of four times the width; then scores and weighted sums
    block = 2 * 12 * tokens * WIDTH**2 + 2 * 2 * tokens**2 * WIDTH
    assert size.backbone == DEPTH * block + 2 * patches * 3 * PATCH**2 * WIDTH
    assert size.map_values == 4 * patches * WIDTH + SIDE**2


def test_the_head_is_that_which_is_trained() -> None:
    size = segmenter_size("vit", VIT, CLASSES, DECODER, SIDE)
    assert (size.head_parameters, size.head) == measured_head()


def test_wider_heads_and_larger_crops_take_more() -> None:
    wide = segmenter_size("vit", VIT, CLASSES, {**DECODER, "channels": 16}, SIDE)
    small, large = (segmenter_size("cnn", CONVNEXT, CLASSES, DECODER, side) for side in (64, 128))
    assert wide.head > segmenter_size("vit", VIT, CLASSES, DECODER, SIDE).head
    assert large.backbone == pytest.approx(4 * small.backbone) and 3 < large.head / small.head <= 4
    # strides 4 to 32
    assert small.map_values == 64**2 + sum(
        c * (64 // s) ** 2 for c, s in ((8, 4), (16, 8), (24, 16), (32, 32))
    )


def test_what_a_recipe_trains() -> None:
    whole, adapters = (tuned_parameters("vit", VIT, CLASSES, DECODER, recipe) for recipe in (FULL, LORA))
    head, _ = measured_head()
    assert head < adapters < whole
    # the backbone's four blocks alone: 12 width² weights each
    assert whole - head > DEPTH * 12 * WIDTH**2
