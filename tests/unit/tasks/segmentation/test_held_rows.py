"""Rows of maps are the same wherever they are held."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from fact.tasks.segmentation.held_rows import HeldRows, RowsOnDisk, hold_rows

CPU = torch.device("cpu")
VALUES = np.random.default_rng(0).normal(size=(40, 3, 2)).astype(np.float16)
ROWS = np.array([39, 0, 7, 0, 16])


@pytest.fixture
def dataset(tmp_path: Path):
    with h5py.File(tmp_path / "maps.h5", "w") as file:
        file["features"] = VALUES
        yield file["features"]


@pytest.mark.parametrize(("times", "kind", "warned"), [(2, HeldRows, False), (1.9, RowsOnDisk, True)])
def test_rows_are_held_in_half_of_the_free_memory(
    dataset: h5py.Dataset,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    times: float,
    kind: type,
    warned: bool,
) -> None:
    free = int(times * VALUES.nbytes)
    monkeypatch.setattr("fact.tasks.segmentation.held_rows.free_memory", lambda: free)
    (rows,) = hold_rows([dataset], CPU)
    assert isinstance(rows, kind)
    assert np.array_equal(rows.read(ROWS, CPU).numpy(), VALUES[ROWS])
    assert ("a step reads from the disk" in capsys.readouterr().err) == warned
