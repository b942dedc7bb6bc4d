"""Phase 1 by SGD: the paper's linear probe, trained on frozen features (LP)."""

import torch
from torch import Tensor, nn

from fact.device import best_device
from fact.infra.process.clock import Clock
from fact.infra.process.progress import log
from fact.training.heads.head import Head, pooled_head
from fact.training.heads.linear import LinearHead
from fact.training.loop import OnEpoch, train


def fit_probe(
    features: Tensor,
    labels: Tensor,
    sample_ids: list[str],
    num_classes: int,
    settings: dict,
    seed: int,
) -> tuple[Head, dict[str, float], dict]:
    """A linear head on ``features (n, D)`` and ``labels (n,)``, seconds by phase, and its score's report.

    ``settings``: ``training``, the keys of a recipe. ``sample_ids`` play no part in SGD.
    """
    training, history, clock = settings["training"], [], Clock()

    def on_epoch(epoch: int, loss: float) -> None:
        history.append({"epoch": epoch, "loss": loss})
        log(f"epoch {epoch + 1} of {training['epochs']}: loss {loss:.4f}")

    device = best_device()
    with clock.time("train"):
        tensors = train_sgd_probe(
            features.to(device), labels.to(device), num_classes, training, seed, on_epoch=on_epoch
        )
    size = sum(tensor.numel() for tensor in tensors.values())
    report = {"parameters": {"trainable": size, "total": size}, "history": history}
    return pooled_head(LinearHead(tensors["weight"], tensors["bias"])), clock.seconds(), report


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
