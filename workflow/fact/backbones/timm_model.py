"""The interface of timm's models, which their code has by convention."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from fact.infra.fields import Settings


class TimmModel(nn.Module):
    """What is asked of a model that timm builds: a type alone, which timm's classes do not derive from.

    ``blocks``: of a vision transformer. ``forward_intermediates``: of those that give inner feature maps.
    """

    forward_features: Callable[[Tensor], Tensor]
    forward_head: Callable[..., Tensor]
    forward_intermediates: Callable[..., Any]
    set_grad_checkpointing: Callable[[bool], None]
    pretrained_cfg: Settings
    num_prefix_tokens: int
    num_features: int
    blocks: nn.Sequential
    feature_info: Any
    get_classifier: Callable[[], nn.Linear]
    reset_classifier: Callable[[int], None]
