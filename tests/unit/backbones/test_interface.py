import pytest
import torch
from fact.backbones.interface import Backbone, Classifier, pooled_dim
from fact.backbones.weights import create_architecture
from torch import Tensor, nn

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
# name, arguments, (height, width) of the images, (H, W, C) of the tokens
MODELS = {
    "vit": ("vit_tiny_patch16_224", VIT, (16, 16), (4, 4, 32)),
    "vit with registers": (
        "vit_small_patch16_dinov3_qkvb",
        {"embed_dim": 32, "depth": 1, "num_heads": 2, "img_size": 32},
        (32, 32),
        (2, 2, 32),
    ),
    "patch 14, class and 4 registers": (
        "vit_small_patch14_reg4_dinov2",
        {"img_size": 28, "embed_dim": 32, "depth": 1, "num_heads": 2},
        (28, 28),
        (2, 2, 32),
    ),
    "mean-pooled vit": (
        "vit_tiny_patch16_224",
        VIT | {"global_pool": "avg", "class_token": False},
        (16, 16),
        (4, 4, 32),
    ),
    "wide vit": ("vit_tiny_patch16_224", VIT | {"dynamic_img_size": True}, (16, 24), (4, 6, 32)),
    "clip, patch 14": (
        "vit_large_patch14_clip_224",
        {"img_size": (28, 42), "embed_dim": 32, "depth": 2, "num_heads": 2},
        (28, 42),
        (2, 3, 32),
    ),
    "cnn": ("mobilenetv2_100", {}, (64, 96), (2, 3, 1280)),
    "convnext": ("convnext_tiny", {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 48)}, (64, 96), (2, 3, 48)),
    "convnext to stage 2": (
        "convnext_tiny_stage2",
        {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 48)},
        (64, 96),
        (4, 6, 24),
    ),
    "vil, mean of tokens": (
        "vil2_small",
        {"img_size": (32, 48), "embed_dim": 16, "depth": 2, "global_pool": "avg"},
        (32, 48),
        (2, 3, 16),
    ),
    "swin": (
        "swin_tiny_patch4_window7_224",
        {"img_size": (32, 64), "window_size": 4, "embed_dim": 16, "depths": (1, 1), "num_heads": (2, 2)},
        (32, 64),
        (4, 8, 32),
    ),
}
models = pytest.mark.parametrize("kind", MODELS)


def build(kind: str) -> tuple[Backbone, Tensor]:
    name, args, size, _ = MODELS[kind]
    torch.manual_seed(0)
    return Backbone(create_architecture(name, args)).eval(), torch.randn(2, 3, *size)


@models
@torch.no_grad()
def test_pooled_is_what_timms_own_classifier_sees(kind):
    import timm

    name, args, _, grid = MODELS[kind]
    backbone, images = build(kind)
    whole = timm.create_model(name, num_classes=5, **args).eval()
    assert not whole.load_state_dict(backbone.model.state_dict(), strict=False).unexpected_keys
    pooled = backbone(images)
    assert pooled.shape == (2, grid[-1])
    torch.testing.assert_close(whole.get_classifier()(pooled), whole(images), atol=1e-6, rtol=1e-5)


@models
@torch.no_grad()
def test_grid_is_the_last_feature_map(kind):
    backbone, images = build(kind)
    pooled, tokens = backbone.pooled_and_tokens(images)
    assert torch.equal(pooled, backbone(images))
    assert tokens.shape == (2, *MODELS[kind][3])


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [("vit", 1), ("patch 14, class and 4 registers", 5), ("wide vit", 1), ("clip, patch 14", 1)],
)
@torch.no_grad()
def test_tokens_of_a_vit_are_its_patches_row_by_row(kind, prefix):
    backbone, images = build(kind)
    sequence = backbone.model.forward_features(images)
    _, tokens = backbone.pooled_and_tokens(images)
    height, width = tokens.shape[1:3]
    assert sequence.shape[1] == prefix + height * width
    for row in range(height):
        for column in range(width):
            assert torch.equal(tokens[:, row, column], sequence[:, prefix + row * width + column])


@pytest.mark.parametrize("kind", ["cnn", "swin", "convnext to stage 2", "vil, mean of tokens"])
@torch.no_grad()
def test_pooled_is_the_mean_of_the_tokens(kind):
    backbone, images = build(kind)
    pooled, tokens = backbone.pooled_and_tokens(images)
    torch.testing.assert_close(pooled, tokens.mean((1, 2)), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", ["vit", "wide vit", "clip, patch 14", "convnext", "swin"])
@torch.no_grad()
def test_a_token_lies_where_its_patch_is(kind):
    backbone, images = build(kind)
    _, before = backbone.pooled_and_tokens(images)
    changed = images.clone()
    changed[:, :, -4:, :4] += 50
    _, after = backbone.pooled_and_tokens(changed)
    change = (after - before).norm(dim=-1).mean(0)
    assert change.argmax() == (change.shape[0] - 1) * change.shape[1]


@torch.no_grad()
def test_features_without_a_grid_have_no_tokens_but_a_pooled_vector():
    backbone = Backbone(create_architecture("xcit_nano_12_p16_224", {"depth": 1, "img_size": 32})).eval()
    images = torch.randn(1, 3, 32, 32)
    assert backbone(images).shape == (1, 128)
    with pytest.raises(ValueError, match="Xcit are no grid of tokens; use a backbone"):
        backbone.pooled_and_tokens(images)


def test_pooled_dim_leaves_mode_and_statistics_alone():
    backbone, _ = build("cnn")
    before = {key: value.clone() for key, value in backbone.state_dict().items()}
    for training in (True, False):
        backbone.train(training)
        assert pooled_dim(backbone, 32) == 1280
        assert all(module.training == training for module in backbone.modules())
    assert all(torch.equal(value, before[key]) for key, value in backbone.state_dict().items())


def test_classifier_is_linear_on_the_pooled_vector():
    backbone, images = build("vit")
    classifier = Classifier(backbone, 32, 7).eval()
    expected = backbone(images) @ classifier.head.weight.T + classifier.head.bias
    torch.testing.assert_close(classifier(images), expected)
    assert isinstance(classifier.head, nn.Linear) and classifier(images).shape == (2, 7)


def saved_and_gradients(model: Backbone, images: Tensor) -> tuple[int, dict[str, Tensor]]:
    """Bytes that a forward pass keeps for the backward one, and the gradients."""
    kept = 0

    def keep(tensor: Tensor) -> Tensor:
        nonlocal kept
        kept += tensor.nbytes
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model(images).square().sum()
    loss.backward()
    return kept, {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("kind", MODELS)
def test_checkpointed_gradients_are_the_same_with_less_kept(kind):
    name, args, size, _ = MODELS[kind]
    torch.manual_seed(0)
    plain = Backbone(create_architecture(name, args)).eval()
    poor = Backbone(create_architecture(name, args)).eval()
    poor.load_state_dict(plain.state_dict())
    poor.checkpoint_gradients()
    images = torch.randn(2, 3, *size)
    (before, expected), (after, found) = (saved_and_gradients(model, images) for model in (plain, poor))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert after < 0.8 * before


def test_a_model_without_gradient_checkpointing_says_so():
    with pytest.raises(ValueError, match="grad_checkpointing: VGG has none; set it to false"):
        Backbone(create_architecture("vgg11", {})).checkpoint_gradients()
