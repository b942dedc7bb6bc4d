"""Rows of a maps file, held where iterations read them quickly: on the GPU, in memory, or left on the disk.

A step reads random rows of some megabytes each; from a disk on a network that takes longer than the step.
"""

from collections.abc import Sequence
from typing import Protocol

import h5py
import numpy as np
import torch
from torch import Tensor

from fact.backbones.memory import fits_device
from fact.device import send
from fact.infra.process.free_memory import free_memory
from fact.infra.process.progress import log

BLOCK_ROWS = 16


class Rows(Protocol):
    """Rows of a dataset."""

    def read(self, rows: np.ndarray, device: torch.device) -> Tensor:
        """Return these rows on the device, in the dtype that they are stored in."""


class HeldRows:
    """All rows in one tensor, on a GPU or in the host's memory."""

    def __init__(self, dataset: h5py.Dataset, place: torch.device) -> None:
        dtype = torch.from_numpy(np.empty(0, dataset.dtype)).dtype
        self.values = torch.empty(dataset.shape, dtype=dtype, device=place)
        for start in range(0, len(dataset), BLOCK_ROWS):
            block = torch.from_numpy(dataset[start : start + BLOCK_ROWS])
            self.values[start : start + BLOCK_ROWS].copy_(block)

    def read(self, rows: np.ndarray, device: torch.device) -> Tensor:
        places = send(torch.from_numpy(rows), self.values.device)
        return send(self.values[places], device)


class RowsOnDisk:
    """Rows that are read from the file whenever they are needed, each once."""

    def __init__(self, dataset: h5py.Dataset) -> None:
        self.dataset = dataset

    def read(self, rows: np.ndarray, device: torch.device) -> Tensor:
        unique, places = np.unique(rows, return_inverse=True)
        values = np.stack([self.dataset[row] for row in unique])
        return send(torch.from_numpy(values[places]), device)


def hold_rows(datasets: Sequence[h5py.Dataset], device: torch.device) -> list[Rows]:
    """Return the datasets' rows, held in half of a GPU's free memory or half of the host's where they fit."""
    size = sum(dataset.nbytes for dataset in datasets)
    if fits_device(size, device):
        return [HeldRows(dataset, device) for dataset in datasets]
    free = free_memory()
    if size <= free // 2:
        return [HeldRows(dataset, torch.device("cpu")) for dataset in datasets]
    log(
        f"warning: {datasets[0].file.filename}: {size / 1e9:.1f} GB are more than half of the "
        f"{free / 1e9:.1f} GB of free memory, so that a step reads from the disk; give the job more memory"
    )
    return [RowsOnDisk(dataset) for dataset in datasets]
