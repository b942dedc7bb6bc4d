"""Read images in threads and resize them to one square size, all at once or batch by batch.

Each image is resized as a whole with Pillow's antialiased filters, so that the result is the same
whatever the number of threads. Three geometries:

- ``squash`` (default): the whole image to (size, size), whatever its aspect ratio, without a crop;
- ``crop``: the shorter side to ``size`` and a centre crop, on the same pixel grid as torchvision's
  ``Resize(size)`` and ``CenterCrop(size)``, without making the pixels that are cut off. Values are within
  1 of theirs, but for images that are enlarged, where Pillow may take its two passes in the other order;
- ``inner_crop``: the same with the shorter side at 8/7 of ``size``, DeiT's evaluation (256 and 224).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image

from fact.data.parallel import map_ordered
from fact.infra.errors import ConfigError, DataError

INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
TRANSFORMS = ("squash", "crop", "inner_crop")
# locator, and checksum where one is known, to an image
ReadImage = Callable[..., np.ndarray]
Prepared = TypeVar("Prepared")
# left, top, width and height, as shares of an image
Part = tuple[float, float, float, float]


class Picture(NamedTuple):
    """A whole image to look at, uint8 (height, width, 3), and the part of it that becomes the square."""

    pixels: np.ndarray
    part: Part


@dataclass(frozen=True)
class Resize:
    """How an image becomes a square: its side in pixels, the filter and the geometry.

    Raises ConfigError for an unknown setting.
    """

    size: int
    interpolation: str = "bicubic"
    transform: str = "squash"

    def __post_init__(self) -> None:
        if self.interpolation not in INTERPOLATIONS:
            raise ConfigError(f"interpolation: {self.interpolation!r} is not one of {sorted(INTERPOLATIONS)}")
        if self.transform not in TRANSFORMS:
            raise ConfigError(f"transform: {self.transform!r} is not one of {list(TRANSFORMS)}")
        if self.size < 1:
            raise ConfigError(f"size: {self.size} is below 1")

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Return one image, uint8 (height, width, 3), resized to (size, size, 3)."""
        return self._resized(pixels, self._box(pixels), (self.size, self.size))

    def seen(self, pixels: np.ndarray) -> Part:
        """Return which part of an image becomes the square: left, top, width and height, as shares of it."""
        left, top, right, bottom = self._box(pixels)
        height, width = pixels.shape[:2]
        return left / width, top / height, (right - left) / width, (bottom - top) / height

    def apply_larger(self, pixels: np.ndarray, scale: float) -> np.ndarray:
        """Return the same part of an image, uint8 (H, W, 3), at up to ``scale`` times the size of the square.

        It is not enlarged beyond its own pixels, but where it has fewer than the square.
        """
        left, top, right, bottom = box = self._box(pixels)
        most = int(scale * self.size)
        width, height = (max(self.size, min(int(length), most)) for length in (right - left, bottom - top))
        return self._resized(pixels, box, (width, height))

    def _resized(
        self, pixels: np.ndarray, box: tuple[float, float, float, float], size: tuple[int, int]
    ) -> np.ndarray:
        resampling = INTERPOLATIONS[self.interpolation]
        return np.asarray(Image.fromarray(pixels).resize(size, resampling, box=box))

    def _box(self, pixels: np.ndarray) -> tuple[float, float, float, float]:
        """Return which part of an image becomes the square: left, top, right, bottom in its own pixels."""
        size, (height, width) = self.size, pixels.shape[:2]
        if self.transform == "squash":
            return 0.0, 0.0, float(width), float(height)
        side = size * 256 // 224 if self.transform == "inner_crop" else size
        left, right = _centre(width, min(width, height), side, size=size)
        top, bottom = _centre(height, min(width, height), side, size=size)
        return left, top, right, bottom


def read_resized(
    read: ReadImage,
    locators: Sequence[str],
    resize: Resize,
    *,
    workers: int = 1,
    checksums: Sequence[str] | None = None,
) -> np.ndarray:
    """Return the images as one uint8 array (n, size, size, 3), RGB, in the order of ``locators``.

    ``read`` is that of :func:`fact.data.contract.image_reader`; ``checksums`` are the manifest's, for images
    that must not have changed since. Raises DataError naming the sample for an image that cannot be read.
    """
    size = max(1, len(locators))
    batches = stream_resized(read, locators, resize, batch_size=size, workers=workers, checksums=checksums)
    return next(batches, np.empty((0, resize.size, resize.size, 3), np.uint8))


def stream_resized(
    read: ReadImage,
    locators: Sequence[str],
    resize: Resize,
    *,
    batch_size: int,
    workers: int = 1,
    checksums: Sequence[str] | None = None,
) -> Iterator[np.ndarray]:
    """Yield the same images in batches of ``batch_size`` (the last may be smaller), each (b, size, size, 3).

    While the consumer works on a batch, about the next one is decoded ahead, and no more than that is
    held. Settings are checked at once, images when their batch is due.
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size: {batch_size} is below 1")
    known: Sequence[str | None] = checksums or [None] * len(locators)
    samples = list(zip(locators, known, strict=True))
    images = map_ordered(partial(_prepare, read, resize.apply), samples, workers, ahead=min(batch_size, 1024))
    return _batches(images, len(locators), size=resize.size, batch_size=batch_size)


def stream_prepared(
    read: ReadImage,
    locators: Sequence[str],
    prepare: Callable[[np.ndarray], Prepared],
    *,
    workers: int = 1,
    checksums: Sequence[str] | None = None,
) -> Iterator[Prepared]:
    """Yield what ``prepare`` makes of each image, uint8 (height, width, 3), in their order."""
    known: Sequence[str | None] = checksums or [None] * len(locators)
    samples = list(zip(locators, known, strict=True))
    return map_ordered(partial(_prepare, read, prepare), samples, workers)


def picture(resize: Resize, pixels: np.ndarray, side: int) -> Picture:
    """Return a whole image, uint8 (height, width, 3), with its longer side at ``side`` or at its own size."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return Picture(np.asarray(image), resize.seen(pixels))


def resize_image(pixels: np.ndarray, size: int, interpolation: str, transform: str = "squash") -> np.ndarray:
    """Return one image, uint8 (height, width, 3), resized to (size, size, 3)."""
    return Resize(size, interpolation, transform).apply(pixels)


def _batches(images: Iterator[np.ndarray], count: int, size: int, batch_size: int) -> Iterator[np.ndarray]:
    for start in range(0, count, batch_size):
        batch = np.empty((min(batch_size, count - start), size, size, 3), np.uint8)
        for row, image in enumerate(islice(images, len(batch))):
            batch[row] = image
        yield batch


def _prepare(
    read: ReadImage, resize: Callable[[np.ndarray], Prepared], sample: tuple[str, str | None]
) -> Prepared:
    try:
        pixels = read(*sample)
    except (ValueError, OSError) as error:
        raise DataError(
            f"sample {sample[0]} was usable when it was indexed and cannot be used now: {error}; restore it, "
            "or index the data set again: delete its manifest and run"
        ) from error
    return resize(pixels)


def _centre(length: int, shorter: int, side: int, size: int) -> tuple[float, float]:
    """Return where a length is cut, in its own pixels, on the grid of the image resized to ``side``."""
    resized = side * length // shorter
    start = round((resized - size) / 2)
    return start * length / resized, (start + size) * length / resized
