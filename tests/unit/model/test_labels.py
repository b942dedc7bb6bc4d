"""Which labels a model learns from, and what its classes are called."""

from pathlib import Path

import pandas as pd
import pytest
from fact.data.labels_file import write_labels
from fact.data.manifest import MANIFEST_COLUMNS
from fact.model.labelled import labelled_pool, model_classes


@pytest.fixture
def manifest() -> pd.DataFrame:
    rows = [(f"{name}.jpg", "pool", f"{name}.jpg", None, 1, 1, "", "ok") for name in "abc"]
    rows.append(("t.jpg", "test", "t.jpg", 0, 1, 1, "", "ok"))
    return pd.DataFrame(rows, columns=list(MANIFEST_COLUMNS)).astype({"label": "Int64"})


def test_rows_come_in_the_order_of_the_labels(manifest: pd.DataFrame, tmp_path: Path) -> None:
    write_labels(tmp_path / "l.csv", {"c.jpg": "cat", "a.jpg": "dog"})
    rows = labelled_pool(manifest, tmp_path / "l.csv", ["cat", "dog"])
    assert rows["sample_id"].tolist() == ["c.jpg", "a.jpg"] and rows["label"].tolist() == [0, 1]


def test_labels_outside_the_pool_are_left_out_aloud(manifest: pd.DataFrame, tmp_path: Path, capsys) -> None:
    write_labels(tmp_path / "l.csv", {"a.jpg": "cat", "t.jpg": "cat", "gone.jpg": "dog"})
    rows = labelled_pool(manifest, tmp_path / "l.csv", ["cat", "dog"])
    assert rows["sample_id"].tolist() == ["a.jpg"]
    assert "2 labels of images that are not in the pool" in capsys.readouterr().err


def test_no_label_in_the_pool_is_an_error(manifest: pd.DataFrame, tmp_path: Path) -> None:
    write_labels(tmp_path / "l.csv", {"gone.jpg": "dog"})
    with pytest.raises(ValueError, match="none of its 1 images"):
        labelled_pool(manifest, tmp_path / "l.csv", ["dog"])


def test_classes_of_the_dataset_come_first_and_declared_ones_stay(tmp_path: Path) -> None:
    write_labels(tmp_path / "l.csv", {"a.jpg": "cat"}, {"classes": ["ant", "cat"]})
    assert model_classes(tmp_path / "l.csv", ["dog", "cat"]) == ["dog", "cat", "ant"]


def test_without_a_record_labels_name_the_classes(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("sample_id,label\na.jpg,dog\nb.jpg,cat\n")
    assert model_classes(tmp_path / "l.csv", []) == ["cat", "dog"]
