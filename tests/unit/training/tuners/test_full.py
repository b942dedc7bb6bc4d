import pytest
import torch
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.weights import create_architecture
from fact.training.tuners import full

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}


def classifier(
    name: str = "vit_tiny_patch16_224", args: dict = VIT, dim: int = 32, seed: int = 0
) -> Classifier:
    torch.manual_seed(seed)
    return Classifier(Backbone(create_architecture(name, args)), dim, 3).eval()


def test_everything_is_trainable():
    frozen = classifier().requires_grad_(False)
    model = full.prepare(frozen, full.Settings())
    assert model is frozen and all(p.requires_grad for p in model.parameters())


def test_all_tensors_are_kept_batchnorm_statistics_among_them():
    model = classifier("mobilenetv2_050", {}, 1280)
    names = full.trained_tensors(model).keys()
    assert {name for name, _ in model.named_parameters()} <= names
    assert {name for name, _ in model.named_buffers()} <= names


@torch.no_grad()
def test_restored_is_the_tuned_classifier():
    tuned, fresh = classifier(seed=1), classifier(seed=2)
    images = torch.randn(4, 3, 16, 16)
    assert not torch.equal(tuned(images), fresh(images))
    restored = full.restore(fresh, full.Settings(), full.trained_tensors(tuned))
    assert torch.equal(tuned(images), restored(images))


def test_tensors_of_another_model_are_refused():
    with pytest.raises(RuntimeError, match=r"blocks\.2"):
        full.restore(classifier(), full.Settings(), full.trained_tensors(classifier(args=VIT | {"depth": 3})))
