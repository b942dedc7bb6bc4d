"""Training images of different sizes in one tensor, from which crops are taken with all their pixels."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from fact.device import send
from fact.infra.errors import MachineError
from fact.infra.process.free_memory import free_memory


class SizedImages:
    """Images in the upper left corners of ``pixels``, uint8 (n, 3, H, W); ``sizes``: width and height (n, 2).

    A crop becomes a square of ``side`` pixels.
    """

    def __init__(self, pixels: Tensor, sizes: Tensor, side: int) -> None:
        self.pixels, self.sizes, self.side = pixels, sizes, side

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: Tensor) -> "SizedImages":
        return SizedImages(self.pixels[rows], self.sizes[rows], self.side)

    @property
    def device(self) -> torch.device:
        """Where the images lie."""
        return self.pixels.device

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return self.pixels.nbytes

    def to(self, device: torch.device) -> "SizedImages":
        """Return the images on a device; the host does not wait."""
        return SizedImages(send(self.pixels, device), send(self.sizes, device), self.side)


def pack_images(images: Iterable[np.ndarray], side: int) -> Tensor | SizedImages:
    """Return uint8 images (H, W, 3); a plain tensor (n, 3, side, side) where none is larger than the square.

    Raises MachineError where they need more than half of the free memory.
    """
    free, held, kept = free_memory(), 0, []
    for image in images:
        kept.append(image)
        held += image.nbytes
        if held > free // 2:
            raise MachineError(
                f"{len(kept)} labelled images need {held / 1e9:.1f} GB, more than half of the free memory "
                f"({free / 1e9:.1f} GB); give the job more, or set training.augmentation.source_scale to 1"
            )
    sizes = np.array([image.shape[1::-1] for image in kept], np.int64)
    width, height = (int(most) for most in sizes.max(0))
    # pages that no image reaches are never made
    pixels = np.zeros((len(kept), 3, height, width), np.uint8)
    for row in range(len(kept)):
        image, kept[row] = kept[row], np.empty(0)
        pixels[row, :, : image.shape[0], : image.shape[1]] = image.transpose(2, 0, 1)
    packed = torch.from_numpy(pixels)
    if (width, height) == (side, side):
        return packed
    return SizedImages(packed, torch.from_numpy(sizes), side)
