"""Miniature copies of CIFAR, written byte for byte as Python 2 wrote the published batches."""

import io
import pickle
import struct
from pathlib import Path

import numpy as np

CLASSES = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship", b"truck"]


class Python2Pickler(pickle._Pickler):
    """Protocol 2 with bytes as Python 2 strings, and numpy's modules under their old names."""

    dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012

    def save_string(self, value: bytes) -> None:
        short = len(value) < 256
        self.write(
            pickle.SHORT_BINSTRING + bytes([len(value)]) if short else b"T" + struct.pack("<i", len(value))
        )
        self.write(value)
        self.memoize(value)

    def save_text(self, value: str) -> None:
        self.save_string(value.encode("latin1"))

    dispatch[bytes] = save_string
    dispatch[str] = save_text


def dump(path: Path, value: object) -> None:
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    path.write_bytes(file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))


def write_copy(root: Path, per_batch: int = 20) -> dict[str, np.ndarray]:
    """Six small batches; returns their pixels as (n, 3072)."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    dump(
        folder / "batches.meta",
        {b"num_cases_per_batch": per_batch, b"label_names": CLASSES, b"num_vis": 3072},
    )
    pixels = {}
    for name in [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]:
        pixels[name] = rng.integers(0, 256, (per_batch, 3072), dtype=np.uint8)
        labels = [row % 10 for row in range(per_batch)]
        names = [b"image_%d.png" % row for row in range(per_batch)]
        dump(
            folder / name,
            {b"batch_label": name.encode(), b"labels": labels, b"data": pixels[name], b"filenames": names},
        )
    return pixels


def write_cifar100(root: Path, pool: int = 5, test: int = 2) -> dict[str, np.ndarray]:
    """So many images of each of 100 classes; returns the pixels as (n, 3072)."""
    folder = root / "cifar-100-python"
    folder.mkdir(parents=True)
    names = [b"fine_%02d" % label for label in range(100)]
    coarse = [b"coarse_%02d" % label for label in range(20)]
    dump(folder / "meta", {b"fine_label_names": names, b"coarse_label_names": coarse})
    pixels = {}
    for name, each in (("train", pool), ("test", test)):
        fine = [label for _ in range(each) for label in range(100)]
        pixels[name] = np.random.default_rng(each).integers(0, 256, (len(fine), 3072), dtype=np.uint8)
        batch = {b"filenames": [b"a_s_%06d.png" % row for row in range(len(fine))], b"data": pixels[name]}
        batch |= {b"batch_label": b"training batch 1 of 1", b"fine_labels": fine}
        dump(folder / name, batch | {b"coarse_labels": [label // 5 for label in fine]})
    return pixels
