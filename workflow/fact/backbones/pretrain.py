"""Self-supervised pretraining of a small backbone on an unlabelled pool: SimCLR (Chen et al., ICML 2020).

Two random views of every image are embedded and projected; the loss asks each view to find its twin
among all views of the batch. The projection is thrown away afterwards, the backbone stays.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from fact.backbones.extraction import normalise
from fact.backbones.pretrain_views import STRENGTHS, view_pairs


def pretrain_contrastive(
    model: nn.Module,
    images: Tensor,
    mean: Sequence[float],
    std: Sequence[float],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    temperature: float,
    projection_dim: int,
    seed: int,
    augmentation: Mapping[str, float],
    warmup: float = 0.1,
    progress: Callable[[dict[str, float]], None] | None = None,
) -> list[dict[str, float]]:
    """Train ``model`` in place on unlabelled ``images``; return one record an epoch.

    ``model`` maps normalised images (B, 3, S, S) to vectors (B, D), as a timm model with
    ``num_classes=0`` does, and lies on the device of ``images``, uint8 (N, 3, S, S). ``mean`` and
    ``std`` normalise pixels in [0, 1]. ``augmentation`` holds the strengths of :func:`random_views`.
    The learning rate rises linearly over the fraction ``warmup`` of all steps, then falls along a
    cosine to 0. A record is ``{"epoch", "loss", "learning_rate"}``; ``progress`` is called with each.

    The same model, images and seed give the same weights on one machine and number of threads; the
    global random state is left as it was found. The model is left in evaluation mode.

    Raises ValueError for images or a setting that cannot be used.
    """
    _check(images, batch_size, temperature, warmup, augmentation)
    history = []
    # the projection's initialisation and a model's dropout draw from the global random state
    with torch.random.fork_rng(devices=[images.device] if images.is_cuda else []):
        torch.manual_seed(seed)
        generator = Generator(images.device).manual_seed(seed)
        projection = projection_head(_width(model, images, mean, std), projection_dim).to(images.device)
        network = nn.Sequential(model, projection).train()
        optimiser = AdamW(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
        steps = epochs * math.ceil(len(images) / batch_size)
        schedule = LambdaLR(optimiser, lambda step: warmup_cosine(step, steps, warmup))
        for epoch in range(1, epochs + 1):
            rate = schedule.get_last_lr()[0]
            batches = (
                normalise(255 * views, mean, std)
                for views in view_pairs(images, batch_size, augmentation, generator)
            )
            loss = _train_epoch(network, batches, temperature, optimiser, schedule)
            history.append({"epoch": epoch, "loss": loss, "learning_rate": rate})
            if progress:
                progress(history[-1])
    model.eval()
    return history


def _train_epoch(
    network: nn.Module, batches: Iterable[Tensor], temperature: float, optimiser: AdamW, schedule: LambdaLR
) -> float:
    """One step for each batch of view pairs; returns the mean loss."""
    losses = []
    for views in batches:
        loss = nt_xent_loss(*network(views).chunk(2), temperature)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def projection_head(width: int, projection_dim: int) -> nn.Sequential:
    """The MLP between backbone and loss (SimCLR, section 4.2), its layers batch-normalised as in MoCo v3.

    An untrained backbone gives all images nearly the same vector; batch normalisation takes away what
    they share, so that the first epochs are not spent on that (docs/pretraining.md has the effect).
    """
    return nn.Sequential(
        nn.Linear(width, 4 * width, bias=False),
        nn.BatchNorm1d(4 * width),
        nn.ReLU(),
        nn.Linear(4 * width, projection_dim, bias=False),
        nn.BatchNorm1d(projection_dim, affine=False),
    )


def nt_xent_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross entropy (SimCLR, equation 1), averaged over all 2B views.

    ``first`` and ``second`` (B, D) are the projections of two views of the same B images, in the same
    order; the other 2B - 2 views are a view's negatives.
    """
    vectors = F.normalize(torch.cat([first, second]), dim=1)
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similarity = (vectors @ vectors.T / temperature).masked_fill(itself, -torch.inf)
    twins = torch.arange(len(vectors), device=vectors.device).roll(len(first))
    return F.cross_entropy(similarity, twins)


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """The learning rate at ``step`` of ``steps`` as a fraction of its peak."""
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / (steps - rising)))


@torch.no_grad()
def _width(model: nn.Module, images: Tensor, mean: Sequence[float], std: Sequence[float]) -> int:
    """How long the model's vectors are; asked in evaluation mode, which changes no running statistics."""
    return model.eval()(normalise(images[:1], mean, std)).shape[1]


def _check(
    images: Tensor, batch_size: int, temperature: float, warmup: float, augmentation: Mapping[str, float]
) -> None:
    if images.dtype != torch.uint8 or images.ndim != 4 or len(images) < 2:
        raise ValueError(
            f"images: uint8 of shape (N, 3, S, S) with N ≥ 2 needed, got {images.dtype} {tuple(images.shape)}"
        )
    if batch_size < 2:
        raise ValueError(f"batch_size: {batch_size}; a view needs other images beside it, give at least 2")
    if temperature <= 0:
        raise ValueError(f"temperature: {temperature}; give a positive number, such as 0.2")
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup: {warmup}; give the fraction of all steps, from 0 to below 1")
    if augmentation.get("scale", 0.0) >= 1:
        raise ValueError(
            f"augmentation.scale: {augmentation['scale']} leaves nothing to see; give less than 1"
        )
    unknown = sorted(set(augmentation) - set(STRENGTHS))
    if unknown:
        raise ValueError(f"augmentation: unknown strengths {unknown}; known are {list(STRENGTHS)}")
