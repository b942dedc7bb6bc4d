"""Pictures with edges and areas, as photographs have them."""

import numpy as np

RANDOM = np.random.default_rng(0)


def photograph(height: int = 300, width: int = 400, low: int = 0, high: int = 256) -> np.ndarray:
    """Blocks of many sizes, which are sharp at their edges, as things in photographs are."""
    coarse = RANDOM.integers(low, high, (1 + height // 20, 1 + width // 20, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, 20, 0), 20, 1)[:height, :width]
