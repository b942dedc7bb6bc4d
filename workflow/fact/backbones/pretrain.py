"""Self-supervised pretraining of a small backbone on an unlabelled pool: SimCLR (Chen et al., ICML 2020).

Two random views of every image are embedded and projected; the loss asks each view to find its twin
among all views of the batch. The projection is thrown away afterwards, the backbone stays. No view is
ever mirrored: a mirrored digit, letter or traffic sign is another one, or none.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

STRENGTHS = ("rotation", "scale", "shift", "shear", "warp", "noise", "brightness", "contrast")


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

    Raises ValueError for images, a batch size, a temperature or an augmentation that cannot be used.
    """
    _check(images, batch_size, temperature, augmentation)
    history = []
    # the projection's initialisation and a model's dropout draw from the global random state
    with torch.random.fork_rng(devices=[images.device] if images.is_cuda else []):
        torch.manual_seed(seed)
        generator = Generator(images.device).manual_seed(seed)
        projection = projection_head(_width(model, images), projection_dim).to(images.device)
        network = nn.Sequential(model, projection).train()
        optimizer = AdamW(parameter_groups(network, weight_decay), lr=learning_rate)
        steps = epochs * math.ceil(len(images) / batch_size)
        schedule = LambdaLR(optimizer, lambda step: warmup_cosine(step, steps, warmup))

        def train_step(batch: Tensor) -> Tensor:
            pixels = images[batch].float() / 255
            views = torch.cat([random_views(pixels, generator, **augmentation) for _ in range(2)])
            loss = nt_xent_loss(*network(normalise(views, mean, std)).chunk(2), temperature)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            return loss.detach()

        for epoch in range(1, epochs + 1):
            rate = schedule.get_last_lr()[0]
            losses = [train_step(batch) for batch in shuffled_batches(len(images), batch_size, generator)]
            history.append({"epoch": epoch, "loss": float(torch.stack(losses).mean()), "learning_rate": rate})
            if progress:
                progress(history[-1])
    model.eval()
    return history


def projection_head(width: int, projection_dim: int) -> nn.Sequential:
    """The MLP between backbone and loss (SimCLR, section 4.2), batch-normalised as MoCo v3's (section 5).

    An untrained backbone gives all images nearly the same vector: batch normalisation takes away what
    they share, without which the first epochs learn next to nothing.
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


def random_views(
    pixels: Tensor,
    generator: Generator,
    *,
    rotation: float = 0.0,
    scale: float = 0.0,
    shift: float = 0.0,
    shear: float = 0.0,
    warp: float = 0.0,
    noise: float = 0.0,
    brightness: float = 0.0,
    contrast: float = 0.0,
) -> Tensor:
    """One random view of each image of ``pixels``, float (B, C, S, S) in [0, 1].

    Drawn uniformly between minus and plus: ``rotation`` (degrees), ``scale`` (fraction of the size),
    ``shift`` and ``warp`` (fractions of the side), ``shear`` (tangent), ``brightness`` (added) and
    ``contrast`` (fraction). ``noise`` is the standard deviation of Gaussian noise. A strength of 0
    leaves the images as they are.
    """
    views = affine_views(pixels, generator, rotation, scale, shift, shear, warp)
    return tone_views(views, generator, noise, brightness, contrast)


def affine_views(
    pixels: Tensor,
    generator: Generator,
    rotation: float,
    scale: float,
    shift: float,
    shear: float,
    warp: float = 0.0,
) -> Tensor:
    """Move the pixels of each image of (B, C, S, S) by one random affine map and one random smooth warp.

    The warp displaces the knots of a 4 × 4 mesh over the image. What was outside the image is black.
    """
    count = len(pixels)
    matrices = affine_matrices(
        uniform((count,), math.radians(rotation), generator),
        1 + uniform((count,), scale, generator),
        uniform((count, 2), shift, generator),
        uniform((count,), shear, generator),
    )
    grid = F.affine_grid(matrices, list(pixels.shape), align_corners=False)
    # grid_sample's coordinates run from -1 to 1: the side is 2 long
    mesh = 2 * uniform((count, 2, 4, 4), warp, generator)
    field = F.interpolate(mesh, size=pixels.shape[-2:], mode="bicubic", align_corners=True)
    return F.grid_sample(pixels, grid + field.permute(0, 2, 3, 1), align_corners=False)


def affine_matrices(angle: Tensor, scale: Tensor, shift: Tensor, shear: Tensor) -> Tensor:
    """Matrices (B, 2, 3) from output to input coordinates, as ``affine_grid`` wants them.

    ``angle`` (B,) in radians, counter-clockwise; ``scale`` (B,), 2 shows the content twice as large;
    ``shift`` (B, 2) to the right and down, in fractions of the side; ``shear`` (B,), a tangent.
    """
    cos, sin = angle.cos(), angle.sin()
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    slant = torch.eye(2, dtype=shear.dtype, device=shear.device).repeat(len(shear), 1, 1)
    slant[:, 0, 1] = shear
    linear = rotation @ slant / scale.view(-1, 1, 1)
    return torch.cat([linear, -2 * linear @ shift.unsqueeze(2)], dim=2)


def tone_views(
    pixels: Tensor, generator: Generator, noise: float, brightness: float, contrast: float
) -> Tensor:
    """Change contrast about each image's mean, then brightness; add one draw of noise to all channels."""
    count, _, height, width = pixels.shape
    centre = pixels.mean(dim=(1, 2, 3), keepdim=True)
    factor = 1 + uniform((count, 1, 1, 1), contrast, generator)
    offset = uniform((count, 1, 1, 1), brightness, generator)
    grain = torch.randn((count, 1, height, width), generator=generator, device=generator.device)
    return centre + factor * (pixels - centre) + offset + noise * grain


def uniform(shape: tuple[int, ...], strength: float, generator: Generator) -> Tensor:
    """Float32 draws from the interval of plus or minus ``strength``, on the generator's device."""
    return strength * (2 * torch.rand(shape, generator=generator, device=generator.device) - 1)


def normalise(pixels: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Subtract ``mean`` from and divide by ``std`` the channels of ``pixels`` (B, C, S, S)."""
    centre, spread = (pixels.new_tensor(values).view(1, -1, 1, 1) for values in (mean, std))
    return (pixels - centre) / spread


def shuffled_batches(count: int, batch_size: int, generator: Generator) -> Sequence[Tensor]:
    """All indices below ``count`` in random order, in ⌈count / batch_size⌉ batches of nearly equal size.

    No image is left out, and a pool smaller than a batch is one batch.
    """
    order = torch.randperm(count, generator=generator, device=generator.device)
    return order.tensor_split(math.ceil(count / batch_size))


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """The learning rate at ``step`` of ``steps`` as a fraction of its peak."""
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / (steps - rising)))


def parameter_groups(network: nn.Module, weight_decay: float) -> list[dict]:
    """Weight decay for matrices and kernels only, none for biases and normalisation."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


@torch.no_grad()
def _width(model: nn.Module, images: Tensor) -> int:
    """How long the model's vectors are; asked in evaluation mode, which changes no running statistics."""
    return model.eval()(images[:1].float() / 255).shape[1]


def _check(images: Tensor, batch_size: int, temperature: float, augmentation: Mapping[str, float]) -> None:
    if images.dtype != torch.uint8 or images.ndim != 4 or len(images) < 2:
        raise ValueError(
            f"images: uint8 of shape (N, 3, S, S) with N ≥ 2 needed, got {images.dtype} {tuple(images.shape)}"
        )
    if batch_size < 2:
        raise ValueError(f"batch_size: {batch_size}; a view needs other images beside it, give at least 2")
    if temperature <= 0:
        raise ValueError(f"temperature: {temperature}; give a positive number, such as 0.2")
    unknown = sorted(set(augmentation) - set(STRENGTHS))
    if unknown:
        raise ValueError(f"augmentation: unknown strengths {unknown}; known are {list(STRENGTHS)}")
