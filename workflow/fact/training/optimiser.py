"""SGD with Nesterov momentum; no weight decay on biases, norms, position embeddings and class tokens."""

from collections.abc import Iterable

import torch
from torch import nn

# the endings that timm's models name in `no_weight_decay`
UNDECAYED = ("pos_embed", "cls_token", "reg_token", "dist_token", "relative_position_bias_table")


def build_optimiser(model: nn.Module, settings: dict) -> torch.optim.SGD:
    """SGD over the trainable parameters, in two groups: decayed and not (DeiT's released recipe)."""
    return torch.optim.SGD(
        decay_groups(model.named_parameters(), settings["weight_decay"]),
        lr=settings["learning_rate"],
        momentum=settings["momentum"],
        nesterov=settings["momentum"] > 0,
    )


def decay_groups(named: Iterable[tuple[str, nn.Parameter]], weight_decay: float) -> list[dict]:
    """The trainable ones of these parameters as groups of an optimiser: decayed and not; none is empty."""
    trainable = [(name, p) for name, p in named if p.requires_grad]
    decayed = [p for name, p in trainable if p.ndim > 1 and not name.endswith(UNDECAYED)]
    kept = [p for name, p in trainable if p.ndim <= 1 or name.endswith(UNDECAYED)]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": kept, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]
