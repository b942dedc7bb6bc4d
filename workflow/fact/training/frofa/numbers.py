"""Random numbers of images, each from seeds of its own: no image's depend on its place in a batch."""

from collections.abc import Sequence

import torch
from torch import Tensor

from fact.seeds import derive_seed
from fact.training.heads.spec import Variant


def shared_or_per_channel(shape: Sequence[int], variant: Variant) -> int:
    """Return how many numbers an image takes, of ``shape (H, W, C)``: one, or one for each channel."""
    return 1 if variant == "default" else shape[-1]


def one(shape: Sequence[int], variant: Variant) -> int:
    """Return how many numbers an image takes whose channels all move alike: one."""
    return 1


def spread(numbers: Tensor, x: Tensor) -> Tensor:
    """Return ``numbers (n, 1 or C)`` as ``(n, 1, 1, 1 or C)``, for arithmetic with ``x (n, H, W, C)``."""
    return numbers.to(x)[:, None, None, :]


def symmetric_uniform(sample_ids: Sequence[str], width: int, seed: int, view: int, step: int = 0) -> Tensor:
    """Return numbers ``(n, width)`` uniform in -1 .. 1, float32, each row from its own derived seed.

    ``step`` counts the augmentations of a view. All augmentations draw alike at the same step, so that two
    of them are compared on the same numbers.
    """
    # the first step names itself by nothing: views of one augmentation are older than steps
    names = (view, step) if step else (view,)
    return 2 * torch.stack([_uniform(width, seed, sample_id, *names) for sample_id in sample_ids]) - 1


def drawn(sample_ids: Sequence[str], choices: int, draws: int, seed: int, view: int) -> Tensor:
    """Return numbers ``(n, draws)`` in 0 .. choices - 1, drawn with replacement, int64."""
    rows = [_uniform(draws, "draw", seed, sample_id, view) for sample_id in sample_ids]
    return (torch.stack(rows) * choices).long()


def _uniform(width: int, *names: object) -> Tensor:
    generator = torch.Generator("cpu").manual_seed(derive_seed("frofa", *names))
    return torch.rand(width, generator=generator, device="cpu")
