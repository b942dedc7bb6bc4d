import numpy as np
import pytest
import torch
from fact.training.heads.linear import LinearHead
from fact.training.heads.logistic import mean_norm, row_span
from logistic import fit_logistic, fit_path
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn.functional import cross_entropy


def blobs(count: int, width: int, classes: int = 4, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Overlapping classes whose features have a large common mean, as those of a rectified layer."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    centers = torch.randn(classes, width, generator=generator, dtype=torch.float64)
    return 5 + centers[labels] + 2 * torch.randn(
        count, width, generator=generator, dtype=torch.float64
    ), labels


def tightly(features: Tensor, labels: Tensor, C: float, **options: object) -> LinearHead:
    return fit_path(features, labels, 4, [C], tolerance=1e-11, max_iterations=5000, **options)[0].head


@pytest.mark.parametrize("width", [7, 300])
@pytest.mark.parametrize("C", [1.0, 10.0, 100.0])
def test_probabilities_are_scikit_learn_s(width: int, C: float) -> None:
    features, labels = blobs(60, width)
    scale = mean_norm(features)
    oracle = LogisticRegression(C=C, tol=1e-10, max_iter=100_000).fit(
        features.numpy() / scale, labels.numpy()
    )
    probabilities = fit_logistic(features, labels, 4, C).logits(features).softmax(1)
    assert np.abs(probabilities.numpy() - oracle.predict_proba(features.numpy() / scale)).max() <= 1e-5


def test_sample_weights_are_scikit_learn_s() -> None:
    features, labels = blobs(60, 7)
    weights = torch.rand(60, generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 3
    oracle = LogisticRegression(C=2.0, tol=1e-10, max_iter=100_000).fit(
        features, labels, sample_weight=weights
    )
    head = fit_logistic(features, labels, 4, 2.0, weights=weights, scale=1.0)
    probabilities = head.logits(features).softmax(1)
    assert np.abs(probabilities.numpy() - oracle.predict_proba(features.numpy())).max() <= 1e-5


def test_the_binary_toy_has_its_closed_form() -> None:
    # samples -1 and 1 with one row of weights: w = 2 C sigmoid(-w), so w = 0.674832 at C = 1. Two rows share
    # the difference w, whose penalty is then w^2 / 4: the same problem has half of C.
    features, labels = torch.tensor([[-1.0], [1.0]]), torch.tensor([0, 1])
    for C, expected in ((0.5, 0.674832), (5.0, None)):
        head = fit_path(features, labels, 2, [C], tolerance=1e-12)[0].head
        difference = head.weight[1, 0] - head.weight[0, 0]
        assert float(difference) == pytest.approx(4 * C * float(torch.sigmoid(-difference)), abs=1e-8)
        assert expected is None or float(difference) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("width", [7, 300])
def test_the_gradient_vanishes_and_rows_sum_to_zero(width: int) -> None:
    features, labels = blobs(60, width)
    head = tightly(features, labels, 10.0, scale=1.0)
    weight, bias = head.weight.requires_grad_(), head.bias.requires_grad_()
    loss = (
        10.0 * cross_entropy(features @ weight.T + bias, labels, reduction="sum") + weight.square().sum() / 2
    )
    loss.backward()
    # the gradient of the whole sum, which is 1,000 and more where the weights are zero
    assert weight.grad.abs().max() < 1e-4 and bias.grad.abs().max() < 1e-4
    assert weight.detach().sum(0).abs().max() < 1e-7 and abs(float(bias.detach().sum())) < 1e-7


def test_scaling_the_features_changes_no_logit() -> None:
    features, labels = blobs(40, 100)
    logits = tightly(features, labels, 3.0).logits(features)
    torch.testing.assert_close(tightly(1000 * features, labels, 3.0).logits(1000 * features), logits)


def test_rotating_to_the_span_changes_nothing() -> None:
    features, labels = blobs(40, 70)
    padded = torch.cat([features, torch.zeros(40, 40)], dim=1)
    assert row_span(features) is None and row_span(padded) is not None
    narrow = tightly(features, labels, 3.0, scale=20.0)
    wide = tightly(padded, labels, 3.0, scale=20.0)
    torch.testing.assert_close(wide.weight[:, :70], narrow.weight, atol=1e-8, rtol=1e-6)
    assert wide.weight[:, 70:].abs().max() < 1e-12


def test_the_span_is_orthonormal_and_holds_the_rows() -> None:
    features, _ = blobs(12, 40)
    basis = row_span(features)
    torch.testing.assert_close(basis.T @ basis, torch.eye(12, dtype=torch.float64))
    torch.testing.assert_close(features @ basis @ basis.T, features)


def test_a_path_is_its_single_fits() -> None:
    features, labels = blobs(60, 20)
    grid = [0.1, 1.0, 10.0, 100.0]
    path = fit_path(features, labels, 4, grid, tolerance=1e-11, max_iterations=5000)
    for C, fit in zip(grid, path, strict=True):
        assert fit.minimum.converged
        torch.testing.assert_close(fit.head.weight, tightly(features, labels, C).weight, atol=1e-5, rtol=1e-4)


def test_the_start_changes_the_way_but_not_the_optimum() -> None:
    features, labels = blobs(60, 20)
    optimum = tightly(features, labels, 10.0)
    again = fit_path(features, labels, 4, [10.0], start=optimum, tolerance=1e-9)[0]
    assert again.minimum.iterations <= 2
    torch.testing.assert_close(again.head.weight, optimum.weight, atol=1e-7, rtol=1e-6)


def random_head(classes: int, width: int) -> LinearHead:
    generator = torch.Generator().manual_seed(9)
    weight = torch.randn(classes, width, generator=generator, dtype=torch.float64)
    return LinearHead(weight / 10, torch.randn(classes, generator=generator, dtype=torch.float64))


@pytest.mark.parametrize("width", [7, 300])
def test_a_prior_comes_back_when_labels_count_nothing(width: int) -> None:
    features, labels = blobs(30, width)
    prior = random_head(6, width)  # classes 4 and 5 have no labelled sample
    head = fit_logistic(features, labels, 6, 1e-9, prior=prior)
    torch.testing.assert_close(head.weight, prior.weight, atol=1e-6, rtol=0)
    torch.testing.assert_close(head.bias, prior.bias, atol=1e-6, rtol=0)


@pytest.mark.parametrize("width", [7, 300])
def test_the_optimum_under_a_prior_in_raw_coordinates(width: int) -> None:
    features, labels = blobs(30, width)
    prior, scale, mean = random_head(4, width), mean_norm(features), features.mean(0)
    offset = prior.logits(features)
    change = tightly(features, labels, 2.0, offset=offset)
    weight, bias = change.weight.requires_grad_(), change.bias.requires_grad_()
    data = 2.0 * cross_entropy(offset + features @ weight.T + bias, labels, reduction="sum")
    pull = (scale * weight).square().sum() / 2 + (bias + weight @ mean).square().sum() / 2
    (data + pull).backward()
    assert weight.grad.abs().max() < 1e-6 * scale**2 and bias.grad.abs().max() < 1e-6
    head = fit_logistic(features, labels, 4, 2.0, prior=prior)
    torch.testing.assert_close(
        head.logits(features), offset + change.logits(features).detach(), atol=1e-3, rtol=0
    )


def test_the_start_under_a_prior_is_a_whole_head() -> None:
    features, labels = blobs(30, 7)
    prior = random_head(4, 7)
    head = fit_logistic(features, labels, 4, 2.0, prior=prior)
    again = fit_logistic(features, labels, 4, 2.0, prior=prior, start=head)
    torch.testing.assert_close(again.weight, head.weight, atol=1e-4, rtol=0)


def test_absent_classes_keep_their_place_and_are_never_predicted() -> None:
    features, labels = blobs(60, 20)
    head = fit_logistic(features, 2 * labels + 1, 10, 10.0)
    compact = fit_logistic(features, labels, 4, 10.0)
    assert head.weight.shape == (10, 20) and torch.equal(head.weight[[1, 3, 5, 7]], compact.weight)
    assert torch.isfinite(head.bias).all()
    assert set(head.logits(1000 * torch.randn(500, 20)).argmax(1).tolist()) <= {1, 3, 5, 7}


def test_one_class_gives_a_constant_head() -> None:
    features, _ = blobs(5, 300)
    head = fit_logistic(features, torch.full((5,), 2), 4, 10.0)
    assert head.logits(torch.randn(50, 300)).argmax(1).unique().tolist() == [2]
    assert head.weight.eq(0).all() and torch.isfinite(head.bias).all()


def test_zero_features_are_no_accident() -> None:
    head = fit_logistic(torch.zeros(6, 3), torch.tensor([0, 0, 0, 0, 1, 1]), 2, 1.0)
    assert head.logits(torch.zeros(1, 3)).softmax(1).tolist()[0] == pytest.approx([4 / 6, 2 / 6], abs=1e-5)


@pytest.mark.parametrize(
    ("features", "labels", "strengths", "message"),
    [
        (torch.ones(2, 3), torch.tensor([0]), [1.0], "2 features and 1 labels"),
        (torch.full((1, 3), torch.nan), torch.tensor([0]), [1.0], "NaN or infinity"),
        (torch.ones(1, 3), torch.tensor([-1]), [1.0], r"labels span -1..-1, outside 0..3"),
        (torch.ones(1, 3), torch.tensor([4]), [1.0], r"labels span 4..4, outside 0..3"),
        (torch.ones(1, 3), torch.tensor([0]), [2.0, 1.0], "ascending order"),
        (torch.ones(1, 3), torch.tensor([0]), [0.0], "positive"),
    ],
)
def test_refusals(features: Tensor, labels: Tensor, strengths: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_path(features, labels, 4, strengths)
