"""Tensor files without torch: the same numbers, the same check, the same refusals."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from fact.infra.errors import ArtifactError
from fact.infra.files.tensor_arrays import read_arrays
from fact.infra.files.tensors import publish_tensors, read_tensors

TENSORS = {
    "logits": torch.linspace(-1, 1, 12).reshape(3, 4),
    "fold": torch.tensor([0, 1, -1]),
    "half": torch.ones(5, dtype=torch.float16),
    "mask": torch.tensor([True, False]),
    "step": torch.tensor(7),
    "none": torch.empty(0, 4),
}
HEADER = {"sample_ids": ["a", "猫"], "C": 10.0}


def test_arrays_and_header_are_those_that_torch_reads(tmp_path: Path) -> None:
    publish_tensors(tmp_path / "a", TENSORS, HEADER)
    arrays, header = read_arrays(tmp_path / "a")
    tensors, _ = read_tensors(tmp_path / "a")
    assert header == HEADER and arrays.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert arrays[name].dtype == tensor.numpy().dtype and np.array_equal(arrays[name], tensor.numpy())


def test_no_flipped_bit_is_used(tmp_path: Path) -> None:
    path, draw = tmp_path / "a.safetensors", random.Random(0)
    publish_tensors(path, TENSORS, HEADER)
    good, refused = path.read_bytes(), 0
    for _ in range(200):
        damaged = bytearray(good)
        damaged[draw.randrange(len(good))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            arrays, header = read_arrays(path)
        except ArtifactError as error:
            assert "a.safetensors" in str(error) and "delete it and run again" in str(error)
            refused += 1
        else:
            assert header == HEADER and np.array_equal(arrays["logits"], TENSORS["logits"].numpy())
    assert refused > 180


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="away"):
        read_arrays(tmp_path / "away")


def test_torch_is_not_imported(tmp_path: Path) -> None:
    publish_tensors(tmp_path / "a", TENSORS, HEADER)
    code = "import sys; from fact.infra.files.tensor_arrays import read_arrays; read_arrays(sys.argv[1]); "
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=True)
