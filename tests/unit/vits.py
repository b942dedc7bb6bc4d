"""Small vision transformers with a head, for the tests of tuners that add parameters to them."""

import torch
from fact.backbones.interface import Backbone, Classifier, pooled_dim
from fact.backbones.weights import create_architecture
from torch import Tensor, nn

TINY = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 3, "num_heads": 2}
# name, arguments, side of the images
VITS = {
    "vit": ("vit_tiny_patch16_224", TINY, 16),
    "mean-pooled": ("vit_tiny_patch16_224", TINY | {"global_pool": "avg", "class_token": False}, 16),
    "registers": (
        "vit_small_patch14_reg4_dinov2",
        # DINOv2's layer scale starts at 1e-5, which would hide everything that blocks do
        {"img_size": 28, "embed_dim": 32, "depth": 2, "num_heads": 2, "init_values": 0.5},
        28,
    ),
    "clip": (
        "vit_base_patch16_clip_224",
        {"img_size": 32, "embed_dim": 32, "depth": 2, "num_heads": 2},
        32,
    ),
    "queries and keys normed": ("vit_tiny_patch16_224", TINY | {"qk_norm": True}, 16),
}
# backbones that are no plain ViT
OTHERS = {
    "convnext": ("convnext_tiny", {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 32)}, 32),
    "swin": (
        "swin_tiny_patch4_window7_224",
        {"img_size": 32, "window_size": 4, "embed_dim": 16, "depths": (1, 1), "num_heads": (2, 2)},
        32,
    ),
    "vil": ("vil2_small", {"img_size": 32, "embed_dim": 16, "depth": 2}, 32),
}


def declared(img_size: int = 16, **args: int) -> dict:
    """An entry of config/backbones.yaml: ``vit`` with random weights, ``args`` of the model changed."""
    return {
        "model": "vit_tiny_patch16_224", "weights": "random", "sha256": None,
        "image_size": img_size, "mean": None, "std": None,
        "model_args": TINY | {"img_size": img_size} | args,
        "interpolation": None, "pretrain": None, "training": {},
    }  # fmt: skip


def classifier(kind: str = "vit", classes: int = 10) -> tuple[Classifier, Tensor]:
    """A classifier in eval mode, always the same, and two images for it."""
    name, args, side = (VITS | OTHERS)[kind]
    torch.manual_seed(0)
    backbone = Backbone(create_architecture(name, args))
    return Classifier(backbone, pooled_dim(backbone, side), classes).eval(), torch.randn(2, 3, side, side)


@torch.no_grad()
def perturb(model: nn.Module) -> nn.Module:
    """Move everything trainable, as training would."""
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model
