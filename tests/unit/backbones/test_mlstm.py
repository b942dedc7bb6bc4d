import pytest
import torch
from fact.backbones.mlstm import EPS, Steps, mlstm
from torch import Tensor

# parallel, step by step, and chunks that do and do not divide the lengths
CHUNKS = [None, 1, 4, 7, 64]
chunks = pytest.mark.parametrize("chunk_size", CHUNKS)


def random_steps(length: int, dim: int = 3, spread: float = 3.0, dtype: torch.dtype = torch.float64) -> Steps:
    torch.manual_seed(length)
    queries, keys, values = torch.randn(3, 2, 2, length, dim, dtype=dtype)
    input_gates, forget_gates = spread * torch.randn(2, 2, 2, length, dtype=dtype)
    return Steps(queries, keys, values, input_gates, forget_gates)


def recurrence(steps: Steps) -> Tensor:
    """Equations 19 to 27 of the xLSTM paper as they stand, with the stabiliser of equation 15."""
    dim = steps.queries.shape[-1]
    matrix = torch.zeros(*steps.queries.shape[:2], dim, dim, dtype=steps.queries.dtype)
    normaliser = matrix[..., 0]
    stabiliser = torch.full(steps.queries.shape[:2], -torch.inf, dtype=steps.queries.dtype)
    hidden = []
    for step in range(steps.queries.shape[2]):
        query, key, value, i, f = (tensor[:, :, step] for tensor in steps)
        key, log_f = key / dim**0.5, torch.nn.functional.logsigmoid(f)
        largest = torch.maximum(log_f + stabiliser, i)
        forget, write = (log_f + stabiliser - largest).exp(), (i - largest).exp()
        stabiliser = largest
        matrix = (
            forget[..., None, None] * matrix
            + write[..., None, None] * value[..., :, None] * key[..., None, :]
        )
        normaliser = forget[..., None] * normaliser + write[..., None] * key
        weight = torch.maximum((normaliser * query).sum(-1).abs(), (-stabiliser).exp())
        hidden.append((matrix @ query[..., None])[..., 0] / (weight + EPS)[..., None])
    return torch.stack(hidden, 2)


def unstabilised(steps: Steps) -> Tensor:
    """The definition for all pairs of steps at once: plain exponentials and no small constant."""
    cumulated = torch.nn.functional.logsigmoid(steps.forget_gates).cumsum(-1)
    exponents = cumulated[..., :, None] - cumulated[..., None, :] + steps.input_gates[..., None, :]
    products = steps.queries @ steps.keys.transpose(-2, -1) / steps.keys.shape[-1] ** 0.5
    scores = (exponents.exp() * products).tril()
    return scores @ steps.values / scores.sum(-1, keepdim=True).abs().clamp(min=1)


@chunks
@pytest.mark.parametrize("length", [1, 2, 7, 8, 13, 65])
def test_every_form_is_the_recurrence(chunk_size, length):
    steps = random_steps(length)
    torch.testing.assert_close(mlstm(steps, chunk_size), recurrence(steps), rtol=1e-11, atol=1e-12)


@chunks
def test_stabilisation_does_not_change_the_result(chunk_size):
    steps = random_steps(13, spread=1.0)
    torch.testing.assert_close(mlstm(steps, chunk_size), unstabilised(steps), rtol=1e-4, atol=1e-5)


@chunks
def test_gradients_are_those_of_the_function(chunk_size):
    steps = [tensor[:1, :1].clone().requires_grad_() for tensor in random_steps(9, dim=2, spread=1.0)]
    assert torch.autograd.gradcheck(lambda *tensors: mlstm(Steps(*tensors), chunk_size), steps, atol=1e-4)


def test_gradients_of_both_forms_agree():
    steps = Steps(*(tensor.requires_grad_() for tensor in random_steps(13)))
    weights = torch.randn_like(steps.values)
    parallel, chunkwise = (
        torch.autograd.grad((mlstm(steps, size) * weights).sum(), list(steps)) for size in (None, 5)
    )
    for one, other in zip(parallel, chunkwise, strict=True):
        # the small constant is added in units of exp(m), through which no gradient flows
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@chunks
def test_a_step_sees_no_later_one(chunk_size):
    steps = random_steps(13)
    before = mlstm(steps, chunk_size)[:, :, :6]
    changed = Steps(*(torch.cat([t[:, :, :6], torch.randn_like(t[:, :, 6:])], 2) for t in steps))
    torch.testing.assert_close(mlstm(changed, chunk_size)[:, :, :6], before)


@chunks
@pytest.mark.parametrize("forget", [-1e4, 0.0, 1e4])
@pytest.mark.parametrize("write", [-1e4, 0.0, 1e4])
def test_extreme_gates_stay_finite(chunk_size, write, forget):
    steps = random_steps(13, dtype=torch.float32)
    steps = steps._replace(input_gates=steps.input_gates + write, forget_gates=steps.forget_gates + forget)
    steps = Steps(*(tensor.detach().requires_grad_() for tensor in steps))
    hidden = mlstm(steps, chunk_size)
    assert hidden.isfinite().all()
    assert all(part.isfinite().all() for part in torch.autograd.grad(hidden.sum(), list(steps)))


def test_mixed_extreme_gates_stay_finite():
    steps = random_steps(65, dtype=torch.float32)
    steps = steps._replace(
        input_gates=1e4 * steps.input_gates.sign(), forget_gates=1e4 * steps.forget_gates.sign()
    )
    assert all(mlstm(steps, size).isfinite().all() for size in CHUNKS)


@chunks
def test_half_precision_comes_close(chunk_size):
    steps = random_steps(65, dim=16)
    half = Steps(*(tensor.bfloat16() for tensor in steps))
    exact = Steps(*(tensor.double() for tensor in half))
    difference = mlstm(half, chunk_size).double() - mlstm(exact, chunk_size)
    assert difference.abs().median() < 0.01


def test_scaling_forgetting_and_writing_have_their_meaning():
    steps = random_steps(5)
    closed = steps._replace(forget_gates=torch.full_like(steps.forget_gates, -1e3))
    alone = Steps(*(tensor[:, :, 4:] for tensor in steps))
    # all forgotten: the last step stands alone
    torch.testing.assert_close(mlstm(closed)[:, :, 4:], mlstm(alone))
    silent = steps._replace(input_gates=torch.full_like(steps.input_gates, -1e3))
    assert mlstm(silent).abs().max() < 1e-30
