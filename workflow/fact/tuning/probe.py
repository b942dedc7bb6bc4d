"""Phase 1 by SGD: the paper's linear probe, trained on frozen features (LP)."""

import torch
from torch import Tensor, nn

from fact.tuning.loop import OnEpoch, train


def train_sgd_probe(
    features: Tensor, labels: Tensor, num_classes: int, settings: dict, seed: int, *, on_epoch: OnEpoch
) -> dict[str, Tensor]:
    """A linear head (``weight (K, D)``, ``bias (K,)``) on ``features (N, D)`` float32 and ``labels (N,)``.

    The released recipe on cached features, hence without image augmentation.
    """
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], num_classes).to(features.device)
    train(head, features, labels, settings, seed, prepare=lambda batch, _: batch, on_epoch=on_epoch)
    return {key: value.detach().cpu() for key, value in head.state_dict().items()}
