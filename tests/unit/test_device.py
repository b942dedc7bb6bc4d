from contextlib import nullcontext

import pytest
import torch
from fact.device import (
    autocast,
    best_device,
    compute_dtype,
    cpu_flags,
    fast_fp32,
    free_gpu_memory,
    multiplies_bf16,
    precision_used,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        (set(), torch.float32),
        ({"avx2", "avx512f"}, torch.float32),
        ({"amx_bf16", "avx2"}, torch.bfloat16),
        ({"avx512_bf16"}, torch.bfloat16),
    ],
)
def test_auto_goes_by_the_processors_flags(flags, dtype, monkeypatch):
    monkeypatch.setattr("fact.device.cpu_flags", lambda: frozenset(flags))
    assert multiplies_bf16(CPU) == (dtype == torch.bfloat16)
    assert compute_dtype(CPU, "auto") == dtype


@pytest.mark.parametrize(
    ("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_named_precisions(precision, dtype):
    assert compute_dtype(CPU, precision) == dtype


@pytest.mark.parametrize("ask", [compute_dtype, autocast])
def test_unknown_precision_is_refused(ask):
    with pytest.raises(ValueError, match=r"'fp8' is unknown; use one of auto, fp32, tf32, bf16, fp16"):
        ask(CPU, "fp8")


def test_autocast_computes_in_the_precision():
    layer, x = torch.nn.Linear(3, 2), torch.ones(1, 3)
    assert isinstance(autocast(CPU, "fp32"), nullcontext)
    for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)):
        with autocast(CPU, precision):
            assert layer(x).dtype == dtype
    assert layer(x).dtype == torch.float32


def test_best_device_is_cuda_where_there_is_one(monkeypatch):
    for available, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda available=available: available)
        assert best_device().type == kind


def test_flags_are_words():
    assert all(flag and " " not in flag for flag in cpu_flags())


def test_memory_that_torch_keeps_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (10, 100))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 60)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 25)
    assert free_gpu_memory(torch.device("cuda")) == 45


class Gpu:
    """A GPU of a compute capability, as far as torch is asked about it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int]) -> None:
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: capability >= (8, 0))


@pytest.mark.parametrize(
    ("capability", "used"),
    [
        ((7, 5), {"fp32": "fp32", "auto": "fp32", "bf16": "bf16", "fp16": "fp16"}),
        ((9, 0), {"fp32": "fp32", "tf32": "tf32", "auto": "bf16", "bf16": "bf16", "fp16": "fp16"}),
    ],
)
def test_the_arithmetic_used_is_the_hardwares(monkeypatch, capability, used):
    Gpu(monkeypatch, capability)
    assert {name: precision_used(torch.device("cuda"), name) for name in used} == used
    # training takes what is fast for fp32
    assert precision_used(torch.device("cuda"), "fp32", training=True) == used.get("tf32", "fp32")
    assert {precision_used(CPU, name, training=True) for name in ("fp32", "tf32")} == {"fp32"}


@pytest.mark.parametrize(("capability", "inside"), [((7, 5), "none"), ((8, 0), "tf32")])
def test_tf32_is_on_inside_the_block_alone(monkeypatch, capability, inside):
    """So that L-BFGS and selection keep all digits, after a training that fails as well."""
    Gpu(monkeypatch, capability)
    products = torch.backends.cuda.matmul
    before = products.fp32_precision
    with pytest.raises(KeyError), fast_fp32(torch.device("cuda")):
        assert products.fp32_precision == inside
        raise KeyError
    assert products.fp32_precision == before == "none"
    with fast_fp32(CPU):
        assert products.fp32_precision == before
