"""The published Python batches of CIFAR-10 and CIFAR-100, read without trusting their pickles.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009: 50,000 training images, here
the pool, and 10,000 test images of 32×32 pixels, as many of each class.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.data.long_tail import LongTail
from fact.data.manifest import Counts, Record, SourceIndex, check_pixels, make_index, pixel_record
from fact.data.safe_pickle import load_plain_pickle
from fact.data.subset import Keep, limited
from fact.infra.errors import DataError
from fact.infra.files.download import download_and_unpack

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

SIDE = 32


@dataclass(frozen=True)
class Batches:
    """How one of the two data sets is published, and the functions of a source that reads it.

    ``files`` are the batches of each split, ``each`` the images that each class has in it. ``title`` is also
    the name of torchvision's loader, but for its dash.
    """

    title: str
    folder: str
    meta: str
    names_key: bytes
    labels_key: bytes
    files: Mapping[str, tuple[str, ...]]
    classes: int
    each: Mapping[str, int]

    def index(
        self,
        root: Path | None,
        *,
        pool_limit: int | None = None,
        test_limit: int | None = None,
        subset_seed: int = 0,
    ) -> SourceIndex:
        """Return all samples, e.g. ``pool/data_batch_3/00123`` with locator ``data_batch_3/123``, in
        training order.

        The limits keep a seeded subset of a split in its class proportions
        (:func:`fact.data.subset.choose_subset`). sha256 is that of the RGB bytes (32, 32, 3). Raises
        FileNotFoundError when a file is missing, DataError when one is damaged or not what it should be.
        """
        return self._index(root, limited(pool_limit, test_limit, subset_seed))

    def index_tail(
        self,
        root: Path | None,
        *,
        imbalance: float = 100,
        test_balance: str = "imbalanced",
        tail_seed: int = 0,
    ) -> SourceIndex:
        """Return the samples of a long tail (:mod:`fact.data.long_tail`), named as in :meth:`index`.

        ``imbalance`` is the ratio of the largest class to the smallest, ``test_balance`` imbalanced or
        balanced; ``tail_seed`` draws the images kept. Raises DataError for settings that are none, besides
        what :meth:`index` raises.
        """
        return self._index(root, LongTail(imbalance, test_balance, tail_seed).keep)

    def read_image(self, root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
        """Return the image as uint8 (32, 32, 3), RGB.

        Raises DataError for a locator that is not in the batches, or an image other than ``sha256`` says.
        """
        batch, _, row = locator.partition("/")
        names = [name for split in self.files.values() for name in split]
        if batch not in names or not row.isdecimal():
            raise DataError(f"{self.title} has no sample {locator!r}; locators look like {names[0]}/123")
        pixels, _ = self._read_batch(_find_batches(self, root) / batch)
        if int(row) >= len(pixels):
            raise DataError(f"{self.title} has no sample {locator!r}; {batch} has {len(pixels)} images")
        return check_pixels(pixels[int(row)].copy(), sha256, locator)

    def download(self, root: Path) -> None:
        """Download the published archive into ``root``, check it against its md5 and unpack it (170 MB)."""
        loader = _torchvision_loader(self.title)
        # not loader(download=True), which goes on to unpickle what it unpacked
        download_and_unpack(loader.url, root, f"md5:{loader.tgz_md5}")

    def check_files(self, root: Path | None) -> None:
        """Raise FileNotFoundError or DataError for the first file that has not its published md5."""
        folder, loader = _find_batches(self, root), _torchvision_loader(self.title)
        listed = [*loader.train_list, *loader.test_list, (loader.meta["filename"], loader.meta["md5"])]
        for name, md5 in listed:
            _check_md5(folder / name, md5, self.title)

    def expected_counts(self) -> Counts:
        """Return the published ones, which are those of the paper."""
        return Counts(self.classes, *(self.classes * self.each[split] for split in ("pool", "test")))

    def expected_tail_counts(self, *, imbalance: float = 100, test_balance: str = "imbalanced") -> Counts:
        """Return those of a long tail."""
        return LongTail(imbalance, test_balance, 0).counts(self.classes, self.each["pool"], self.each["test"])

    def _index(self, root: Path | None, keep: Keep) -> SourceIndex:
        folder = _find_batches(self, root)
        records = [record for split in self.files for record in self._split_records(folder, split, keep)]
        return make_index(records, [], _class_names(self, folder))

    def _split_records(self, folder: Path, split: str, keep: Keep) -> Iterator[Record]:
        batches = {name: self._read_batch(folder / name) for name in self.files[split]}
        places = [(name, row) for name, (pixels, _) in batches.items() for row in range(len(pixels))]
        labels = [label for _, batch_labels in batches.values() for label in batch_labels]
        for position in keep(labels, split):
            name, row = places[position]
            pixels = batches[name][0][row]
            yield pixel_record(
                f"{split}/{name}/{row:05d}", split, f"{name}/{row}", label=labels[position], pixels=pixels
            )

    def _read_batch(self, path: Path) -> tuple[np.ndarray, list[int]]:
        return _read_batch(path, self.labels_key, self.classes)


def _find_batches(published: Batches, root: Path | None) -> Path:
    for folder in () if root is None else (Path(root) / published.folder, Path(root)):
        if (folder / published.meta).is_file():
            return folder
    raise FileNotFoundError(
        f"{root} holds no {published.folder}/{published.meta}; set datasets.<name>.root in the configuration "
        f"to a local copy of the {published.title} python version, or leave it out and let rule get_data "
        "download one"
    )


def _torchvision_loader(title: str) -> "type[CIFAR10]":

    import torchvision.datasets

    return getattr(torchvision.datasets, title.replace("-", ""))


def _check_md5(path: Path, md5: str, title: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; fetch {title} again")
    if (result := hashlib.md5(path.read_bytes()).hexdigest()) != md5:
        raise DataError(f"{path}: md5 {result} is not the published {md5}; fetch {title} again")


@lru_cache(maxsize=6)
def _read_batch(path: Path, labels_key: bytes, classes: int) -> tuple[np.ndarray, list[int]]:
    """Return pixels uint8 (n, 32, 32, 3) and n labels of a batch file."""
    batch = load_plain_pickle(path)
    pixels, labels = (batch.get(b"data"), batch.get(labels_key)) if isinstance(batch, dict) else (None, None)
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.shape[1] != 3 * SIDE * SIDE:
        raise DataError(
            f"{path}: no array (n, {3 * SIDE * SIDE}) of pixels under b'data'; fetch it again from its source"
        )
    if (
        not isinstance(labels, list)
        or len(labels) != len(pixels)
        or any(label not in range(classes) for label in labels)
    ):
        raise DataError(
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
        raise DataError(
            f"{path}: {published.names_key!r} is not a list of {published.classes} names; fetch it "
            "again from its source"
        )
    return [name.decode("utf-8") for name in names]
