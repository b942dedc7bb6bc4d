import random
from pathlib import Path

import pytest
import torch
from fact.infra.files.tensors import publish_tensors, read_tensors
from safetensors import safe_open

TENSORS = {
    "weight": torch.linspace(-1, 1, 12).reshape(3, 4),
    "half": torch.ones(5, dtype=torch.bfloat16),
    "step": torch.tensor(7),
    "mask": torch.tensor([True, False]),
}
HEADER = {"settings": {"C": 10.0, "names": ["a", "b"]}, "about": "x"}


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(one[name], other[name]) for name in one
    )


def test_tensors_and_header_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    publish_tensors(path, TENSORS, HEADER)
    tensors, header = read_tensors(path)
    assert same(tensors, TENSORS) and header == HEADER


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        publish_tensors(tmp_path / name, dict(reversed(TENSORS.items())) if name == "b" else TENSORS, HEADER)
    assert len({(tmp_path / name).read_bytes() for name in ("a", "b", "c")}) == 1


def test_other_readers_are_told_whose_tensors_these_are(tmp_path: Path) -> None:
    publish_tensors(tmp_path / "a", TENSORS, HEADER | {"about": 'é "quoted" \\ \n'})
    with safe_open(tmp_path / "a", framework="pt") as file:
        assert file.metadata()["format"] == "pt"
    assert (tmp_path / "a").read_bytes()[8:].startswith(b'{"__metadata__":{"fact":')
    assert read_tensors(tmp_path / "a")[1]["about"] == 'é "quoted" \\ \n'


def test_no_flipped_bit_is_used(tmp_path: Path) -> None:
    path, draw = tmp_path / "checkpoint.safetensors", random.Random(0)
    publish_tensors(path, TENSORS, HEADER)
    good, refused = path.read_bytes(), 0
    for _ in range(400):
        damaged = bytearray(good)
        damaged[draw.randrange(len(good))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            tensors, header = read_tensors(path)
        except ValueError as error:
            assert "checkpoint.safetensors" in str(error) and "delete it and run again" in str(error)
            refused += 1
        else:
            assert same(tensors, TENSORS) and header == HEADER
    assert refused > 380


def test_no_truncation_is_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    publish_tensors(path, TENSORS, HEADER)
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(ValueError, match=r"checkpoint\.safetensors"):
            read_tensors(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.safetensors does not exist"):
        read_tensors(tmp_path / "gone.safetensors")


def test_another_safetensors_file_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file(TENSORS, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="is no whole tensor file of this project"):
        read_tensors(tmp_path / "model.safetensors")
