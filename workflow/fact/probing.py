"""Phase 1 as a stage: a linear probe on frozen features, converged or by SGD, with its account."""

import numpy as np
import torch

from fact.heads.fit import fit_head
from fact.heads.head import Head, pooled_head
from fact.heads.linear import LinearHead
from fact.progress import say
from fact.scoring import stopwatch
from fact.tuning.probe import train_sgd_probe


def fit_probe(
    features: np.ndarray,
    labels: np.ndarray,
    sample_ids: list[str],
    num_classes: int,
    settings: dict,
    seed: int,
    device: torch.device,
) -> tuple[Head, dict]:
    """A linear head on ``features (n, D)`` float32 and ``labels (n,)``, and what its score record needs.

    ``settings``: ``kind`` lbfgs (converged logistic regression, C by cross-validation) with the keys of a
    head's specification, or ``kind`` sgd with ``training``, the paper's linear probe.
    """
    seconds: dict[str, float] = {}
    inputs, targets = torch.from_numpy(features), torch.from_numpy(labels)
    with stopwatch(seconds, "train"):
        if settings["kind"] == "lbfgs":
            spec = {**settings, "kind": "lr", "pooling": "pooled"}
            head, details = fit_head(inputs, None, targets, sample_ids, num_classes, spec=spec, seed=seed)
            seconds |= details.pop("seconds")
            history: list[dict] = []
        else:
            head, history = _by_sgd(inputs, targets, num_classes, settings["training"], seed, device)
            details = {}
    size = sum(head.parameters().values())
    report = {"parameters": {"trainable": size, "total": size}, "seconds": seconds}
    return head, {**report, "history": history, "details": details}


def _by_sgd(
    inputs: torch.Tensor,
    targets: torch.Tensor,
    num_classes: int,
    training: dict,
    seed: int,
    device: torch.device,
) -> tuple[Head, list[dict]]:
    history: list[dict] = []

    def on_epoch(epoch: int, loss: float) -> None:
        history.append({"epoch": epoch, "loss": loss})
        say(f"epoch {epoch + 1} of {training['epochs']}: loss {loss:.4f}")

    tensors = train_sgd_probe(
        inputs.to(device), targets.to(device), num_classes, training, seed, on_epoch=on_epoch
    )
    return pooled_head(LinearHead(tensors["weight"], tensors["bias"])), history
