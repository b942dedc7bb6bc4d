"""Read images in threads and resize them to one square size, all at once or batch by batch.

Each image is resized as a whole with Pillow's antialiased filters, so that the result is the same
whatever the number of threads. Three geometries:

- ``squash`` (default): the whole image to (size, size), whatever its aspect ratio, without a crop;
- ``crop``: the shorter side to ``size`` and a centre crop, on the same pixel grid as torchvision's
  ``Resize(size)`` and ``CenterCrop(size)``, without making the pixels that are cut off. Values are within
  1 of theirs, but for images that are enlarged, where Pillow may take its two passes in the other order;
- ``inner_crop``: the same with the shorter side at 8/7 of ``size``, DeiT's evaluation (256 and 224).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image

from fact.data.contract import image_reader
from fact.data.parallel import map_ordered

INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
TRANSFORMS = ("squash", "crop", "inner_crop")


def read_resized(
    source: ModuleType,
    root: Path | None,
    locators: Sequence[str],
    size: int,
    interpolation: str = "bicubic",
    workers: int = 1,
    *,
    transform: str = "squash",
    options: Mapping[str, object] | None = None,
    checksums: Sequence[str] | None = None,
) -> np.ndarray:
    """Return the images as one uint8 array (n, size, size, 3), RGB, in the order of ``locators``.

    ``options`` are the source's configured options; ``checksums`` are the manifest's, for images that must
    not have changed since. Raises ValueError for an unknown setting, and, naming
    the sample, for an image that cannot be read.
    """
    batches = stream_resized(
        source, root, locators, size, interpolation, workers,
        batch_size=max(1, len(locators)), transform=transform, options=options, checksums=checksums,
    )  # fmt: skip
    return next(batches, np.empty((0, size, size, 3), np.uint8))


def stream_resized(
    source: ModuleType,
    root: Path | None,
    locators: Sequence[str],
    size: int,
    interpolation: str = "bicubic",
    workers: int = 1,
    *,
    batch_size: int,
    transform: str = "squash",
    options: Mapping[str, object] | None = None,
    checksums: Sequence[str] | None = None,
) -> Iterator[np.ndarray]:
    """Return the same images in batches of ``batch_size`` (the last may be smaller), each (b, size, size, 3).

    While the consumer works on a batch, about the next one is decoded ahead, and no more than that is
    held. Settings are checked at once, images when their batch is due.
    """
    _check(size, interpolation, transform, batch_size)
    read = image_reader(source, root, options or {})
    prepare = partial(
        _prepare, read, size=size, interpolation=INTERPOLATIONS[interpolation], transform=transform
    )
    samples = list(zip(locators, checksums or [None] * len(locators), strict=True))
    images = map_ordered(prepare, samples, workers, ahead=min(batch_size, 1024))
    return _batches(images, len(locators), size, batch_size)


def resize_image(pixels: np.ndarray, size: int, interpolation: str, transform: str = "squash") -> np.ndarray:
    """Return one image, uint8 (height, width, 3), resized to (size, size, 3)."""
    _check(size, interpolation, transform)
    return _resize(pixels, size, INTERPOLATIONS[interpolation], transform)


def _batches(images: Iterator[np.ndarray], count: int, size: int, batch_size: int) -> Iterator[np.ndarray]:
    for start in range(0, count, batch_size):
        batch = np.empty((min(batch_size, count - start), size, size, 3), np.uint8)
        for row, image in enumerate(islice(images, len(batch))):
            batch[row] = image
        yield batch


def _prepare(
    read: Callable[..., np.ndarray],
    sample: tuple[str, str | None],
    *,
    size: int,
    interpolation: Image.Resampling,
    transform: str,
) -> np.ndarray:
    try:
        pixels = read(*sample)
    except (ValueError, OSError) as error:
        raise ValueError(
            f"sample {sample[0]} was usable when it was indexed and cannot be used now: {error}; restore it, "
            "or index the data set again: delete its manifest and run"
        ) from error
    return _resize(pixels, size, interpolation, transform)


def _resize(pixels: np.ndarray, size: int, interpolation: Image.Resampling, transform: str) -> np.ndarray:
    height, width = pixels.shape[:2]
    box = (0.0, 0.0, float(width), float(height))
    if transform != "squash":
        side = size * 256 // 224 if transform == "inner_crop" else size
        left, right = _centre(width, min(width, height), side, size)
        top, bottom = _centre(height, min(width, height), side, size)
        box = (left, top, right, bottom)
    return np.asarray(Image.fromarray(pixels).resize((size, size), interpolation, box=box))


def _centre(length: int, shorter: int, side: int, size: int) -> tuple[float, float]:
    """Return where a length is cut, in its own pixels, so as to lie on the grid of the image resized to
    ``side``.
    """
    resized = side * length // shorter
    start = round((resized - size) / 2)
    return start * length / resized, (start + size) * length / resized


def _check(size: int, interpolation: str, transform: str, batch_size: int = 1) -> None:
    if interpolation not in INTERPOLATIONS:
        raise ValueError(f"interpolation: {interpolation!r} is not one of {sorted(INTERPOLATIONS)}")
    if transform not in TRANSFORMS:
        raise ValueError(f"transform: {transform!r} is not one of {list(TRANSFORMS)}")
    for name, value in (("size", size), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"{name}: {value} is below 1")
