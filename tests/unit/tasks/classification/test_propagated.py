"""Propagated labels as a file, and which of them are surest."""

from pathlib import Path

import numpy as np
import pytest
from fact.infra.errors import ArtifactError
from fact.infra.files.record import read_record
from fact.tasks.classification.propagated import publish_propagation, read_propagated
from fact.training.propagation.propagate import Propagation

IDS = [f"train/{row}" for row in range(6)]
SHARES = np.array([[1, 0], [0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.9, 0.1], [0.45, 0.55]], np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "graph.parquet"
    result = Propagation(SHARES, np.array([0.7, 0.3]), 1.25)
    publish_propagation(path, result, IDS, labelled=[IDS[0]], about={"recipe": "lp-ft"})
    return path


def test_the_file_holds_the_likeliest_class_and_the_record_what_was_used(path: Path) -> None:
    found = read_propagated(path)
    assert found.sample_ids == IDS
    assert found.labels.tolist() == [0, 0, 0, 1, 0, 1]
    assert found.probabilities.tolist() == SHARES.max(axis=1).tolist()
    assert found.labelled.tolist() == [True] + [False] * 5
    record = read_record(path.with_suffix(".json"))
    assert (record["class_shares"], record["power"], record["recipe"]) == ([0.7, 0.3], 1.25, "lp-ft")


@pytest.mark.parametrize(("per_class", "rows"), [(1, [2, 3]), (2, [2, 4, 3, 5]), (9, [2, 4, 1, 3, 5])])
def test_the_surest_of_each_class_none_of_them_labelled(path: Path, per_class: int, rows: list[int]) -> None:
    found = read_propagated(path)
    assert found.surest(per_class).tolist() == rows
    assert found.take(found.surest(per_class)).sample_ids == [IDS[row] for row in rows]


def test_a_damaged_file_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match="does not match its own checksum"):
        read_propagated(path)
