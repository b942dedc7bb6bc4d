import pytest
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.weights import create_architecture
from fact.training.optimiser import build_sgd
from fact.training.settings import read_training
from torch import nn
from torch.optim import SGD
from training_settings import SETTINGS as COMMON

SETTINGS = COMMON | {"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 1e-4}
MODELS = {
    "vit_small_patch14_reg4_dinov2": {"img_size": 28, "embed_dim": 8, "depth": 1, "num_heads": 2},
    "vit_tiny_patch16_224": {"img_size": 16, "patch_size": 4, "embed_dim": 8, "depth": 1, "num_heads": 2},
    "swin_tiny_patch4_window7_224": {
        "img_size": 32,
        "window_size": 4,
        "embed_dim": 8,
        "depths": (1, 1),
        "num_heads": (2, 2),
    },
    "convnext_tiny": {"depths": (1, 1, 1, 1), "dims": (4, 8, 8, 8)},
    "mobilenetv2_100": {},
}


def sgd(model: nn.Module, **changes: float) -> SGD:
    return build_sgd(model, read_training(SETTINGS | changes), lambda *_: 0.1).optimiser


def names_by_decay(model: nn.Module, **changes) -> dict[float, set[str]]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = sgd(model, **changes).param_groups
    return {group["weight_decay"]: {names[id(p)] for p in group["params"]} for group in groups}


@pytest.mark.parametrize("name", MODELS)
def test_spared_are_vectors_and_what_timm_spares(name):
    model = create_architecture(name, MODELS[name])
    own = model.no_weight_decay() if hasattr(model, "no_weight_decay") else set()
    spared = {key for key, p in model.named_parameters() if p.ndim <= 1 or key in own}
    everything = {key for key, _ in model.named_parameters()}
    assert names_by_decay(model) == {1e-4: everything - spared, 0.0: spared}


def test_embeddings_are_spared_inside_a_classifier():
    backbone = Backbone(create_architecture("vit_tiny_patch16_224", MODELS["vit_tiny_patch16_224"]))
    groups = names_by_decay(Classifier(backbone, 8, 3))
    assert {"backbone.model.pos_embed", "backbone.model.cls_token", "head.bias"} <= groups[0.0]
    assert {"head.weight", "backbone.model.blocks.0.attn.qkv.weight"} <= groups[1e-4]


def test_frozen_parameters_are_absent():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    assert names_by_decay(model) == {1e-4: {"1.weight"}, 0.0: {"1.bias"}}


def test_an_empty_group_is_left_out():
    assert names_by_decay(nn.Linear(3, 2, bias=False)) == {1e-4: {"weight"}}


def test_momentum_is_nesterovs_and_may_be_switched_off():
    optimiser = sgd(nn.Linear(3, 2))
    assert {(g["lr"], g["momentum"], g["nesterov"]) for g in optimiser.param_groups} == {(0.01, 0.9, True)}
    plain = sgd(nn.Linear(3, 2), momentum=0.0)
    assert {(g["momentum"], g["nesterov"]) for g in plain.param_groups} == {(0.0, False)}
