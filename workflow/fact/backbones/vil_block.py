"""The blocks of Vision-LSTM: an mLSTM layer behind a norm, reading the patches forwards or backwards.

Alkin et al., "Vision-LSTM", ICLR 2025, figure 1, in its second version: a 3×3 convolution over the grid and
biases everywhere.
"""

import torch
from timm.layers import DropPath
from torch import Tensor, nn
from torch.nn import functional as F

from fact.backbones.mlstm import Steps, mlstm

# heads of the cell, and channels that the query, key and value projections mix
HEADS = 4
PROJECTION_BLOCK = 4


class Block(nn.Module):
    """A residual mLSTM layer (B, S, C) → (B, S, C) behind a norm; ``reverse`` reads the tokens backwards."""

    def __init__(self, dim: int, reverse: bool, drop_path: float, chunk_size: int | None) -> None:
        super().__init__()
        self.reverse = reverse
        self.norm = OffsetNorm(dim, eps=1e-5)
        self.layer = Layer(dim, chunk_size)
        self.drop_path = DropPath(drop_path)

    def forward(self, tokens: Tensor, grid: tuple[int, int]) -> Tensor:
        x = self.norm(tokens)
        # backwards, the grid of patches is turned by 180 degrees for the convolution too
        x = self.layer(x.flip(1), grid).flip(1) if self.reverse else self.layer(x, grid)
        return tokens + self.drop_path(x)


class Layer(nn.Module):
    """mLSTM between an up- and a down-projection, gated by a second branch (ViL, figure 1).

    Queries and keys are taken after a 3×3 depthwise convolution over the grid, values before it.
    """

    def __init__(self, dim: int, chunk_size: int | None) -> None:
        super().__init__()
        inner = 2 * dim
        self.chunk_size = chunk_size
        self.proj_up = nn.Linear(dim, 2 * inner)
        self.conv = nn.Conv2d(inner, inner, 3, padding=1, groups=inner)
        self.q_proj, self.k_proj, self.v_proj = (BlockLinear(inner) for _ in range(3))
        self.input_gate, self.forget_gate = Gate(inner), Gate(inner)
        self.head_norm = OffsetNorm(inner, eps=1e-5, heads=HEADS)
        self.skip = nn.Parameter(torch.ones(inner))
        self.proj_down = nn.Linear(inner, dim)
        self._initialise(dim)

    def _initialise(self, dim: int) -> None:
        small = (2 / (5 * dim)) ** 0.5
        for layer in (self.proj_up, self.q_proj, self.k_proj, self.v_proj):
            nn.init.normal_(layer.weight, std=small)
            nn.init.zeros_(layer.bias)
        nn.init.normal_(self.proj_down.weight, std=2 / dim**0.5)
        nn.init.zeros_(self.proj_down.bias)
        nn.init.normal_(self.input_gate.bias, std=0.1)
        with torch.no_grad():
            self.forget_gate.bias.copy_(torch.linspace(3.0, 6.0, HEADS))

    def forward(self, tokens: Tensor, grid: tuple[int, int]) -> Tensor:
        x, gate = self.proj_up(tokens).chunk(2, dim=-1)
        mixed = F.silu(_convolved(x, grid, self.conv))
        hidden = self._cell(self.q_proj(mixed), self.k_proj(mixed), self.v_proj(x))
        return self.proj_down((self.head_norm(hidden) + self.skip * mixed) * F.silu(gate))

    def _cell(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        gates = (gate(q, k, v).transpose(1, 2) for gate in (self.input_gate, self.forget_gate))
        heads = (x.unflatten(-1, (HEADS, -1)).transpose(1, 2) for x in (q, k, v))
        return mlstm(Steps(*heads, *gates), self.chunk_size).transpose(1, 2).flatten(2)


class BlockLinear(nn.Module):
    """A linear map (…, C) → (…, C) whose matrix is block-diagonal, ``weight (C / 4, 4, 4)``.

    Four blocks are multiplied as one of 16×16: products of 4×4 matrices cost more in calls than in numbers.
    """

    JOINED = 4

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(dim // PROJECTION_BLOCK, PROJECTION_BLOCK, PROJECTION_BLOCK))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        matrices = self._joined()
        size = matrices.shape[-1]
        parts = x.reshape(-1, len(matrices), size).transpose(0, 1)
        mapped = torch.baddbmm(self.bias.view(-1, 1, size), parts, matrices.transpose(1, 2))
        return mapped.transpose(0, 1).reshape(x.shape)

    def _joined(self) -> Tensor:
        """Return blocks side by side on the diagonals of fewer, larger matrices (C / 16, 16, 16)."""
        blocks = self.weight.unflatten(0, (-1, self.JOINED))
        diagonal = torch.eye(self.JOINED, dtype=blocks.dtype, device=blocks.device)
        return torch.einsum("gaoi,ab->gaobi", blocks, diagonal).flatten(3).flatten(1, 2)


class Gate(nn.Module):
    """A gate's value before its nonlinearity, (B, S, heads), linear in queries, keys and values together.

    No nn.Linear, so that LoRA leaves gates alone: their rank is no larger than its own.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(HEADS, 3 * dim)), nn.Parameter(torch.zeros(HEADS))

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        of_q, of_k, of_v = self.weight.chunk(3, dim=1)
        return F.linear(q, of_q, self.bias) + F.linear(k, of_k) + F.linear(v, of_v)


class OffsetNorm(nn.Module):
    """Layer norm over the last axis, or over each head's part of it, whose weight is stored minus one."""

    def __init__(self, dim: int, eps: float, heads: int = 1) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(dim)), nn.Parameter(torch.zeros(dim))
        self.eps, self.heads = eps, heads

    def forward(self, x: Tensor) -> Tensor:
        if self.heads == 1:
            return F.layer_norm(x, x.shape[-1:], 1 + self.weight, self.bias, self.eps)
        parts = x.unflatten(-1, (self.heads, -1))
        normed = F.layer_norm(parts, parts.shape[-1:], eps=self.eps).flatten(-2)
        return torch.addcmul(self.bias, normed, 1 + self.weight)


def _convolved(tokens: Tensor, grid: tuple[int, int], conv: nn.Conv2d) -> Tensor:
    """Return a convolution over the grid of tokens (B, H·W, C), which is channels last in memory."""
    return conv(tokens.unflatten(1, grid).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).flatten(1, 2)
