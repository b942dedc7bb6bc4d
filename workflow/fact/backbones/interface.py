"""One interface over timm models: the pooled vector and the grid of patch tokens."""

from typing import cast

import torch
from torch import Tensor, nn

from fact.backbones.timm_model import TimmModel
from fact.infra.errors import ConfigError


class Backbone(nn.Module):
    """A timm model without classifier, giving ``pooled (B, D)`` and ``tokens (B, H, W, C)``.

    Pooled is what timm's own classifier would see (class token after the final norm for a ViT, the
    global average for a CNN). Tokens are the last feature map; class and register tokens are set apart.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = cast("TimmModel", model)

    def forward(self, images: Tensor) -> Tensor:
        """Return pooled vectors (B, D) of normalised images (B, 3, S, S)."""
        return self.model.forward_head(self.model.forward_features(images), pre_logits=True)

    def pooled_and_tokens(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return pooled vectors (B, D) and token grids (B, H, W, C) of normalised images (B, 3, S, S).

        Raises ConfigError for a model whose features are no grid.
        """
        features = self.model.forward_features(images)
        return self.model.forward_head(features, pre_logits=True), self._grid(features, images)

    def checkpoint_gradients(self) -> None:
        """Compute activations again in the backward pass instead of keeping them: less memory, more time.

        Raises ConfigError for a model that cannot.
        """
        try:
            self.model.set_grad_checkpointing(True)
        except (AttributeError, AssertionError) as error:
            name = type(self.model).__name__
            raise ConfigError(f"grad_checkpointing: {name} has none; set it to false") from error

    def _grid(self, features: Tensor, images: Tensor) -> Tensor:
        if features.ndim == 4:
            return features if _channels_last(self.model) else features.permute(0, 2, 3, 1)
        tokens = features[:, getattr(self.model, "num_prefix_tokens", 0) :]
        size = _grid_size(self.model, images)
        if features.ndim != 3 or size is None or size[0] * size[1] != tokens.shape[1]:
            raise ConfigError(
                f"the features {tuple(features.shape)} of {type(self.model).__name__} are no grid of tokens; "
                f"use a backbone that ends in a patch grid or a feature map"
            )
        return tokens.unflatten(1, size)


class Classifier(nn.Module):
    """A backbone and a linear head on its pooled vector."""

    def __init__(self, backbone: Backbone, dim: int, num_classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(dim, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, K) of normalised images (B, 3, S, S)."""
        return self.head(self.backbone(images))


def pooled_dim(backbone: Backbone, image_size: int) -> int:
    """Return the length D of the pooled vector, by one forward pass on a blank image."""
    training = backbone.training
    backbone.eval()
    with torch.no_grad():
        dim = backbone(torch.zeros(1, 3, image_size, image_size)).shape[1]
    backbone.train(training)
    return dim


def _channels_last(model: nn.Module) -> bool:
    return str(getattr(model, "output_fmt", "NCHW")).upper().endswith("NHWC")


def _grid_size(model: nn.Module, images: Tensor) -> tuple[int, int] | None:
    embed = getattr(model, "patch_embed", None)
    dynamic = getattr(embed, "dynamic_feat_size", None)
    return getattr(embed, "grid_size", None) if dynamic is None else dynamic(tuple(images.shape[-2:]))
