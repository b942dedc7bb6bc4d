"""Images and masks of manifest rows, at one scale."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from fact.data.contract import accepted_options, load_source
from fact.data.images import INTERPOLATIONS
from fact.data.mask_index import mask_sha256
from fact.data.parallel import map_ordered


class Pair(NamedTuple):
    """An image uint8 (h, w, 3) at the scale of the model, a mask uint8 (H, W) at that or its own scale."""

    image: np.ndarray
    mask: np.ndarray


class PairReader:
    """Images and masks of one source.

    ``source``: the content of source.json. ``reading``: ``source``, ``options``, ``short_side`` (pixels of
    the shorter side; null: as stored) and ``long_side`` (at most). ``interpolation``: the backbone's.
    ``masks``: sha256 of masks by sample id.
    """

    def __init__(
        self, source: dict, reading: dict, interpolation: str, masks: dict[str, str], workers: int
    ) -> None:
        module = load_source(reading["source"])
        root = Path(source["root"]) if source["root"] else None
        self.read_image = partial(
            module.read_image, root, **accepted_options(module.read_image, reading["options"])
        )
        self.read_mask = partial(
            module.read_mask, root, **accepted_options(module.read_mask, reading["options"])
        )
        self.sides = reading["short_side"], reading["long_side"]
        self.filter = INTERPOLATIONS[interpolation]
        self.masks, self.workers = masks, workers

    def pairs(self, rows: pd.DataFrame, *, scaled_masks: bool) -> Iterator[Pair]:
        """Yield each row's image and mask, decoded ahead; a mask as stored unless it is to be ``scaled``.

        Raises ValueError for an image or mask that has changed since it was indexed.
        """
        read = partial(self._read, scaled_masks=scaled_masks)
        yield from map_ordered(read, rows.itertuples(index=False), self.workers, ahead=16)

    def _read(self, row: tuple, scaled_masks: bool) -> Pair:
        image = self.read_image(row.locator, row.sha256)
        mask = self.read_mask(row.locator)
        if mask_sha256(mask) != self.masks[row.sample_id]:
            raise ValueError(
                f"the mask of {row.locator} was changed after it had been indexed; delete masks.parquet "
                "of the data set to index again"
            )
        size = _scaled(*image.shape[1::-1], *self.sides)
        resized = np.array(Image.fromarray(image).resize(size, self.filter))
        if scaled_masks:
            mask = np.array(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
        return Pair(resized, mask)


def _scaled(width: int, height: int, short: int | None, long: int | None) -> tuple[int, int]:
    """Return (width, height) with the shorter side at ``short``, unless the longer one then exceeded
    ``long``.
    """
    factor = 1.0 if short is None else short / min(width, height)
    factor = min(factor, long / max(width, height)) if long is not None else factor
    return max(1, round(width * factor)), max(1, round(height * factor))
