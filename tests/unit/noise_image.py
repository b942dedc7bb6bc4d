"""Small images of seeded noise."""

from pathlib import Path

import numpy as np
from PIL import Image


def write_noise(path: Path, seed: int = 0, size: tuple[int, int] = (12, 8)) -> Path:
    """Write one, ``size`` being width and height, and return its path."""
    width, height = size
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path
