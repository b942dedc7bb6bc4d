import pytest
import torch
from fact.backbones.spec import read_declared
from fact.backbones.weights import create_architecture, fetch_weights, load_backbone
from fact.infra.files.sha256 import file_sha256
from safetensors.torch import save_file
from torch import nn

SMALL = {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 48)}


def whole() -> nn.Module:
    import timm

    torch.manual_seed(0)
    model = timm.create_model("convnext_tiny", num_classes=7, **SMALL).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("gamma"):
                parameter.fill_(0.5)
    return model


def authors_names(tensors: dict) -> dict:
    """timm's names of a ConvNeXt as its authors write them."""
    names = {}
    for name, value in tensors.items():
        name = name.replace(".blocks.", ".").replace("conv_dw", "dwconv").replace("mlp.fc", "pwconv")
        name = name.replace("head.fc.", "head.").replace("head.norm.", "norm.")
        name = name.replace("stem.", "downsample_layers.0.")
        parts = name.split(".")
        if parts[2:3] == ["downsample"]:
            name = ".".join(["downsample_layers", parts[1], *parts[3:]])
        names[name] = value
    return names


@pytest.mark.parametrize("rename", [dict, authors_names])
@torch.no_grad()
def test_features_are_those_of_the_third_stage_of_a_whole_checkpoint(tmp_path, rename):
    create_architecture("convnext_tiny_stage2", SMALL)
    model = whole()
    path = tmp_path / "m.safetensors"
    save_file(rename(model.state_dict()), path)
    declared = {
        "model": "convnext_tiny_stage2",
        "model_args": SMALL,
        "weights": str(path),
        "sha256": file_sha256(path),
        "image_size": 64,
    }
    fetch_weights(read_declared("c", declared), tmp_path / "out")
    backbone, _ = load_backbone(tmp_path / "out")
    images = torch.randn(2, 3, 64, 64)
    expected = model.forward_intermediates(images, indices=[2], intermediates_only=True)[0]
    pooled, tokens = backbone.pooled_and_tokens(images)
    torch.testing.assert_close(tokens, expected.permute(0, 2, 3, 1))
    torch.testing.assert_close(pooled, expected.mean((2, 3)))


def test_a_file_without_a_used_tensor_is_refused(tmp_path):
    tensors = whole().state_dict()
    del tensors["stages.2.blocks.0.conv_dw.bias"]
    save_file(tensors, tmp_path / "m.safetensors")
    declared = {
        "model": "convnext_tiny_stage2",
        "model_args": SMALL,
        "weights": str(tmp_path / "m.safetensors"),
    }
    with pytest.raises(ValueError, match=r"stages\.2\.blocks\.0\.conv_dw\.bias"):
        fetch_weights(read_declared("c", declared), tmp_path / "out")


def test_convnext_tiny_has_384_features_there():
    with torch.device("meta"):
        model = create_architecture("convnext_tiny_stage2", {})
        assert model.forward_features(torch.zeros(1, 3, 224, 224)).shape == (1, 384, 14, 14)
    assert model.num_features == 384
