from contextlib import nullcontext

import pytest
import torch
from fact.device import autocast, best_device, compute_dtype, cpu_flags, free_gpu_memory, multiplies_bf16

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
    with pytest.raises(ValueError, match=r"'fp8' is unknown; use one of auto, fp32, bf16, fp16"):
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
