"""What a head needs of the labelled images' tokens, whoever augments them."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import torch
from torch import Tensor


class Block(NamedTuple):
    """Some ``images (b,)``, by their places, in one view: ``tokens (b, T, C)``, at least float32.

    Both are on the device computed on.
    """

    images: Tensor
    view: int
    tokens: Tensor


class TokenSource(Protocol):
    """Views of the tokens of n images, the originals first; read block by block, any number of times."""

    @property
    def device(self) -> torch.device:
        """The device that blocks are on."""

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of blocks."""

    @property
    def places(self) -> int:
        """T, the number of tokens of an image."""

    @property
    def width(self) -> int:
        """C, the number of channels."""

    @property
    def means(self) -> Tensor:
        """The means over the tokens ``(V, n, C)`` of every view, float64."""

    @property
    def deviation(self) -> float:
        """The mean norm of the originals' deviations from their image's mean; 1 where all are alike."""

    def __len__(self) -> int:
        """Return V, the number of views."""

    def blocks(self, images: Tensor | None = None, views: int | None = None) -> Iterator[Block]:
        """Yield blocks of the images of a mask ``(n,)`` (default: all) in the first ``views`` views (all)."""
