"""CIFAR-10 from its published Python batches, read without trusting their pickles.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. The 50,000 training images are
the pool and the 10,000 test images the test set. ``root`` holds ``cifar-10-batches-py/`` (or is that folder).
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from fact.data.manifest import Record, SourceIndex, check_pixels, make_index, pixel_record
from fact.data.safe_pickle import load_plain_pickle
from fact.data.subset import choose_subset

FOLDER = "cifar-10-batches-py"
BATCHES = {"pool": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}
SIDE = 32


def index(
    root: Path | None,
    *,
    pool_limit: int | None = None,
    test_limit: int | None = None,
    subset_seed: int = 0,
) -> SourceIndex:
    """All samples, e.g. ``pool/data_batch_3/00123`` with locator ``data_batch_3/123``, in training order.

    The limits keep a seeded subset of a split in its class proportions
    (:func:`fact.data.subset.choose_subset`). sha256 is that of the RGB bytes (32, 32, 3).
    Raises FileNotFoundError when a file is missing, ValueError when one is damaged or not what it should be.
    """
    folder = _folder(root)
    records = []
    for split, limit in (("pool", pool_limit), ("test", test_limit)):
        records += _split_records(folder, split, limit, subset_seed)
    return make_index(records, [], _class_names(folder))


def read_image(root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
    """The image as uint8 (32, 32, 3), RGB.

    Raises ValueError for a locator that is not in the batches, or an image other than ``sha256`` says.
    """
    batch, _, row = locator.partition("/")
    if batch not in (*BATCHES["pool"], *BATCHES["test"]) or not row.isdecimal():
        raise ValueError(f"cifar10 has no sample {locator!r}; locators look like data_batch_3/123")
    pixels, _ = _read_batch(_folder(root) / batch)
    if int(row) >= len(pixels):
        raise ValueError(f"cifar10 has no sample {locator!r}; {batch} has {len(pixels)} images")
    return check_pixels(pixels[int(row)].copy(), sha256, locator)


def download(root: Path) -> None:
    """Download the published archive into ``root``, check it against its md5 and unpack it (170 MB)."""
    from fact.torchvision_guard import allow_mismatched_torchvision

    allow_mismatched_torchvision()
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import download_and_extract_archive

    # not CIFAR10(download=True), which goes on to unpickle what it unpacked
    download_and_extract_archive(CIFAR10.url, root, filename=CIFAR10.filename, md5=CIFAR10.tgz_md5)


def _folder(root: Path | None) -> Path:
    for folder in () if root is None else (Path(root) / FOLDER, Path(root)):
        if (folder / "batches.meta").is_file():
            return folder
    raise FileNotFoundError(
        f"{root} holds no {FOLDER}/batches.meta; set datasets.<name>.root in the configuration to a local "
        "copy of the CIFAR-10 python version, or leave it out and let rule get_data download one"
    )


def _split_records(folder: Path, split: str, limit: int | None, seed: int) -> list[Record]:
    batches = {name: _read_batch(folder / name) for name in BATCHES[split]}
    places = [(name, row) for name, (pixels, _) in batches.items() for row in range(len(pixels))]
    labels = [label for _, batch_labels in batches.values() for label in batch_labels]
    kept = [(*places[position], labels[position]) for position in choose_subset(labels, limit, seed, split)]
    return [
        pixel_record(f"{split}/{name}/{row:05d}", split, f"{name}/{row}", label, batches[name][0][row])
        for name, row, label in kept
    ]


@lru_cache(maxsize=6)
def _read_batch(path: Path) -> tuple[np.ndarray, list[int]]:
    """Pixels uint8 (n, 32, 32, 3) and n labels of a batch file."""
    batch = load_plain_pickle(path)
    pixels, labels = (batch.get(b"data"), batch.get(b"labels")) if isinstance(batch, dict) else (None, None)
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.shape[1] != 3 * SIDE * SIDE:
        raise ValueError(
            f"{path}: no array (n, {3 * SIDE * SIDE}) of pixels under b'data'; fetch CIFAR-10 again"
        )
    if (
        not isinstance(labels, list)
        or len(labels) != len(pixels)
        or any(label not in range(10) for label in labels)
    ):
        raise ValueError(
            f"{path}: b'labels' is not a list of {len(pixels)} labels 0 to 9; fetch CIFAR-10 again"
        )
    planes = pixels.reshape(-1, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels


def _class_names(folder: Path) -> list[str]:
    path = folder / "batches.meta"
    meta = load_plain_pickle(path)
    names = meta.get(b"label_names") if isinstance(meta, dict) else None
    if not isinstance(names, list) or len(names) != 10 or not all(isinstance(name, bytes) for name in names):
        raise ValueError(f"{path}: b'label_names' is not a list of 10 names; fetch CIFAR-10 again")
    return [name.decode("utf-8") for name in names]
