import json
from pathlib import Path

import pytest
import torch
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.weights import create_architecture
from fact.model.adapter import adapter_tensors, write_adapter, write_no_adapter
from fact.training.tuners import lora
from peft import PeftConfig, PeftModel
from vits import perturb

TINY = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
NAME = "vit_tiny_patch16_224"


def base() -> torch.nn.Module:
    torch.manual_seed(0)
    return create_architecture(NAME, TINY).eval()


@pytest.mark.parametrize("method", ["lora", "dora", "rslora"])
@torch.no_grad()
def test_peft_loads_it_onto_timms_own_model(tmp_path: Path, method: str) -> None:
    settings = lora.Settings(rank=4, alpha=8, dropout=0.0, targets=None, method=method)
    model = perturb(lora.prepare(Classifier(Backbone(base()), 32, 10).eval(), settings))
    trained = {name: value.clone() for name, value in lora.trained_tensors(model).items()}
    tuned = lora.restore(Classifier(Backbone(base()), 32, 10).eval(), settings, trained).backbone
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_adapter(folder, tuned, settings, trained, base=f"{NAME}.augreg_in21k_ft_in1k")
    loaded = PeftModel.from_pretrained(base(), tmp_path / "a").eval()
    images = torch.randn(2, 3, 16, 16)
    assert (loaded(images) - base()(images)).abs().max() > 1e-3
    assert (loaded(images) - tuned(images)).abs().max() < 1e-5
    assert PeftConfig.from_pretrained(tmp_path / "a").r == 4
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_head_of_phase_2_is_left_out(tmp_path: Path) -> None:
    tensors = {
        "base_model.model.backbone.model.blocks.0.attn.qkv.lora_A.weight": torch.ones(1),
        "base_model.model.head.weight": torch.ones(1),
    }
    assert list(adapter_tensors(tensors)) == ["base_model.model.blocks.0.attn.qkv.lora_A.weight"]


def test_a_recipe_without_adapter_says_so(tmp_path: Path) -> None:
    write_no_adapter(tmp_path / "adapter")
    assert "trains no adapter" in (tmp_path / "adapter/README.txt").read_text()


def test_the_configuration_is_plain_json_in_order(tmp_path: Path) -> None:
    settings = lora.Settings(rank=2, alpha=2, dropout=0.1, targets=("qkv", "proj"))
    write_adapter(tmp_path, Backbone(base()), settings, {}, base="x")
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert config["target_modules"] == sorted(config["target_modules"]) and config["peft_type"] == "LORA"
    assert "blocks.0.attn.qkv" in config["target_modules"] and config["base_model_name_or_path"] == "x"
