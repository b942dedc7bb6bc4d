"""Augment token maps: random numbers are drawn once, and applied whenever a view is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import NamedTuple

import torch
from torch import Tensor

from fact.infra.errors import ConfigError
from fact.training.frofa.contract import load_operation
from fact.training.frofa.numbers import drawn, symmetric_uniform
from fact.training.frofa.unit import bounds, from_unit, to_unit
from fact.training.heads.spec import VARIANTS, Frofa, Operation, Variant


class View(NamedTuple):
    """How far augmentations go (``strength`` 0..1, 0 is no change), and the seeds of their random numbers."""

    strength: float
    seed: int
    number: int = 0


@dataclass(frozen=True)
class Change:
    """One augmentation with the random numbers ``(m, width)`` of the m images that take it.

    ``rows (m,)``: their places; None where all images take it.
    """

    operation: ModuleType
    variant: Variant
    strength: float
    numbers: Tensor
    rows: Tensor | None = None

    def apply(self, tokens: Tensor) -> Tensor:
        """Return ``tokens (m, H, W, C)`` of those images after the augmentation."""
        low, high = bounds(tokens, per_channel=self.variant == "c2")
        x = self.operation.change(to_unit(tokens, low, high), self.numbers, self.strength)
        return from_unit(x, low, high)


Step = list[Change]


def augment_tokens(tokens: Tensor, sample_ids: Sequence[str], frofa: Frofa, view: View) -> Tensor:
    """Return an augmented copy of ``tokens (n, H, W, C)``; float16 and bfloat16 come back as float32.

    ``frofa.ops`` follow each other, each in its own variant or else in ``frofa.variant``. With
    ``frofa.draw``, each image takes so many of them at random instead, with replacement: 1 is TrivialAugment
    (Müller and Hutter, ICCV 2021), more is RandAugment (Cubuk et al., NeurIPS 2020) with random magnitudes.
    An image's random numbers depend on the view's seed and number and its ``sample_ids`` entry alone, not on
    its place in the batch. Raises ConfigError for an unknown augmentation or variant and a strength outside
    0..1, ValueError for a wrong shape.
    """
    if tokens.ndim != 4 or len(tokens) != len(sample_ids):
        raise ValueError(
            f"FroFA: tokens of shape {tuple(tokens.shape)} for {len(sample_ids)} sample ids; "
            "pass patch tokens (n, H, W, C) without the class token, and one id each"
        )
    return apply_steps(tokens, draw_steps(sample_ids, Draw(frofa, view, tokens.shape[1:], tokens.device)))


@dataclass(frozen=True)
class Draw:
    """What random numbers are drawn for: maps of ``shape (H, W, C)`` in a view, to be used on a device."""

    frofa: Frofa
    view: View
    shape: Sequence[int]
    device: torch.device

    def change(
        self, op: Operation, sample_ids: Sequence[str], step: int, rows: Tensor | None = None
    ) -> Change:
        """Return the augmentation that these images take at a step."""
        operation, variant = load_operation(op.name), op.variant or self.frofa.variant
        width = operation.numbers(self.shape, variant)
        u = symmetric_uniform(sample_ids, width, self.view.seed, view=self.view.number, step=step)
        places = None if rows is None else rows.to(self.device)
        return Change(operation, variant, self.view.strength, u.to(self.device), places)


def draw_steps(sample_ids: Sequence[str], draw: Draw) -> list[Step]:
    """Return what :func:`augment_tokens` does to these images, step by step. Raises ConfigError likewise."""
    frofa, view = draw.frofa, draw.view
    _check(frofa, view.strength)
    if frofa.draw is None:
        return [[draw.change(op, sample_ids, step)] for step, op in enumerate(frofa.ops)]
    choices = drawn(sample_ids, len(frofa.ops), frofa.draw, seed=view.seed, view=view.number)
    return [_drawn_step(sample_ids, chosen, step, draw) for step, chosen in enumerate(choices.T)]


def _drawn_step(sample_ids: Sequence[str], chosen: Tensor, step: int, draw: Draw) -> Step:
    """Return a step in which image i takes ``frofa.ops[chosen[i]]``."""
    changes = []
    for index in chosen.unique().tolist():
        rows = (chosen == index).nonzero()[:, 0]
        ids = [sample_ids[row] for row in rows.tolist()]
        changes.append(draw.change(draw.frofa.ops[index], ids, step, rows))
    return changes


def apply_steps(tokens: Tensor, steps: Sequence[Step]) -> Tensor:
    """Return ``tokens (n, H, W, C)`` after these steps, at least in float32."""
    tokens = tokens.to(torch.promote_types(tokens.dtype, torch.float32))
    for step in steps:
        tokens = _apply(tokens, step)
    return tokens


def _apply(tokens: Tensor, step: Step) -> Tensor:
    if step[0].rows is None:
        return step[0].apply(tokens)
    out = torch.empty_like(tokens)
    for change in step:
        out[change.rows] = change.apply(tokens[change.rows])
    return out


def _check(frofa: Frofa, strength: float) -> None:
    variants = {frofa.variant, *(op.variant or frofa.variant for op in frofa.ops)}
    if unknown := variants - set(VARIANTS):
        raise ConfigError(f"FroFA: variant {min(unknown)!r}; use one of {', '.join(VARIANTS)}")
    if not 0 <= strength <= 1:
        raise ConfigError(f"FroFA: strength = {strength}; use a number from 0 to 1")
