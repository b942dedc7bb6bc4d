"""Views of token maps: the original and augmented copies, made once for a fixed objective."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from fact.training.frofa.contract import load_operation
from fact.training.frofa.numbers import drawn, symmetric_uniform
from fact.training.frofa.unit import bounds, from_unit, to_unit
from fact.training.heads.spec import BRIGHTNESS, VARIANTS, Operation, Variant


def make_views(
    tokens: Tensor,
    sample_ids: Sequence[str],
    *,
    variant: Variant,
    strength: float,
    views: int,
    seed: int,
    ops: Sequence[Operation] = BRIGHTNESS,
    draw: int | None = None,
) -> Tensor:
    """The original ``tokens (n, H, W, C)`` and ``views`` augmented copies, ``(views + 1, n, H, W, C)``.

    Made once: L-BFGS needs a fixed objective. The settings are those of :func:`augment`.
    """
    settings = {"variant": variant, "strength": strength, "seed": seed, "ops": ops, "draw": draw}
    copies = [augment(tokens, sample_ids, view=view, **settings) for view in range(views)]
    return torch.stack([tokens.to(torch.promote_types(tokens.dtype, torch.float32)), *copies])


def augment(
    tokens: Tensor,
    sample_ids: Sequence[str],
    *,
    variant: Variant,
    strength: float,
    seed: int,
    view: int,
    ops: Sequence[Operation] = BRIGHTNESS,
    draw: int | None = None,
) -> Tensor:
    """Augmented copy of ``tokens (n, H, W, C)``; float16 and bfloat16 come back as float32.

    ``ops`` follow each other, each in its own variant or else in ``variant``. With ``draw``, each image
    takes so many of them at random instead, with replacement: 1 is TrivialAugment (Müller and Hutter, ICCV
    2021), more is RandAugment (Cubuk et al., NeurIPS 2020) with random magnitudes. An image's random numbers
    depend on ``seed``, its ``sample_ids`` entry and ``view`` alone, not on its place in the batch, and what
    they do grows with ``strength`` (0 = no change). Raises ValueError for an unknown augmentation or variant,
    a strength outside 0..1, or a wrong shape.
    """
    _check(tokens, sample_ids, {variant, *(op.variant or variant for op in ops)}, strength)
    tokens = tokens.to(torch.promote_types(tokens.dtype, torch.float32))
    change = partial(_change, variant=variant, strength=strength, seed=seed, view=view)
    if draw is None:
        for step, op in enumerate(ops):
            tokens = change(op, tokens, sample_ids, step=step)
        return tokens
    for step, chosen in enumerate(drawn(sample_ids, len(ops), draw, seed, view).T):
        tokens = _each_its_own(tokens, sample_ids, ops, chosen, partial(change, step=step))
    return tokens


def _each_its_own(
    tokens: Tensor,
    sample_ids: Sequence[str],
    ops: Sequence[Operation],
    chosen: Tensor,
    change: Callable[[Operation, Tensor, Sequence[str]], Tensor],
) -> Tensor:
    """``tokens (n, H, W, C)`` after one step, in which image i takes ``ops[chosen[i]]``."""
    out = torch.empty_like(tokens)
    for index in chosen.unique().tolist():
        rows = (chosen == index).nonzero()[:, 0].tolist()
        out[rows] = change(ops[index], tokens[rows], [sample_ids[row] for row in rows])
    return out


def _change(
    op: Operation,
    tokens: Tensor,
    sample_ids: Sequence[str],
    *,
    variant: Variant,
    strength: float,
    seed: int,
    view: int,
    step: int,
) -> Tensor:
    """``tokens (n, H, W, C)`` after one augmentation, in its own variant or else in ``variant``."""
    operation, variant = load_operation(op.name), op.variant or variant
    width = operation.numbers(tokens.shape[1:], variant)
    u = symmetric_uniform(sample_ids, width, seed, view, step)
    low, high = bounds(tokens, per_channel=variant == "c2")
    return from_unit(operation.change(to_unit(tokens, low, high), u, strength), low, high)


def _check(tokens: Tensor, sample_ids: Sequence[str], variants: set[str], strength: float) -> None:
    if tokens.ndim != 4 or len(tokens) != len(sample_ids):
        raise ValueError(
            f"FroFA: tokens of shape {tuple(tokens.shape)} for {len(sample_ids)} sample ids; "
            "pass patch tokens (n, H, W, C) without the class token, and one id each"
        )
    if unknown := variants - set(VARIANTS):
        raise ValueError(f"FroFA: variant {min(unknown)!r}; use one of {', '.join(VARIANTS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"FroFA: strength = {strength}; use a number from 0 to 1")
