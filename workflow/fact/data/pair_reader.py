"""Read the images and masks of manifest rows, at one scale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from fact.data.contract import accepted_options, load_source
from fact.data.images import INTERPOLATIONS
from fact.data.manifest import ManifestRow, manifest_rows
from fact.data.mask_index import mask_sha256
from fact.data.parallel import map_ordered
from fact.infra.errors import DataError
from fact.infra.fields import Settings, read_fields


class Pair(NamedTuple):
    """An image uint8 (h, w, 3) at the scale of the model, a mask uint8 (H, W) at that or its own scale."""

    image: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class PairReading:
    """How images and masks become arrays.

    ``short_side``: pixels that the shorter side is brought to (None: as stored); ``long_side``: pixels of the
    longer side at most (None: no limit).
    """

    source: str
    options: Settings
    short_side: int | None
    long_side: int | None


def read_pair_reading(settings: Settings) -> PairReading:
    """Return the reading of plain settings. Raises ConfigError naming a missing key."""
    return read_fields(PairReading, settings, "reading")


class PairReader:
    """The images and masks of one source.

    ``source``: the content of source.json. ``interpolation``: the backbone's. ``masks``: sha256 of masks by
    sample id.
    """

    def __init__(
        self,
        source: Settings,
        reading: PairReading,
        interpolation: str,
        masks: Mapping[str, str],
        workers: int,
    ) -> None:
        module, options = load_source(reading.source), reading.options
        root = Path(source["root"]) if source["root"] else None
        self.read_image = partial(module.read_image, root, **accepted_options(module.read_image, options))
        self.read_mask = partial(module.read_mask, root, **accepted_options(module.read_mask, options))
        self.sides = reading.short_side, reading.long_side
        self.filter = INTERPOLATIONS[interpolation]
        self.masks, self.workers = masks, workers

    def pairs(self, rows: pd.DataFrame, *, scaled_masks: bool) -> Iterator[Pair]:
        """Yield each row's image and mask, decoded ahead; a mask as stored unless it is to be ``scaled``.

        Raises DataError for an image or mask that has changed since it was indexed.
        """
        read = partial(self._read, scaled_masks=scaled_masks)
        yield from map_ordered(read, manifest_rows(rows), self.workers, ahead=16)

    def _read(self, row: ManifestRow, scaled_masks: bool) -> Pair:
        image = self.read_image(row.locator, row.sha256)
        mask = self.read_mask(row.locator)
        if mask_sha256(mask) != self.masks[row.sample_id]:
            raise DataError(
                f"the mask of {row.locator} was changed after it had been indexed; delete masks.parquet "
                "of the data set to index again"
            )
        height, width = image.shape[:2]
        size = _scaled(width, height, *self.sides)
        resized = np.array(Image.fromarray(image).resize(size, self.filter))
        if scaled_masks:
            mask = np.array(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
        return Pair(resized, mask)


def _scaled(width: int, height: int, short: int | None, long: int | None) -> tuple[int, int]:
    """Return (width, height), the shorter side at ``short`` unless the longer one then exceeded ``long``."""
    factor = 1.0 if short is None else short / min(width, height)
    factor = min(factor, long / max(width, height)) if long is not None else factor
    return max(1, round(width * factor)), max(1, round(height * factor))
