"""Self-supervised pretraining of a small backbone on an unlabelled pool: SimCLR (Chen et al., ICML 2020).

Two random views of every image are embedded and projected; the loss asks each view to find its twin
among all views of the batch. The projection is thrown away afterwards, the backbone stays.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from fact.backbones.extraction import normalise, to_tensor
from fact.backbones.pretrain_views import ViewStrengths, read_strengths, view_pairs
from fact.backbones.spec import BackboneSpec, DeclaredBackbone
from fact.backbones.weights import Resolved, backbone_spec, create_architecture
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings, read_fields
from fact.infra.needed import needed
from fact.infra.process.progress import log


@dataclass(frozen=True, kw_only=True)
class ContrastiveSettings:
    """Settings of SimCLR: the learning rate rises over the share ``warmup`` of all steps, then falls to 0."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    temperature: float
    projection_dim: int
    augmentation: ViewStrengths
    warmup: float = 0.1


def read_contrastive(settings: Settings) -> ContrastiveSettings:
    """Return the settings of plain JSON. Raises ConfigError naming the key, its value and what it may be."""
    own = {**settings, "augmentation": read_strengths(settings.get("augmentation") or {})}
    read = read_fields(ContrastiveSettings, own, "pretrain.settings")
    if read.batch_size < 2:
        raise ConfigError(
            f"batch_size: {read.batch_size}; a view needs other images beside it, give at least 2"
        )
    if read.temperature <= 0:
        raise ConfigError(f"temperature: {read.temperature}; give a positive number, such as 0.2")
    if not 0 <= read.warmup < 1:
        raise ConfigError(f"warmup: {read.warmup}; give the fraction of all steps, from 0 to below 1")
    return read


def pretrain_declared(
    declared: DeclaredBackbone, images: np.ndarray, device: torch.device
) -> tuple[nn.Module, BackboneSpec]:
    """Pretrain a declared backbone from random weights on ``images``, uint8 (N, S, S, 3).

    Returns the timm model and its spec. The side of the images and their normalisation must be declared.
    """
    pretraining = needed(declared.pretrain, f"backbones.{declared.name}.pretrain")
    torch.manual_seed(pretraining.seed)
    model = create_architecture(declared.model, declared.model_args).to(device)
    resolved = Resolved(declared.model, declared.model_args, own_cfg={}, weights=None)
    spec = backbone_spec(declared, resolved, model.pretrained_cfg)
    pretrain_contrastive(
        model,
        to_tensor(images, device).contiguous(),
        spec=spec,
        settings=read_contrastive(pretraining.settings),
        seed=pretraining.seed,
        progress=lambda record: log(", ".join(f"{key} {value:.5g}" for key, value in record.items())),
    )
    return model, spec


def pretrain_contrastive(
    model: nn.Module,
    images: Tensor,
    *,
    spec: BackboneSpec,
    settings: ContrastiveSettings,
    seed: int,
    progress: Callable[[dict[str, float]], None] | None = None,
) -> list[dict[str, float]]:
    """Train ``model`` in place on unlabelled ``images``; return one record for each epoch.

    ``model`` maps normalised images (B, 3, S, S) to vectors (B, D), as a timm model with
    ``num_classes=0`` does, and lies on the device of ``images``, uint8 (N, 3, S, S). ``spec`` has the
    mean and sd of pixels. A record is ``{"epoch", "loss", "learning_rate"}``; ``progress`` is called with
    each.

    The same model, images and seed give the same weights on one machine and number of threads; the
    global random state is left as it was found. The model is left in evaluation mode.
    Raises ValueError for images that cannot be used.
    """
    _check(images)
    history: list[dict[str, float]] = []
    # the projection's initialisation and a model's dropout draw from the global random state
    with torch.random.fork_rng(devices=[images.device] if images.is_cuda else []):
        torch.manual_seed(seed)
        generator = Generator(images.device).manual_seed(seed)
        width = _width(model, images, mean=spec.mean, std=spec.std)
        projection = projection_head(width, settings.projection_dim).to(images.device)
        network = nn.Sequential(model, projection).train()
        optimiser = AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
        steps = settings.epochs * math.ceil(len(images) / settings.batch_size)
        schedule = LambdaLR(optimiser, lambda step: warmup_cosine(step, steps, settings.warmup))
        for epoch in range(1, settings.epochs + 1):
            rate = float(schedule.get_last_lr()[0])
            batches = (
                normalise(255 * views, spec.mean, spec.std)
                for views in view_pairs(
                    images, settings.batch_size, strengths=settings.augmentation, generator=generator
                )
            )
            loss = _train_epoch(
                network, batches, temperature=settings.temperature, optimiser=optimiser, schedule=schedule
            )
            history.append({"epoch": epoch, "loss": loss, "learning_rate": rate})
            if progress:
                progress(history[-1])
    model.eval()
    return history


def _train_epoch(
    network: nn.Module, batches: Iterable[Tensor], temperature: float, optimiser: AdamW, schedule: LambdaLR
) -> float:
    """Take one step for each batch of view pairs; returns the mean loss."""
    losses = []
    for views in batches:
        first, second = network(views).chunk(2)
        loss = nt_xent_loss(first, second, temperature)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def projection_head(width: int, projection_dim: int) -> nn.Sequential:
    """Return the MLP between backbone and loss (SimCLR, section 4.2), its layers batch-normalised as in MoCo
    v3.

    An untrained backbone gives all images nearly the same vector; batch normalisation takes away what
    they share, so that the first epochs are not spent on that (docs/lab/pretraining.md has the effect).
    """
    return nn.Sequential(
        nn.Linear(width, 4 * width, bias=False),
        nn.BatchNorm1d(4 * width),
        nn.ReLU(),
        nn.Linear(4 * width, projection_dim, bias=False),
        nn.BatchNorm1d(projection_dim, affine=False),
    )


def nt_xent_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return the normalised temperature-scaled cross entropy (SimCLR, equation 1), averaged over all 2B
    views.

    ``first`` and ``second`` (B, D) are the projections of two views of the same B images, in the same
    order; the other 2B - 2 views are a view's negatives.
    """
    vectors = F.normalize(torch.cat([first, second]), dim=1)
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similarity = (vectors @ vectors.T / temperature).masked_fill(itself, -torch.inf)
    twins = torch.arange(len(vectors), device=vectors.device).roll(len(first))
    return F.cross_entropy(similarity, twins)


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """Return the learning rate at ``step`` of ``steps`` as a fraction of its peak."""
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / (steps - rising)))


@torch.no_grad()
def _width(model: nn.Module, images: Tensor, mean: Sequence[float], std: Sequence[float]) -> int:
    """Return the length of the model's vectors; evaluation mode changes no running statistics."""
    return model.eval()(normalise(images[:1], mean, std)).shape[1]


def _check(images: Tensor) -> None:
    if images.dtype != torch.uint8 or images.ndim != 4 or len(images) < 2:
        raise ValueError(
            f"images: uint8 of shape (N, 3, S, S) with N ≥ 2 needed, got {images.dtype} {tuple(images.shape)}"
        )
