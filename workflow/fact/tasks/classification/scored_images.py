"""The test images, as often as a model is scored on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from fact.backbones.spec import ImageInput
from fact.data.image_reader import ImageReader
from fact.features.decoded import DecodedImages
from fact.infra.process.progress import track

LABEL = "test images"


@dataclass(frozen=True)
class ScoredImages:
    """Manifest rows of the test images, what reads them, and the file that holds them decoded, if any.

    Batches are the same, byte by byte, with and without the file.
    """

    reader: ImageReader
    rows: pd.DataFrame
    transform: str
    decoded: DecodedImages | None = None

    def batches(self, size: int, device: torch.device) -> Iterator[np.ndarray | Tensor]:
        """Yield uint8 batches (b, S, S, 3); progress goes to the log. Raises DataError, ArtifactError."""
        if self.decoded is None:
            yield from self.reader.batches(self.rows, size, LABEL, self.transform)
        else:
            count = -(-len(self.rows) // size)
            yield from track(self.decoded.batches(size, device), count, LABEL)


def open_scored_images(
    reader: ImageReader, rows: pd.DataFrame, spec: ImageInput, *, transform: str, decoded: Path | None
) -> ScoredImages:
    """Return the test images of manifest rows. Raises ArtifactError for a file that is not of these rows."""
    file = None if decoded is None else DecodedImages(decoded, rows, spec, transform)
    return ScoredImages(reader, rows, transform, file)
