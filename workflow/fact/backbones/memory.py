"""Micro-batches: a batch is divided, in half and half again, when a GPU's memory runs out."""

from collections.abc import Callable
from typing import TypeVar

import torch

from fact.device import free_gpu_memory
from fact.infra.errors import MachineError
from fact.infra.process.progress import log

Result = TypeVar("Result")
# how CUDA and its libraries say that memory is short, where it is not torch's allocator that notices
SHORT = (
    "CUDA error: out of memory",
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_ALLOC_FAILED",
    # of cublasCreate, whose handle needs memory
    "CUBLAS_STATUS_NOT_INITIALIZED",
)
ONE_IS_TOO_MUCH = "not even one image fits; set training.grad_checkpointing, or use a smaller model"


def fits_device(size: int, device: torch.device) -> bool:
    """Return whether so many bytes are at most half of what is free on a GPU; never on a CPU."""
    return device.type == "cuda" and size <= free_gpu_memory(device) // 2


def is_short_of_memory(error: RuntimeError) -> bool:
    """Return whether an error says that a GPU's memory is full."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in SHORT)


class GpuMemoryError(MachineError, torch.OutOfMemoryError):
    """Not even the smallest micro-batch fits into the GPU's memory."""


class MicroBatch:
    """The number of images that go through a model at once; once halved it stays so.

    ``coupled`` says why a batch must go through whole, where it must.
    """

    def __init__(self, size: int, coupled: str = "") -> None:
        self.size, self.coupled = size, coupled

    def fit(self, count: int, work: Callable[[int], Result]) -> Result:
        """Return ``work(size)`` on a batch of ``count`` images, again with half the size until memory
        suffices.

        ``work`` begins anew each time. Raises GpuMemoryError with a remedy when no smaller
        micro-batch is left.
        """
        while True:
            size = min(self.size, count)
            try:
                return work(size)
            except RuntimeError as error:
                if not is_short_of_memory(error):
                    raise
                self._halve(size, error)
            # behind the handler, whose error holds on to the tensors of the failed pass
            torch.cuda.empty_cache()

    def _halve(self, size: int, error: RuntimeError) -> None:
        if self.coupled or size == 1:
            raise GpuMemoryError(f"{self.coupled or ONE_IS_TOO_MUCH}. {error}") from error
        self.size = (size + 1) // 2
        log(f"out of memory with {size} images at once; going on with {self.size}")
