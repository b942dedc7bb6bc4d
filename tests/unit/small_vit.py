"""A small ViT with its spec, and images for it."""

import numpy as np
import torch
from fact.backbones.interface import Backbone
from fact.backbones.spec import ImageInput
from fact.backbones.weights import create_architecture
from numpy.typing import NDArray

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}

SPEC = ImageInput(image_size=16, interpolation="bicubic", mean=(0.48, 0.45, 0.4), std=(0.22, 0.23, 0.24))

CPU = torch.device("cpu")


def some_images(count: int = 7, side: int = 16) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def vit() -> Backbone:
    torch.manual_seed(0)
    return Backbone(create_architecture("vit_tiny_patch16_224", VIT, drop_path=0.5))
