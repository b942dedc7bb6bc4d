import numpy as np
import pytest
import torch
from fact.infra.process.code_version import imported_modules
from fact.training.heads.converged import fit_probe, read_settings
from sklearn.linear_model import LogisticRegression

SETTINGS = read_settings(
    {"kind": "lbfgs", "C": "cv", "C_grid": [0.1, 10.0, 1000.0], "folds": 3, "fallback_C": 100.0}
)


def blobs(count: int = 60, width: int = 8, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % classes
    features = 5 * torch.randn(count, width, generator=generator)
    features[torch.arange(count), labels] += 6
    return features, labels, [f"pool/{number}" for number in range(count)]


@pytest.mark.parametrize("C", [0.1, 10.0])
def test_a_given_C_is_scikit_learn_s_on_features_of_unit_mean_norm(C: float) -> None:
    features, labels, ids = blobs()
    head, seconds, report = fit_probe(features, labels, ids, 3, read_settings({"kind": "lbfgs", "C": C}), 0)
    unit = features.double() / features.double().norm(dim=1).mean()
    oracle = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(unit.numpy(), labels.numpy())
    expected = oracle.predict_log_proba(unit.numpy())
    found = head.logits(features).double().log_softmax(1).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert report["details"]["chosen"]["C"] == C and report["details"]["candidates"] == []
    assert report["parameters"] == {"trainable": 27, "total": 27} and seconds["train"] > 0


def test_C_is_chosen_by_held_out_loss_and_the_same_each_time() -> None:
    features, labels, ids = blobs()
    first, _, report = fit_probe(features, labels, ids, 3, SETTINGS, 5)
    candidates = report["details"]["candidates"]
    best = min(candidates, key=lambda row: row["log_loss"])
    assert len(candidates) == 3 and report["details"]["chosen"]["C"] == best["C"]
    again, _, _ = fit_probe(features, labels, ids, 3, SETTINGS, 5)
    assert all(torch.equal(first.tensors[name], again.tensors[name]) for name in first.tensors)


def test_one_image_a_class_takes_the_fallback_and_says_so() -> None:
    features, labels, ids = blobs(count=3)
    head, _, report = fit_probe(features, labels, ids, 5, SETTINGS, 0)
    assert report["details"]["chosen"]["C"] == 100.0 and report["details"]["fallback"] is True
    assert head.num_classes == 5


def test_the_probe_s_version_does_not_hang_on_phase_three() -> None:
    modules = set(imported_modules("fact.training.heads.converged"))
    assert not modules & {
        "fact.training.frofa",
        "fact.training.heads.attention",
        "fact.training.heads.search",
        "fact.training.loop",
    }
    assert "fact.training.heads.converged" not in imported_modules("fact.training.sgd_probe")
