"""How large the tiles of a product are, so that the whole product never stands in memory."""

import torch

from fact.device import free_gpu_memory

# elements of the largest tile: 4 MiB in float32, about a processor core's cache
TILE_ELEMENTS = 2**20
# on a GPU: 256 MiB, so that a product of such tiles keeps it busy longer than it takes to launch
GPU_TILE_ELEMENTS = 2**26
# of a GPU's free memory, what one tile may take; a few live at a time
GPU_SHARE = 16


def tile_rows(columns: int, device: torch.device | None = None) -> int:
    """Return rows of a tile of a float32 product with ``columns`` columns, on the CPU or on ``device``.

    At least 64, or the product would crawl.
    """
    return max(64, _elements(device) // columns)


def _elements(device: torch.device | None) -> int:
    if device is None or device.type != "cuda":
        return TILE_ELEMENTS
    return max(TILE_ELEMENTS, min(GPU_TILE_ELEMENTS, free_gpu_memory(device) // (4 * GPU_SHARE)))
