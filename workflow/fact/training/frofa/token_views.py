"""The original and augmented tokens of the labelled images, block by block."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import torch
from torch import Tensor

from fact.device import free_gpu_memory
from fact.training.frofa.views import Draw, Step, View, apply_steps, draw_steps
from fact.training.heads.spec import Frofa
from fact.training.heads.token_source import Block

# values of a block of one view: on a CPU they stay in its cache, a GPU wants more of them at a time
BLOCK_VALUES = {"cpu": 2**21, "cuda": 2**26}
# bytes of augmented blocks that are kept at least, and times the stored tokens
KEPT_BYTES = 2**30
KEPT_TIMES = 2


class TokenViews:
    """Views of ``tokens (n, H, W, C)``: the originals first, then V augmented copies, none at strength 0.

    An objective is to be the same at every evaluation, so that random numbers are drawn once. Augmented
    blocks are kept as far as there is room, and made again from the tokens as they are stored otherwise:
    memory beside ``tokens`` stays below ``KEPT_BYTES`` or ``KEPT_TIMES`` their bytes, whichever is more.
    On a GPU blocks are kept in half of the memory that is free.
    """

    def __init__(
        self,
        tokens: Tensor,
        sample_ids: Sequence[str],
        frofa: Frofa,
        seed: int,
        strength: float,
        device: torch.device | None = None,
    ) -> None:
        self.tokens, self.sample_ids, self.frofa = tokens, sample_ids, frofa
        self.seed, self.strength = seed, strength
        self.device = tokens.device if device is None else device
        self.room = _room(tokens, self.device)
        self._kept: dict[tuple[int, int], Tensor] = {}
        self._steps: dict[tuple[int, int], list[Step]] = {}

    def __len__(self) -> int:
        """Return the number of views, V + 1."""
        return 1 + (self.frofa.views if self.strength > 0 else 0)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype computed in."""
        return torch.promote_types(self.tokens.dtype, torch.float32)

    @property
    def places(self) -> int:
        """T, the number of tokens of an image."""
        return self.tokens.shape[1] * self.tokens.shape[2]

    @property
    def width(self) -> int:
        """C, the number of channels."""
        return self.tokens.shape[3]

    def blocks(self, images: Tensor | None = None, views: int | None = None) -> Iterator[Block]:
        """Yield blocks of the images of a mask ``(n,)`` (default: all) in the first ``views`` views (all)."""
        wanted = None if images is None else images.cpu()
        for rows in self._rows:
            places = torch.arange(len(self.tokens), device="cpu")[rows]
            inside = None if wanted is None or bool(wanted[rows].all()) else wanted[rows].nonzero()[:, 0]
            if inside is not None and len(inside) == 0:
                continue
            if inside is not None:
                places, inside = places[inside], inside.to(self.device)
            for view, tokens in enumerate(self._views_of(rows, len(self) if views is None else views)):
                flat = (tokens if inside is None else tokens[inside]).to(self.dtype).flatten(1, 2)
                yield Block(places.to(self.device), view, flat)

    def _views_of(self, rows: slice, views: int) -> Iterator[Tensor]:
        """Yield the views of a block ``(b, H, W, C)``, the original one as it is stored."""
        stored = self.tokens[rows].to(self.device, non_blocking=True)
        yield stored
        for view in range(1, views):
            yield self._augmented(stored, rows, view)

    @cached_property
    def means(self) -> Tensor:
        """The means over the tokens ``(V + 1, n, C)``, float64."""
        shape = (len(self), len(self.tokens), self.width)
        means = torch.empty(shape, dtype=torch.float64, device=self.device)
        for block in self.blocks():
            means[block.view, block.images] = block.tokens.mean(1).double()
        return means

    @cached_property
    def deviation(self) -> float:
        """The mean norm of the originals' deviations from their image's mean; 1 where all are alike."""
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for block in self.blocks(views=1):
            total += (block.tokens - block.tokens.mean(1, keepdim=True)).norm(dim=2).double().sum()
        return float(total) / (len(self.tokens) * self.places) or 1.0

    @cached_property
    def _rows(self) -> list[slice]:
        step = max(1, BLOCK_VALUES[self.device.type] // (self.places * self.width))
        return [slice(start, start + step) for start in range(0, len(self.tokens), step)]

    def _augmented(self, stored: Tensor, rows: slice, view: int) -> Tensor:
        """Return an augmented block ``(b, H, W, C)``: the kept one, else one made and, if it fits, kept."""
        key = (rows.start, view)
        if key in self._kept:
            return self._kept[key]
        if key not in self._steps:
            draw = Draw(self.frofa, View(self.strength, self.seed, view - 1), stored.shape[1:], self.device)
            self._steps[key] = draw_steps(self.sample_ids[rows], draw)
        made = apply_steps(stored, self._steps[key])
        if made.nbytes <= self.room:
            self.room -= made.nbytes
            self._kept[key] = made
            del self._steps[key]
        return made


def _room(tokens: Tensor, device: torch.device) -> int:
    if device.type == "cuda":
        return free_gpu_memory(device) // 2
    return max(KEPT_BYTES, KEPT_TIMES * tokens.nbytes)
