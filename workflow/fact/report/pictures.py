"""Small pictures of images that the report shows, and which images those are."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from fact.infra.errors import FactError
from fact.infra.fields import Settings
from fact.infra.files.data_uri import data_uri
from fact.infra.files.parquet import publish_parquet, read_parquet
from fact.tasks.classification.confusion import read_confused

SIDE = 72
"""The longer side in pixels."""
PICTURES = 1_200
"""Pictures of all datasets of a page together, at most :data:`MOST` of one."""
MOST = 400
QUALITY = 70


def pictured(
    picks: Sequence[Sequence[str]], records: Iterable[Settings], test_ids: Sequence[str], most: int
) -> list[str]:
    """Return the sample ids of at most ``most`` images, half of them picks.

    ``picks``: ids in pick order, by selection; first picks of all selections come first. ``test_ids``: of
    the test images, in manifest order, whose rows the score ``records`` name.
    """
    turns = chain.from_iterable(zip_longest(*picks))
    chosen = list(dict.fromkeys(name for name in turns if name is not None))[: most // 2]
    # one image of each confusion, then a second one, so that many confusions have one
    behind = [rows for record in records for rows in read_confused(record.get("confused", [])).values()]
    rows = chain.from_iterable(zip_longest(*behind))
    wrong = dict.fromkeys(test_ids[row] for row in rows if row is not None and row < len(test_ids))
    return list(dict.fromkeys([*chosen, *wrong]))[:most]


def most_of_each(datasets: int) -> int:
    """Return how many pictures one of so many datasets may have."""
    return min(MOST, PICTURES // max(1, datasets))


def small_pictures(names: Sequence[str], images: Callable[[], Iterable[np.ndarray]]) -> dict[str, str]:
    """Return data addresses of images, uint8 (height, width, 3), by their names.

    None where the images cannot be read: features and scores are there without them, and so is the page.
    """
    try:
        shown = [Image.fromarray(pixels) for pixels in images()]
    except (FactError, OSError) as error:
        logging.getLogger(__name__).warning("no pictures in the report: %s", error)
        return {}
    addresses = [data_uri(image, "WEBP", quality=QUALITY, method=6) for image in shown]
    return dict(zip(names, addresses, strict=True))


def write_pictures(path: Path | str, pictures: Mapping[str, str]) -> None:
    """Publish data addresses of pictures by sample id."""
    import pyarrow as pa

    columns = {"sample_id": list(pictures), "picture": list(pictures.values())}
    publish_parquet(path, pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns])))


def read_pictures(path: Path | str) -> dict[str, str]:
    """Return what :func:`write_pictures` wrote. Raises ArtifactError for a damaged file."""
    frame: pd.DataFrame = read_parquet(path).to_pandas()
    return dict(zip(frame["sample_id"], frame["picture"], strict=True))
