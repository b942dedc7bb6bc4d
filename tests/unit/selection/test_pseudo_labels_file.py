"""Pseudo-labels as a file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.infra.files.record import publish_record
from fact.selection.calibration_contract import PseudoLabels
from fact.selection.pseudo_labels_file import with_pseudo_labels, write_pseudo_labels

POOL = [f"pool/{number}" for number in range(5)]
MANIFEST = pd.DataFrame(
    {
        "sample_id": [*POOL, "test/0"],
        "split": ["pool"] * 5 + ["test"],
        "label": pd.array([0, 1, None, 1, 0, 1], "Int64"),
    }
)
LABELLED = MANIFEST.iloc[[1, 0]].reset_index(drop=True)


def found(rows: list[int], labels: list[int]) -> PseudoLabels:
    return PseudoLabels(*(np.array(values, np.int64) for values in (rows, labels, [1] * len(rows))))


def test_pseudo_labels_follow_the_labelled_ones_and_hide_the_true_ones(tmp_path: Path) -> None:
    write_pseudo_labels(tmp_path / "a.json", found([4, 2], [1, 1]), POOL, {"module": "activedc"})
    rows = with_pseudo_labels(LABELLED, MANIFEST, tmp_path / "a.json")
    assert rows["sample_id"].tolist() == ["pool/1", "pool/0", "pool/4", "pool/2"]
    assert rows["label"].tolist() == [1, 0, 1, 1] and rows["label"].dtype == MANIFEST["label"].dtype
    assert MANIFEST["label"].tolist()[4] == 0, "the manifest is left as it was"


def test_no_pseudo_label_changes_nothing(tmp_path: Path) -> None:
    write_pseudo_labels(tmp_path / "a.json", found([], []), POOL, {})
    pd.testing.assert_frame_equal(with_pseudo_labels(LABELLED, MANIFEST, tmp_path / "a.json"), LABELLED)


def test_labelled_and_test_images_are_refused(tmp_path: Path) -> None:
    write_pseudo_labels(tmp_path / "a.json", found([0], [1]), POOL, {})
    with pytest.raises(ValueError, match="pool/0, which is labelled"):
        with_pseudo_labels(LABELLED, MANIFEST, tmp_path / "a.json")
    publish_record(tmp_path / "b.json", {"sample_ids": ["test/0"], "labels": [1], "sources": ["pool/0"]})
    with pytest.raises(ValueError, match="test/0, which is labelled or not in the pool"):
        with_pseudo_labels(LABELLED, MANIFEST, tmp_path / "b.json")


def test_another_record_is_refused(tmp_path: Path) -> None:
    publish_record(tmp_path / "a.json", {"sample_ids": []})
    with pytest.raises(ValueError, match="holds no pseudo-labels: it has no labels"):
        with_pseudo_labels(LABELLED, MANIFEST, tmp_path / "a.json")
