"""The decoded test images of a dataset (:mod:`fact.features.decoded_file`), mapped or on a GPU."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import torch
from torch import Tensor

from fact.backbones.memory import fits_device
from fact.backbones.spec import ImageInput
from fact.device import pinned
from fact.features.decoded_file import REMEDY, about_rows, open_decoded, read_text_attribute
from fact.features.format import new_digest, read_digest
from fact.infra.errors import ArtifactError

BLOCK_BYTES = 16 * 2**20


class DecodedImages:
    """The images of a decoded file, mapped read-only; every byte is checked when it is opened.

    Raises FileNotFoundError, and ArtifactError for a damaged file and for one of other images or another
    geometry.
    """

    def __init__(self, path: Path, rows: pd.DataFrame, spec: ImageInput, transform: str) -> None:
        self.path, self._signature = path, _signature(path)
        with open_decoded(path) as file:
            self._checkabout_rows(file, about_rows(rows, spec, transform))
            dataset = file["images"]
            expected = (len(rows), spec.image_size, spec.image_size, 3)
            if dataset.shape != expected:
                raise ArtifactError(f"{path}: images have shape {dataset.shape}, not {expected}; {REMEDY}")
            offset, self._sha256 = dataset.id.get_offset(), read_digest(dataset)
        self.images = np.memmap(path, np.uint8, mode="r", offset=offset, shape=expected)
        self._check_content()
        self._resident: Tensor | None = None

    def batches(self, size: int, device: torch.device) -> Iterator[Tensor]:
        """Yield uint8 batches (b, S, S, 3): on a GPU where they fit in half of its free memory, else on the
        host, pinned where there is a GPU, and one batch ahead.

        Raises ArtifactError when the file has changed since it was opened.
        """
        self.check_unchanged()
        starts = range(0, len(self.images), size)
        if self._resident is None and fits_device(self.images.nbytes, device):
            self._resident = torch.empty(self.images.shape, dtype=torch.uint8, device=device)
            for start, block in zip(starts, self._host_batches(starts, size, device), strict=True):
                self._resident[start : start + size].copy_(block, non_blocking=True)
        if self._resident is not None:
            return (self._resident[start : start + size] for start in starts)
        return self._host_batches(starts, size, device)

    def check_unchanged(self) -> None:
        """Raise ArtifactError when the file is not the one that was opened."""
        if _signature(self.path) != self._signature:
            raise ArtifactError(f"{self.path} has changed while it was in use; run the same command again")

    def _host_batches(self, starts: range, size: int, device: torch.device) -> Iterator[Tensor]:
        def load(start: int) -> Tensor:
            # a copy: torch takes no array that cannot be written
            return pinned(torch.from_numpy(np.array(self.images[start : start + size])), device)

        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(load, starts[0])
            for following in starts[1:]:
                ready, coming = coming, pool.submit(load, following)
                yield ready.result()
            yield coming.result()

    def _checkabout_rows(self, file: h5py.File, wanted: dict[str, str]) -> None:
        for name, value in wanted.items():
            if read_text_attribute(file, name) != value:
                raise ArtifactError(f"{self.path}: its {name} is of other images or settings; {REMEDY}")

    def _check_content(self) -> None:
        digest = new_digest("images", self.images.shape, self.images.dtype)
        step = max(1, BLOCK_BYTES * len(self.images) // self.images.nbytes)
        for start in range(0, len(self.images), step):
            digest.update(self.images[start : start + step].data)
        if digest.hexdigest() != self._sha256:
            raise ArtifactError(f"{self.path}: content hash mismatch, changed or damaged; {REMEDY}")
        self.check_unchanged()


def _signature(path: Path) -> tuple[int, ...] | None:
    """Return what changes with a file: its inode, size and time of change; None where there is none."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
