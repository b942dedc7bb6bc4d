import json
from pathlib import Path

import pytest
import torch
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.training.heads.head import attention_head
from fact.training.heads.linear import LinearHead
from fact.training.heads.saving import load_head, save_head
from safetensors import safe_open
from safetensors.torch import save_file


@pytest.fixture
def head() -> object:
    generator = torch.Generator().manual_seed(0)
    linear = LinearHead(torch.randn(3, 6, generator=generator), torch.randn(3, generator=generator))
    return attention_head(linear, torch.randn(2, 6, generator=generator), None)


def test_a_saved_head_is_the_head(tmp_path: Path, head: object) -> None:
    path = tmp_path / "run" / "head.safetensors"
    save_head(path, head, {"C": 10.0, "classes": ["cat", "dog", "owl"]})
    loaded = load_head(path)
    tokens = torch.randn(4, 2, 2, 6)
    assert (loaded.kind, loaded.pooling) == ("map", "map")
    assert torch.equal(loaded.logits(tokens=tokens), head.logits(tokens=tokens))
    metadata = read_tensors(path)[1]
    assert (
        metadata["C"] == 10.0 and metadata["classes"] == ["cat", "dog", "owl"] and metadata["kind"] == "map"
    )


def test_the_same_head_gives_the_same_bytes_and_no_debris(tmp_path: Path, head: object) -> None:
    for name in ("a", "b"):
        save_head(tmp_path / name, head, {"C": 1.0})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    with safe_open(tmp_path / "a", framework="pt") as file:
        assert json.loads(file.metadata()["fact"])["version"] == 1


def test_a_failure_leaves_the_earlier_head(tmp_path: Path, head: object) -> None:
    save_head(tmp_path / "head", head)
    before = (tmp_path / "head").read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        save_head(tmp_path / "head", head, {"loss": float("nan")})
    assert (tmp_path / "head").read_bytes() == before


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing does not exist"):
        load_head(tmp_path / "missing")
    (tmp_path / "torn").write_bytes(b"\x00" * 20)
    with pytest.raises(ValueError, match="torn is no whole tensor file"):
        load_head(tmp_path / "torn")
    save_file({"bias": torch.zeros(2)}, tmp_path / "foreign")
    with pytest.raises(ValueError, match="foreign is no whole tensor file"):
        load_head(tmp_path / "foreign")
    publish_tensors(tmp_path / "other", {"bias": torch.zeros(2)}, {"format": "fact-checkpoint"})
    with pytest.raises(ValueError, match="other: format and version are"):
        load_head(tmp_path / "other")
    header = {"format": "fact-head", "version": 1}
    publish_tensors(tmp_path / "newer", {"bias": torch.zeros(2), "mlp": torch.zeros(2)}, header)
    with pytest.raises(ValueError, match=r"newer: tensors \['bias', 'mlp'\]"):
        load_head(tmp_path / "newer")
