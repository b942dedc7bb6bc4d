"""CIFAR-100 in miniature copies."""

from pathlib import Path

import numpy as np
import pytest
from cifar_copies import dump, write_cifar100
from fact.data.sources import cifar100


def test_index_has_the_fine_classes(tmp_path: Path) -> None:
    pixels = write_cifar100(tmp_path)
    rows, problems, classes = cifar100.index(tmp_path)
    assert classes[:2] == ["fine_00", "fine_01"] and len(classes) == 100 and problems.empty
    assert rows["split"].value_counts().to_dict() == {"pool": 500, "test": 200}
    row = rows.set_index("sample_id").loc["pool/train/00123"]
    assert (row["locator"], row["label"]) == ("train/123", 23)
    image = cifar100.read_image(tmp_path, row["locator"], row["sha256"])
    assert np.array_equal(image, pixels["train"][123].reshape(3, 32, 32).transpose(1, 2, 0))


def test_damage_and_absence_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cifar-100-python/meta; set datasets\.<name>\.root"):
        cifar100.index(tmp_path)
    write_cifar100(tmp_path)
    dump(tmp_path / "cifar-100-python/test", {b"data": np.zeros((1, 3072), np.uint8), b"fine_labels": [100]})
    with pytest.raises(ValueError, match=r"test: b'fine_labels' is not a list of 1 labels 0 to 99"):
        cifar100.index(tmp_path)
    (tmp_path / "cifar-100-python/test").unlink()
    with pytest.raises(FileNotFoundError, match="test does not exist"):
        cifar100.index(tmp_path)


def test_batches_of_cifar10_are_not_taken_for_it(tmp_path: Path) -> None:
    write_cifar100(tmp_path)
    batch = {b"data": np.zeros((1, 3072), np.uint8), b"labels": [3]}
    dump(tmp_path / "cifar-100-python/train", batch)
    with pytest.raises(ValueError, match="b'fine_labels' is not a list"):
        cifar100.index(tmp_path)
    with pytest.raises(ValueError, match="CIFAR-100 has no sample 'data_batch_1/0'"):
        cifar100.read_image(tmp_path, "data_batch_1/0")
