"""What an image looks like at a glance: a few numbers by which copies, dark and blurred ones are told.

All are of the decoded image as a whole, before anything is cut off.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fact.infra.errors import ConfigError

# sides of what copies are compared by, and of what darkness and sharpness are measured on at most
COPY_SIDE, SIDE = 16, 256
DARKEST, BRIGHTEST = 40, 235
# variance of the Laplacian at 256 px; 300 photographs of streets (CamVid) have 370 to 8,100, and 5 to 18
# where a Gaussian of 2 px of 256 has blurred them
SHARP = 20.0
# sharpness says nothing of images with fewer pixels, which are blurred where they are enlarged
SHARP_FROM = 128
SMALLEST, ODDEST = 32, 3.0
NOTES = ("dark", "bright", "blurred", "tiny", "odd shape")


class Appearance(NamedTuple):
    """``copy (768,)`` uint8: the image at 16 × 16; ``low`` and ``high``: 5 % and 95 % quantiles of its grey.

    ``sharpness``: variance of the Laplacian of its grey at 256 px at most; ``width``, ``height`` in pixels.
    """

    copy: NDArray[np.uint8]
    low: float
    high: float
    sharpness: float
    width: int
    height: int


def appearance(pixels: NDArray[np.uint8]) -> Appearance:
    """Return the appearance of an image, uint8 (height, width, 3)."""
    image, (height, width) = Image.fromarray(pixels), pixels.shape[:2]
    small = image.resize((COPY_SIDE, COPY_SIDE), Image.Resampling.BOX)
    grey = _grey(image)
    low, high = np.quantile(grey, [0.05, 0.95])
    return Appearance(
        np.asarray(small).reshape(-1), float(low), float(high), _sharpness(grey), width=width, height=height
    )


def notes(seen: Appearance, wanted: Sequence[str]) -> list[str]:
    """Return those of the ``wanted`` :data:`NOTES` that are true of an image, in their order."""
    shorter, longer = sorted((seen.width, seen.height))
    dark, bright = seen.high < DARKEST, seen.low > BRIGHTEST
    true = {
        "dark": dark,
        "bright": bright,
        # without light there are no edges to be sharp
        "blurred": shorter >= SHARP_FROM and seen.sharpness < SHARP and not dark and not bright,
        "tiny": shorter < SMALLEST,
        "odd shape": longer > ODDEST * shorter,
    }
    return [name for name in NOTES if name in wanted and true[name]]


def check_notes(wanted: Sequence[str]) -> Sequence[str]:
    """Return the notes. Raises ConfigError for one that is not known."""
    if unknown := [name for name in wanted if name not in NOTES]:
        raise ConfigError(f"look_for: {unknown[0]!r} is not one of {list(NOTES)}; take it out")
    return wanted


def _grey(image: Image.Image) -> NDArray[np.float32]:
    scale = min(1.0, SIDE / max(image.size))
    if scale < 1:
        size = [max(1, round(side * scale)) for side in image.size]
        image = image.resize((size[0], size[1]), Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(image.convert("L"), np.float32)


def _sharpness(grey: NDArray[np.float32]) -> float:
    if min(grey.shape) < 3:
        return 0.0
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * inner).var())
