"""The published Python batches of CIFAR-10 and CIFAR-100, read without trusting their pickles.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009: 50,000 training images, here
the pool, and 10,000 test images of 32×32 pixels, as many of each class.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fact.data.manifest import Record, SourceIndex, check_pixels, make_index, pixel_record
from fact.data.safe_pickle import load_plain_pickle
from fact.data.subset import Keep

SIDE = 32


class Batches(NamedTuple):
    """How one of the two data sets is published; ``files`` are the batches of each split.

    ``title`` is also the name of torchvision's loader, but for its dash.
    """

    title: str
    folder: str
    meta: str
    names_key: bytes
    labels_key: bytes
    files: Mapping[str, tuple[str, ...]]
    classes: int


def index_batches(published: Batches, root: Path | None, keep: Keep) -> SourceIndex:
    """The samples that ``keep`` keeps, e.g. ``pool/data_batch_3/00123`` with locator ``data_batch_3/123``.

    sha256 is that of the RGB bytes (32, 32, 3). Raises FileNotFoundError when a file is missing, ValueError
    when one is damaged or not what it should be.
    """
    folder = find_batches(published, root)
    records = [
        record for split in published.files for record in _split_records(published, folder, split, keep)
    ]
    return make_index(records, [], _class_names(published, folder))


def read_row(published: Batches, root: Path | None, locator: str, sha256: str | None) -> np.ndarray:
    """The image as uint8 (32, 32, 3), RGB.

    Raises ValueError for a locator that is not in the batches, or an image other than ``sha256`` says.
    """
    batch, _, row = locator.partition("/")
    names = [name for split in published.files.values() for name in split]
    if batch not in names or not row.isdecimal():
        raise ValueError(f"{published.title} has no sample {locator!r}; locators look like {names[0]}/123")
    pixels, _ = _read_batch(published, find_batches(published, root) / batch)
    if int(row) >= len(pixels):
        raise ValueError(f"{published.title} has no sample {locator!r}; {batch} has {len(pixels)} images")
    return check_pixels(pixels[int(row)].copy(), sha256, locator)


def download_batches(published: Batches, root: Path) -> None:
    """Download the published archive into ``root``, check it against its md5 and unpack it (170 MB)."""
    loader = _torchvision_loader(published)
    from torchvision.datasets.utils import download_and_extract_archive

    # not loader(download=True), which goes on to unpickle what it unpacked
    download_and_extract_archive(loader.url, root, filename=loader.filename, md5=loader.tgz_md5)


def check_batches(published: Batches, root: Path | None) -> None:
    """Raises FileNotFoundError or ValueError for the first file that has not its published md5."""
    folder, loader = find_batches(published, root), _torchvision_loader(published)
    listed = [*loader.train_list, *loader.test_list, (loader.meta["filename"], loader.meta["md5"])]
    for name, md5 in listed:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name} does not exist; fetch {published.title} again")
        if (found := hashlib.md5((folder / name).read_bytes()).hexdigest()) != md5:
            raise ValueError(
                f"{folder / name}: md5 {found} is not the published {md5}; fetch {published.title} again"
            )


def find_batches(published: Batches, root: Path | None) -> Path:
    """The folder of the batches: below ``root``, or ``root`` itself. Raises FileNotFoundError."""
    for folder in () if root is None else (Path(root) / published.folder, Path(root)):
        if (folder / published.meta).is_file():
            return folder
    raise FileNotFoundError(
        f"{root} holds no {published.folder}/{published.meta}; set datasets.<name>.root in the configuration "
        f"to a local copy of the {published.title} python version, or leave it out and let rule get_data "
        "download one"
    )


def _torchvision_loader(published: Batches) -> type:
    from fact.torchvision_guard import allow_mismatched_torchvision

    allow_mismatched_torchvision()
    import torchvision.datasets

    return getattr(torchvision.datasets, published.title.replace("-", ""))


def _split_records(published: Batches, folder: Path, split: str, keep: Keep) -> Iterator[Record]:
    batches = {name: _read_batch(published, folder / name) for name in published.files[split]}
    places = [(name, row) for name, (pixels, _) in batches.items() for row in range(len(pixels))]
    labels = [label for _, batch_labels in batches.values() for label in batch_labels]
    for position in keep(labels, split):
        name, row = places[position]
        pixels = batches[name][0][row]
        yield pixel_record(f"{split}/{name}/{row:05d}", split, f"{name}/{row}", labels[position], pixels)


def _read_batch(published: Batches, path: Path) -> tuple[np.ndarray, list[int]]:
    """Pixels uint8 (n, 32, 32, 3) and n labels of a batch file."""
    return _decode_batch(path, published.labels_key, published.classes)


@lru_cache(maxsize=6)
def _decode_batch(path: Path, labels_key: bytes, classes: int) -> tuple[np.ndarray, list[int]]:
    batch = load_plain_pickle(path)
    pixels, labels = (batch.get(b"data"), batch.get(labels_key)) if isinstance(batch, dict) else (None, None)
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.shape[1] != 3 * SIDE * SIDE:
        raise ValueError(
            f"{path}: no array (n, {3 * SIDE * SIDE}) of pixels under b'data'; fetch it again from its source"
        )
    if (
        not isinstance(labels, list)
        or len(labels) != len(pixels)
        or any(label not in range(classes) for label in labels)
    ):
        raise ValueError(
            f"{path}: {labels_key!r} is not a list of {len(pixels)} labels 0 to {classes - 1}; fetch it "
            "again from its source"
        )
    planes = pixels.reshape(-1, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels


def _class_names(published: Batches, folder: Path) -> list[str]:
    path = folder / published.meta
    meta = load_plain_pickle(path)
    names = meta.get(published.names_key) if isinstance(meta, dict) else None
    if (
        not isinstance(names, list)
        or len(names) != published.classes
        or not all(isinstance(name, bytes) for name in names)
    ):
        raise ValueError(
            f"{path}: {published.names_key!r} is not a list of {published.classes} names; fetch it "
            "again from its source"
        )
    return [name.decode("utf-8") for name in names]
