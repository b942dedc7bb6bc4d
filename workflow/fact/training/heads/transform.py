"""What is done to a feature vector before a linear head reads it.

``l2`` divides each vector by its own norm. ``l2sqrt`` then takes signed square roots, as the authors of
FACT do before their logistic regression (released with ActiveDC, github.com/VincentXu521/ActiveDC; Tukey's
ladder of powers with λ = ½, as in Yang et al., "Free Lunch for Few-shot Learning", ICLR 2021). Neither
vector can then outweigh the others by its length, nor a channel by its size.
"""

from typing import TYPE_CHECKING, Literal

# rules read the names, and must not wait for torch
if TYPE_CHECKING:
    from torch import Tensor

Transform = Literal["none", "l2", "l2sqrt"]
TRANSFORMS: tuple[Transform, ...] = ("none", "l2", "l2sqrt")


def transformed(rows: "Tensor", transform: Transform) -> "Tensor":
    """Return ``rows (..., d)`` transformed, in their dtype; a row of zeros stays one."""
    if transform == "none":
        return rows
    units = rows / rows.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    return units if transform == "l2" else units.sign() * units.abs().sqrt()
