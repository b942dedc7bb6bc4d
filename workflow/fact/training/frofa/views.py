"""Make views of token maps: the original and augmented copies, once for a fixed objective."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from fact.infra.errors import ConfigError
from fact.training.frofa.contract import load_operation
from fact.training.frofa.numbers import drawn, symmetric_uniform
from fact.training.frofa.unit import bounds, from_unit, to_unit
from fact.training.heads.spec import VARIANTS, Frofa, Operation


class View(NamedTuple):
    """How far augmentations go (``strength`` 0..1, 0 is no change), and the seeds of their random numbers."""

    strength: float
    seed: int
    number: int = 0


def make_views(tokens: Tensor, sample_ids: Sequence[str], frofa: Frofa, seed: int, strength: float) -> Tensor:
    """Return the original ``tokens (n, H, W, C)`` and V augmented copies, ``(V + 1, n, H, W, C)``.

    V is ``frofa.views``, and 0 at strength 0. Made once: L-BFGS needs a fixed objective.
    """
    numbers = range(frofa.views if strength > 0 else 0)
    copies = [
        augment_tokens(tokens, sample_ids, frofa=frofa, view=View(strength, seed, number))
        for number in numbers
    ]
    return torch.stack([tokens.to(torch.promote_types(tokens.dtype, torch.float32)), *copies])


def augment_tokens(tokens: Tensor, sample_ids: Sequence[str], frofa: Frofa, view: View) -> Tensor:
    """Return an augmented copy of ``tokens (n, H, W, C)``; float16 and bfloat16 come back as float32.

    ``frofa.ops`` follow each other, each in its own variant or else in ``frofa.variant``. With
    ``frofa.draw``, each image takes so many of them at random instead, with replacement: 1 is TrivialAugment
    (Müller and Hutter, ICCV 2021), more is RandAugment (Cubuk et al., NeurIPS 2020) with random magnitudes.
    An image's random numbers depend on the view's seed and number and its ``sample_ids`` entry alone, not on
    its place in the batch. Raises ConfigError for an unknown augmentation or variant and a strength outside
    0..1, ValueError for a wrong shape.
    """
    _check(tokens, sample_ids, frofa=frofa, strength=view.strength)
    tokens = tokens.to(torch.promote_types(tokens.dtype, torch.float32))
    change = partial(_change, variant=frofa.variant, view=view)
    if frofa.draw is None:
        for step, op in enumerate(frofa.ops):
            tokens = change(op, tokens, sample_ids, step=step)
        return tokens
    choices = drawn(sample_ids, len(frofa.ops), frofa.draw, seed=view.seed, view=view.number)
    for step, chosen in enumerate(choices.T):
        tokens = _each_its_own(
            tokens, sample_ids, ops=frofa.ops, chosen=chosen, change=partial(change, step=step)
        )
    return tokens


def _each_its_own(
    tokens: Tensor,
    sample_ids: Sequence[str],
    ops: Sequence[Operation],
    chosen: Tensor,
    change: Callable[[Operation, Tensor, Sequence[str]], Tensor],
) -> Tensor:
    """Return ``tokens (n, H, W, C)`` after one step, in which image i takes ``ops[chosen[i]]``."""
    out = torch.empty_like(tokens)
    for index in chosen.unique().tolist():
        rows = (chosen == index).nonzero()[:, 0].tolist()
        out[rows] = change(ops[index], tokens[rows], [sample_ids[row] for row in rows])
    return out


def _change(
    op: Operation, tokens: Tensor, sample_ids: Sequence[str], *, variant: str, view: View, step: int
) -> Tensor:
    """Return ``tokens (n, H, W, C)`` after one augmentation, in its own variant or else in ``variant``."""
    operation, variant = load_operation(op.name), op.variant or variant
    width = operation.numbers(tokens.shape[1:], variant)
    u = symmetric_uniform(sample_ids, width, view.seed, view=view.number, step=step)
    low, high = bounds(tokens, per_channel=variant == "c2")
    return from_unit(operation.change(to_unit(tokens, low, high), u, view.strength), low, high)


def _check(tokens: Tensor, sample_ids: Sequence[str], frofa: Frofa, strength: float) -> None:
    variants = {frofa.variant, *(op.variant or frofa.variant for op in frofa.ops)}
    if tokens.ndim != 4 or len(tokens) != len(sample_ids):
        raise ValueError(
            f"FroFA: tokens of shape {tuple(tokens.shape)} for {len(sample_ids)} sample ids; "
            "pass patch tokens (n, H, W, C) without the class token, and one id each"
        )
    if unknown := variants - set(VARIANTS):
        raise ConfigError(f"FroFA: variant {min(unknown)!r}; use one of {', '.join(VARIANTS)}")
    if not 0 <= strength <= 1:
        raise ConfigError(f"FroFA: strength = {strength}; use a number from 0 to 1")
