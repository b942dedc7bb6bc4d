"""SGD with Nesterov momentum; no weight decay on biases, norms, position embeddings and class tokens."""

import torch
from torch import nn

# the endings that timm's models name in `no_weight_decay`
UNDECAYED = ("pos_embed", "cls_token", "reg_token", "dist_token", "relative_position_bias_table")


def build_optimiser(model: nn.Module, settings: dict) -> torch.optim.SGD:
    """SGD over the trainable parameters, in two groups: decayed and not (DeiT's released recipe)."""
    trainable = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    decayed = [p for name, p in trainable if p.ndim > 1 and not name.endswith(UNDECAYED)]
    kept = [p for name, p in trainable if p.ndim <= 1 or name.endswith(UNDECAYED)]
    groups = [
        {"params": decayed, "weight_decay": settings["weight_decay"]},
        {"params": kept, "weight_decay": 0.0},
    ]
    return torch.optim.SGD(
        [group for group in groups if group["params"]],
        lr=settings["learning_rate"],
        momentum=settings["momentum"],
        nesterov=settings["momentum"] > 0,
    )
