import os
from pathlib import Path

import pytest
import torch
from fact.backbones.state_dict import read_state_dict
from fact.infra.files.sha256 import file_sha256
from safetensors.torch import save_file
from torch import Tensor

TENSORS = {"stem.weight": torch.arange(6.0).view(2, 3), "head.bias": torch.ones(2, dtype=torch.float16)}


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple:
        return os.system, (f"touch {self.marker}",)


def pickled(path: Path, content: object) -> tuple[Path, str]:
    torch.save(content, path)
    return path, file_sha256(path)


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[key], expected[key]) for key in expected)


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "abc") == known


def test_safetensors_are_read_with_and_without_a_sha256(tmp_path):
    path = tmp_path / "m.safetensors"
    save_file(TENSORS, path)
    assert same(read_state_dict(path), TENSORS)
    assert same(read_state_dict(path, file_sha256(path)), TENSORS)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tensors: tensors,
        lambda tensors: {"model": tensors, "epoch": 3},
        lambda tensors: {"state_dict": {f"module.{key}": value for key, value in tensors.items()}},
        lambda tensors: {
            "student": {},
            "teacher": {f"module.backbone.{key}": value for key, value in tensors.items()},
        },
    ],
)
def test_published_pth_files_are_unwrapped(tmp_path, wrap):
    assert same(read_state_dict(*pickled(tmp_path / "m.pth", wrap(TENSORS))), TENSORS)


def test_pth_without_a_sha256_is_refused(tmp_path):
    path, _ = pickled(tmp_path / "m.pth", TENSORS)
    with pytest.raises(
        ValueError, match=r"m\.pth: a \.pth file is only read with a pinned sha256; set `sha256`"
    ):
        read_state_dict(path)


def test_a_hostile_pickle_is_refused_and_never_run(tmp_path):
    path, digest = pickled(tmp_path / "m.pth", TENSORS | {"x": Hostile(tmp_path / "marker")})
    with pytest.raises(ValueError, match=r"m\.pth is damaged or holds more than plain tensors"):
        read_state_dict(path, digest)
    assert not (tmp_path / "marker").exists()
    # the file is armed: a plain unpickling would have run it
    torch.load(path, weights_only=False)
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("content", [torch.ones(3), [torch.ones(3)], {"a": 1.5}, {"model": {"lr": "high"}}])
def test_a_pickle_of_anything_but_named_tensors_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"m\.pth holds no dictionary of tensors"):
        read_state_dict(*pickled(tmp_path / "m.pth", content))


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_another_sha256_is_refused(tmp_path, suffix):
    path = tmp_path / f"m.{suffix}"
    save_file(TENSORS, path) if suffix == "safetensors" else torch.save(TENSORS, path)
    with pytest.raises(ValueError, match=rf"m\.{suffix}: sha256 is {file_sha256(path)}, expected 00ff"):
        read_state_dict(path, "00ff")


@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_truncated_files_are_refused(tmp_path, keep):
    whole = tmp_path / "whole.safetensors"
    save_file(TENSORS, whole)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"cut\.safetensors is not a whole safetensors file"):
        read_state_dict(cut)
    torch.save(TENSORS, whole)
    cut = cut.with_suffix(".pth")
    cut.write_bytes(whole.read_bytes()[: keep * 10])
    with pytest.raises(ValueError, match=r"cut\.pth is damaged"):
        read_state_dict(cut, file_sha256(cut))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors does not exist; put it there or change"):
        read_state_dict(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "prefix",
    ["module.", "backbone.", "model.", "encoder.", "_orig_mod.", "module._orig_mod.", "model.backbone."],
)
def test_wrappers_are_taken_off_in_both_formats(tmp_path: Path, prefix: str) -> None:
    wrapped = {f"{prefix}{key}": value for key, value in TENSORS.items()}
    save_file(wrapped, tmp_path / "m.safetensors")
    assert same(read_state_dict(tmp_path / "m.safetensors"), TENSORS)
    assert same(read_state_dict(*pickled(tmp_path / "m.pth", {"state_dict": wrapped})), TENSORS)


def test_a_projector_beside_the_backbone_is_left_out(tmp_path: Path) -> None:
    wrapped = {f"module.backbone.{key}": value for key, value in TENSORS.items()}
    wrapped["module.head.mlp.weight"] = torch.zeros(2)
    assert same(read_state_dict(*pickled(tmp_path / "m.pth", {"teacher": wrapped})), TENSORS)


def test_averaged_weights_come_before_raw_ones_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    raw = {key: value + 1 for key, value in TENSORS.items()}
    content = {"state_dict": raw, "state_dict_ema": TENSORS}
    assert same(read_state_dict(*pickled(tmp_path / "m.pth", content)), TENSORS)
    assert "under 'state_dict_ema' are taken, not those under 'state_dict'" in capsys.readouterr().err
