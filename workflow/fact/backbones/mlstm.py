"""The mLSTM cell: a matrix memory with exponential gates (xLSTM, Beck et al., NeurIPS 2024, section 2.3).

Step t writes the value v_t under the key k_t and reads with the query q_t (equations 19 to 27):

    C_t = f_t C_{t-1} + i_t v_t k_tᵀ      n_t = f_t n_{t-1} + i_t k_t      h_t = C_t q_t / max(|n_tᵀ q_t|, 1)

with i_t = exp(ĩ_t), f_t = sigmoid(f̃_t) and keys divided by √D. With F_t = log f_1 + … + log f_t and
a_s = ĩ_s - F_s, what step s wrote counts exp(F_t + a_s) at step t: all steps can be read at once (appendix
A.3), or those of a chunk at once and the steps before it through C and n, which costs O(S).

Everything is kept in units of exp(m_t), where m_t = F_t + max_{s ≤ t} a_s is the largest exponent, so that
none overflows. The result does not depend on the maximum, and no gradient flows through it.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

EPS = 1e-6
# exponent of the 1 in the denominator, beyond which a result is 0 in float32; exp of it is finite
LARGEST = 80.0


class Steps(NamedTuple):
    """Consecutive steps: queries, keys and values (B, H, S, D), gates (B, H, S) before their nonlinearity."""

    queries: Tensor
    keys: Tensor
    values: Tensor
    input_gates: Tensor
    forget_gates: Tensor


class Memory(NamedTuple):
    """What earlier steps wrote: C (B, H, D, D) and n (B, H, D, 1) in units of exp(``scale (B, H, 1)``)."""

    matrix: Tensor
    normaliser: Tensor
    scale: Tensor


def mlstm(steps: Steps, chunk_size: int | None = None) -> Tensor:
    """Return hidden states (B, H, S, D) of all steps.

    ``chunk_size`` None is the parallel form: every pair of steps is compared, O(S²). With a number, pairs are
    compared inside chunks of so many steps, O(S); the last chunk may be shorter. Gates are computed in
    float32 or wider, whatever the dtype of the queries.
    """
    size = chunk_size or steps.queries.shape[2]
    memory, hidden = None, []
    for chunk in zip(*(tensor.split(size, dim=2) for tensor in _scaled(steps)), strict=True):
        part = Steps(*chunk)
        state = _exponents(part, memory)
        hidden.append(_read(part, state, memory))
        if len(hidden) * size < steps.queries.shape[2]:
            memory = _write(part, state, memory)
    return torch.cat(hidden, dim=2)


class _Exponents(NamedTuple):
    """Of a chunk's steps (B, H, S): F_t and a_s, counted from its start, and the running maximum of a."""

    forgotten: Tensor
    written: Tensor
    maximum: Tensor


def _scaled(steps: Steps) -> Steps:
    wide = torch.promote_types(steps.input_gates.dtype, torch.float32)
    return steps._replace(
        keys=steps.keys / steps.keys.shape[-1] ** 0.5,
        input_gates=steps.input_gates.to(wide),
        forget_gates=steps.forget_gates.to(wide),
    )


def _exponents(steps: Steps, memory: Memory | None) -> _Exponents:
    forgotten = F.logsigmoid(steps.forget_gates).cumsum(-1)
    written = steps.input_gates - forgotten
    maximum = written.detach().cummax(-1).values
    if memory is not None:
        maximum = torch.maximum(maximum, memory.scale.detach())
    return _Exponents(forgotten, written, maximum)


def _read(steps: Steps, state: _Exponents, memory: Memory | None) -> Tensor:
    """Return h_t of the chunk's steps, from the pairs inside it and the memory before it."""
    later = _later(state.written.shape[-1], state.written.device)
    exponents = state.written.unsqueeze(-2) - state.maximum.unsqueeze(-1)
    decay = exponents.masked_fill_(later, -torch.inf).exp_()
    scores = decay * (steps.queries @ steps.keys.transpose(-2, -1))
    read, weight = scores.to(steps.values.dtype) @ steps.values, scores.sum(-1, keepdim=True)
    if memory is not None:
        kept = (memory.scale - state.maximum).exp().unsqueeze(-1)
        queries = steps.queries.to(kept.dtype)
        read = read + kept * (queries @ memory.matrix)
        weight = weight + kept * (queries @ memory.normaliser)
    one = (-state.forgotten - state.maximum).clamp(max=LARGEST).exp().unsqueeze(-1)
    return read / (torch.maximum(weight.abs(), one) + EPS)


def _write(steps: Steps, state: _Exponents, memory: Memory | None) -> Memory:
    """Return the memory after the chunk's last step."""
    last = state.maximum[..., -1:]
    keys = steps.keys * (state.written - last).exp().unsqueeze(-1)
    matrix = keys.transpose(-2, -1) @ steps.values.to(keys.dtype)
    normaliser = keys.sum(-2).unsqueeze(-1)
    if memory is not None:
        kept = (memory.scale - last).exp().unsqueeze(-1)
        matrix, normaliser = matrix + kept * memory.matrix, normaliser + kept * memory.normaliser
    # the next chunk counts F from its own start
    return Memory(matrix, normaliser, last + state.forgotten[..., -1:])


def _later(size: int, device: torch.device) -> Tensor:
    """Return (S, S): whether step s (column) comes after step t (row)."""
    return torch.ones(size, size, dtype=torch.bool, device=device).triu(1)
