"""The pictures of a page: each is inside it once, and figures name it by its number."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fact.infra.fields import Settings
from fact.tasks.classification.confusion import read_confused

SHOWN = 8
"""Images that one cell of confusions shows."""


class Album(NamedTuple):
    """Pictures and labels of one dataset.

    ``numbers``: of pictures by sample id; ``test_ids``: of the test images, in manifest order; ``labels``:
    classes of pool images by sample id, -1 for an unknown one.
    """

    numbers: Mapping[str, int]
    test_ids: Sequence[str]
    labels: pd.Series


NONE = Album({}, (), pd.Series(dtype=np.int64))


def make_albums(
    pictures: Mapping[str, Mapping[str, str]], manifests: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, Album], list[tuple[str, str]]]:
    """Return an album for each dataset, and data address and name of all pictures in their order.

    ``pictures``: data addresses by sample id; both by dataset.
    """
    albums: dict[str, Album] = {}
    shown: list[tuple[str, str]] = []
    for dataset, manifest in manifests.items():
        own = pictures.get(dataset, {})
        numbers = {name: len(shown) + place for place, name in enumerate(own)}
        shown += [(source, name) for name, source in own.items()]
        pool = manifest[manifest["split"] == "pool"]
        labels = pd.Series(pool["label"].fillna(-1).to_numpy(np.int64), index=pool["sample_id"].to_numpy())
        tested = manifest["sample_id"][manifest["split"] == "test"]
        albums[dataset] = Album(numbers, list(tested), labels)
    return albums, shown


def images_behind(records: Sequence[Settings], album: Album) -> dict[tuple[int, int], list[int]]:
    """Return numbers of pictures by true and predicted class, of all score records together."""
    found: dict[tuple[int, int], dict[int, None]] = {}
    for record in records:
        for pair, rows in read_confused(record.get("confused", [])).items():
            names = [album.test_ids[row] for row in rows if row < len(album.test_ids)]
            numbers = {album.numbers[name]: None for name in names if name in album.numbers}
            found.setdefault(pair, {}).update(numbers)
    return {pair: list(numbers)[:SHOWN] for pair, numbers in found.items() if numbers}
