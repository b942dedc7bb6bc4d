"""FroFA: augment a frozen backbone's patch tokens as if their map were an image.

Bär et al., *Frozen Feature Augmentation for Few-Shot Image Classification* (CVPR 2024). A token map
f is brought to the unit interval, x = (f - min) / (max - min), changed by a point-wise image augmentation and
mapped back. The variants differ in what shares a minimum and a maximum and what shares a random number:

========  ======================  =====================
variant   minimum and maximum     random number
========  ======================  =====================
default   of the whole map        one for the map
c         of the whole map        one for each channel
c2        of each channel         one for each channel
========  ======================  =====================

Only patch tokens are augmented. A class token has no map to take a minimum over: with a single token every
channel is constant and c2 is the identity. Who uses pooled class vectors beside augmented tokens repeats
them for every view. Test features are never augmented.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fact.heads.spec import VARIANTS, Variant
from fact.seeds import derive_seed


def augment(
    tokens: Tensor,
    sample_ids: Sequence[str],
    *,
    variant: Variant,
    strength: float,
    seed: int,
    view: int,
) -> Tensor:
    """Brightness-augmented copy of ``tokens (n, H, W, C)``; float16 and bfloat16 come back as float32.

    An image's random numbers depend on ``seed``, its ``sample_ids`` entry and ``view`` alone, not on its
    place in the batch, and grow in proportion to ``strength`` (in units of the unit interval, 0 = no
    change). Raises ValueError for an unknown variant, a strength outside 0..1, or a wrong shape.
    """
    _check(tokens, sample_ids, variant, strength)
    tokens = tokens.to(torch.promote_types(tokens.dtype, torch.float32))
    width = 1 if variant == "default" else tokens.shape[-1]
    shift = strength * symmetric_uniform(sample_ids, width, seed, view).to(tokens)
    low, high = bounds(tokens, per_channel=variant == "c2")
    return from_unit(brightness(to_unit(tokens, low, high), shift[:, None, None, :]), low, high)


def make_views(
    tokens: Tensor,
    sample_ids: Sequence[str],
    *,
    variant: Variant,
    strength: float,
    views: int,
    seed: int,
) -> Tensor:
    """The original ``tokens (n, H, W, C)`` and ``views`` augmented copies, ``(views + 1, n, H, W, C)``.

    Made once: L-BFGS needs a fixed objective.
    """
    copies = [
        augment(tokens, sample_ids, variant=variant, strength=strength, seed=seed, view=view)
        for view in range(views)
    ]
    return torch.stack([tokens.to(torch.promote_types(tokens.dtype, torch.float32)), *copies])


def brightness(x: Tensor, shift: Tensor) -> Tensor:
    """Brightness on the unit interval: add ``shift`` (broadcast) and clip."""
    return (x + shift).clamp(0, 1)


def bounds(tokens: Tensor, *, per_channel: bool) -> tuple[Tensor, Tensor]:
    """Smallest and largest value of each map of ``tokens (n, H, W, C)``, or of each of its channels.

    Shapes ``(n, 1, 1, 1)`` or ``(n, 1, 1, C)``.
    """
    over = (1, 2) if per_channel else (1, 2, 3)
    return tokens.amin(over, keepdim=True), tokens.amax(over, keepdim=True)


def to_unit(tokens: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Bring ``tokens`` from ``low .. high`` to 0 .. 1; a constant map becomes 0."""
    span = high - low
    return (tokens - low) / torch.where(span > 0, span, 1)


def from_unit(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Inverse of :func:`to_unit`, never outside ``low .. high``; a constant map comes back unchanged."""
    return torch.lerp(low, high, x)


def symmetric_uniform(sample_ids: Sequence[str], width: int, seed: int, view: int) -> Tensor:
    """Numbers ``(n, width)`` uniform in -1 .. 1, float32, each row from its own derived seed."""
    rows = []
    for sample_id in sample_ids:
        generator = torch.Generator().manual_seed(derive_seed("frofa", seed, sample_id, view))
        rows.append(torch.rand(width, generator=generator))
    return 2 * torch.stack(rows) - 1


def _check(tokens: Tensor, sample_ids: Sequence[str], variant: str, strength: float) -> None:
    if tokens.ndim != 4 or len(tokens) != len(sample_ids):
        raise ValueError(
            f"FroFA: tokens of shape {tuple(tokens.shape)} for {len(sample_ids)} sample ids; "
            "pass patch tokens (n, H, W, C) without the class token, and one id each"
        )
    if variant not in VARIANTS:
        raise ValueError(f"FroFA: variant {variant!r}; use one of {', '.join(VARIANTS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"FroFA: strength = {strength}; use a number from 0 to 1")
