"""What holds for every tuner that adds parameters to a frozen ViT."""

import pytest
import torch
from fact.training import added
from fact.training.classifier import read_tuner
from fact.training.recipe import count_parameters
from torch import nn
from vits import OTHERS, VITS, classifier, perturb

SETTINGS = {
    "shallow prompts": {"tuner": "prompts", "num_tokens": 3, "deep": False, "dropout": 0.0},
    "deep prompts": {"tuner": "prompts", "num_tokens": 3, "deep": True, "dropout": 0.0},
    "prefix": {"tuner": "prefix", "num_tokens": 3},
}
kinds = pytest.mark.parametrize("kind", VITS)
recipes = pytest.mark.parametrize("recipe", SETTINGS)


def prepared(recipe: str, kind: str = "vit", **changes: object) -> tuple[nn.Module, torch.Tensor]:
    model, images = classifier(kind)
    torch.manual_seed(changes.pop("seed", 0))
    settings = SETTINGS[recipe] | changes
    return read_tuner(settings).prepare(model).eval(), images


@recipes
@kinds
@torch.no_grad()
def test_without_tokens_nothing_changes(recipe, kind):
    base, images = classifier(kind)
    pooled, grid = base.backbone.pooled_and_tokens(images)
    model, _ = prepared(recipe, kind, num_tokens=0)
    torch.testing.assert_close(model(images), base(images), atol=1e-5, rtol=1e-5)
    found = model.backbone.pooled_and_tokens(images)
    torch.testing.assert_close(found, (pooled, grid), atol=1e-5, rtol=1e-5)


@recipes
@kinds
@torch.no_grad()
def test_added_tokens_act_and_are_in_no_token_grid(recipe, kind):
    base, images = classifier(kind)
    before = base.backbone.pooled_and_tokens(images)
    after = prepared(recipe, kind)[0].backbone.pooled_and_tokens(images)
    for old, new in zip(before, after, strict=True):
        assert new.shape == old.shape and (new - old).abs().max() > 1e-5


@recipes
@kinds
def test_only_the_added_and_the_head_are_trained(recipe, kind):
    model, images = prepared(recipe, kind)
    model.train()(images).square().sum().backward()
    with_gradient = {name for name, p in model.named_parameters() if p.grad is not None}
    assert with_gradient == {name for name, p in model.named_parameters() if p.requires_grad}
    assert {"head.weight", "head.bias"} < with_gradient
    assert all(
        name.endswith((".prompts", ".keys", ".values")) for name in with_gradient if "head" not in name
    )


@recipes
@kinds
@torch.no_grad()
def test_a_checkpoint_holds_no_backbone_and_restores_the_model(recipe, kind):
    model, images = prepared(recipe, kind)
    tuned = perturb(model)(images)
    tensors = {name: value.clone() for name, value in added.trained_tensors(model).items()}
    assert sum(value.numel() for value in tensors.values()) == count_parameters(model)["trainable"]
    torch.manual_seed(7)
    restored = read_tuner(SETTINGS[recipe]).restore(classifier(kind)[0], tensors)
    assert torch.equal(restored(images), tuned)


@recipes
def test_a_checkpoint_that_does_not_fit_is_refused(recipe):
    settings = SETTINGS[recipe]
    tensors = added.trained_tensors(prepared(recipe)[0])
    missing = dict(list(tensors.items())[1:])
    more = added.trained_tensors(prepared(recipe, num_tokens=4)[0])
    other_head = {key: value[:3] if "head" in key else value for key, value in tensors.items()}
    for wrong in (missing, more, other_head, tensors | {"extra": torch.ones(1)}, {}):
        with pytest.raises(ValueError, match="the adapter does not fit this backbone: "):
            read_tuner(settings).restore(classifier()[0], wrong)


@recipes
def test_the_start_is_drawn_from_the_global_generator(recipe):
    first, again, other = (added.trained_tensors(prepared(recipe, seed=seed)[0]) for seed in (3, 3, 4))
    for name in first:
        if "head" not in name:
            assert torch.equal(first[name], again[name]) and not torch.equal(first[name], other[name])


@recipes
@pytest.mark.parametrize("kind", OTHERS)
def test_backbones_without_plain_attention_are_refused_with_a_remedy(recipe, kind):
    tuner = SETTINGS[recipe]["tuner"]
    with pytest.raises(
        ValueError, match=rf"tuner: {tuner} does not work on \w+, .* use a recipe of tuner full or lora"
    ):
        prepared(recipe, kind)


@recipes
def test_half_precision_runs(recipe):
    model, images = prepared(recipe)
    with torch.autocast("cpu", torch.bfloat16):
        assert (model(images) - prepared(recipe)[0].float()(images)).abs().max() < 0.1
