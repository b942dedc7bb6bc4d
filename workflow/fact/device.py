"""Which device to compute on, and in which precision."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

PRECISIONS = ("auto", "fp32", "tf32", "bf16", "fp16")
Model = TypeVar("Model", bound=torch.nn.Module)


def best_device() -> torch.device:
    """Return the first CUDA device where there is one, the CPU elsewhere."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_device(model: Model, device: torch.device) -> Model:
    """Return the model on the device, channels last, as convolutions are quickest."""
    # torch's types know no memory_format
    return model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def pinned(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a host tensor in memory that a GPU copies from while it computes; as it is for the CPU."""
    return tensor.pin_memory() if device.type == "cuda" and not tensor.is_cuda else tensor


def send(tensor: Tensor, device: torch.device) -> Tensor:
    """Return the tensor on the device; the host does not wait for a copy to a GPU."""
    return pinned(tensor, device).to(device, non_blocking=True)


def use_threads(threads: int) -> torch.device:
    """Keep torch to this many CPU threads and return the device to compute on."""
    torch.set_num_threads(threads)
    return best_device()


def free_gpu_memory(device: torch.device) -> int:
    """Return the bytes that new tensors may take on a GPU: free ones, and what torch keeps for reuse."""
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + kept


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Return the autocast context of a precision.

    ``auto`` is bf16 where the hardware multiplies it, else fp32.
    """
    dtype = compute_dtype(device, precision)
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)


def compute_dtype(device: torch.device, precision: str) -> torch.dtype:
    """Return the dtype that a precision means on a device. Raises ValueError for an unknown precision."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision '{precision}' is unknown; use one of {', '.join(PRECISIONS)}")
    if precision == "auto":
        precision = "bf16" if multiplies_bf16(device) else "fp32"
    half = {"bf16": torch.bfloat16, "fp16": torch.float16}
    return half.get(precision, torch.float32)


def precision_used(device: torch.device, precision: str, *, training: bool = False) -> str:
    """Return the arithmetic that products have: fp32, tf32, bf16 or fp16.

    In training fp32 is TF32 where a GPU has it; elsewhere fp32 has all its digits, on every machine.
    """
    half = {torch.bfloat16: "bf16", torch.float16: "fp16"}
    rounded = (training or precision != "fp32") and multiplies_tf32(device)
    return half.get(compute_dtype(device, precision), "tf32" if rounded else "fp32")


def products_of(device: torch.device, precision: str) -> AbstractContextManager:
    """Return the context of products outside training: TF32 where a GPU has it, unless fp32 is asked for."""
    return nullcontext() if precision == "fp32" else fast_fp32(device)


@contextmanager
def fast_fp32(device: torch.device) -> Iterator[None]:
    """Let a GPU's tensor cores take the factors of fp32 products as TF32 inside the block.

    For training, and extraction in ``tf32``: what is fitted to convergence needs all digits of fp32.
    """
    products = (torch.backends.cuda.matmul, getattr(torch.backends.cudnn, "conv"))  # noqa: B009 - unknown to its types
    before = [kind.fp32_precision for kind in products]
    try:
        if multiplies_tf32(device):
            for kind in products:
                kind.fp32_precision = "tf32"
        yield
    finally:
        for kind, value in zip(products, before, strict=True):
            kind.fp32_precision = value


def multiplies_tf32(device: torch.device) -> bool:
    """Return whether fp32 products are faster in TF32 here: on NVIDIA's GPUs since Ampere."""
    nvidia = device.type == "cuda" and torch.version.hip is None
    return nvidia and torch.cuda.get_device_capability(device) >= (8, 0)


def multiplies_bf16(device: torch.device) -> bool:
    """Return whether bf16 products are faster than fp32 ones here: tensor cores, AMX or AVX512-BF16."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool({"amx_bf16", "avx512_bf16"} & cpu_flags())


@cache
def cpu_flags() -> frozenset[str]:
    """Return instruction-set flags of the first CPU; empty where the system does not tell."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return frozenset()
    lines = (line for line in info.read_text().splitlines() if line.startswith("flags"))
    return frozenset(next(lines, "").split())
