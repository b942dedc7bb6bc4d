import pytest
import torch
from fact.training.sgd_probe import fit_probe, read_settings
from torch import Tensor
from training_settings import SETTINGS

PROBE = SETTINGS | {"epochs": 30, "batch_size": 16, "weight_decay": 1e-4, "warmup_epochs": 5}


def some_features() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    labels = torch.arange(40) % 4
    return 3 * torch.eye(4, 6)[labels] + 0.3 * torch.randn(40, 6), labels


def probe(seed: int = 0, **changes) -> tuple[dict[str, Tensor], list[tuple[int, float]]]:
    settings = read_settings({"kind": "sgd", "training": PROBE | changes})
    head, _, report = fit_probe(*some_features(), [], 5, settings, seed)
    return head.tensors, [(entry["epoch"], entry["loss"]) for entry in report["history"]]


def test_a_linear_head_is_learnt():
    features, labels = some_features()
    head, epochs = probe()
    assert {key: (value.shape, value.dtype) for key, value in head.items()} == {
        "weight": ((5, 6), torch.float32),
        "bias": ((5,), torch.float32),
    }
    assert not head["weight"].requires_grad
    assert ((features @ head["weight"].T + head["bias"]).argmax(1) == labels).all()
    assert [epoch for epoch, _ in epochs] == list(range(30)) and epochs[-1][1] < 0.6 * epochs[0][1]


def test_same_seed_same_head_and_another_seed_another():
    first = probe()[0]
    torch.manual_seed(77)
    again, other = probe()[0], probe(seed=1)[0]
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["weight"], other["weight"])


def test_features_without_a_finite_loss_are_refused():
    features, labels = some_features()
    features[3, 2] = torch.inf
    with pytest.raises(ValueError, match="epoch 0"):
        fit_probe(features, labels, [], 5, read_settings({"training": PROBE}), 0)
