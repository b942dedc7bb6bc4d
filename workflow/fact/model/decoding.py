"""Images into a model, decoded and resized as its training images were; a bad file is no error."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fact.data.images import resize_image
from fact.data.parallel import map_ordered
from fact.data.path_text import to_text
from fact.data.sources.image_folder import read_image

OK = "ok"


class Batch(NamedTuple):
    """``paths`` below the root, what became of each (:data:`OK` or a reason), and the usable ones' pixels.

    ``images``: uint8 (usable, S, S, 3), in the order of the paths whose status is ok.
    """

    paths: list[str]
    statuses: list[str]
    images: np.ndarray


def decoded_batches(
    root: Path, paths: Iterable[str], preprocessing: dict, batch_size: int, workers: int
) -> Iterator[Batch]:
    """Yield batches of ``batch_size`` files below ``root``, decoded in threads ahead of the consumer.

    ``paths`` are as ``os`` gives them. ``preprocessing``: ``image_size``, ``interpolation``, ``transform``
    and ``options`` (``exif``, ``max_pixels``).
    """
    decode = partial(_decode, root, preprocessing)
    outcomes = map_ordered(decode, paths, workers, ahead=batch_size)
    while part := list(islice(outcomes, batch_size)):
        usable = [image for _, image in part if not isinstance(image, str)]
        size = preprocessing["image_size"]
        images = np.stack(usable) if usable else np.empty((0, size, size, 3), np.uint8)
        statuses = [image if isinstance(image, str) else OK for _, image in part]
        yield Batch([path for path, _ in part], statuses, images)


def _decode(root: Path, preprocessing: dict, path: str) -> tuple[str, np.ndarray | str]:
    """Return the path with its pixels, or with the reason why there are none."""
    locator = to_text(path)
    try:
        pixels = read_image(root, locator, None, **preprocessing["options"])
    except ValueError as error:
        return path, str(error).removeprefix(f"{locator} in {root}: ")
    except OSError as error:
        return path, f"file cannot be read: {error.strerror}"
    size, options = preprocessing["image_size"], preprocessing["interpolation"]
    return path, resize_image(pixels, size, options, transform=preprocessing["transform"])
