from dataclasses import replace

import numpy as np
import pytest
import torch
from fact.training.frofa.token_views import TokenViews
from fact.training.heads.attention import TokenSamples, attention_path
from fact.training.heads.attention_validation import LIMITS, attention_candidates
from fact.training.heads.cross_validation import linear_candidates, start_candidate
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.linear import Samples
from fact.training.heads.logistic import logistic_path, mean_norm
from fact.training.heads.spec import Frofa, HeadSpec
from torch import Tensor
from torch.nn.functional import cross_entropy

GRID = [1.0, 100.0]


@pytest.fixture
def tokens() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(24, 2, 2, 60, generator=generator)
    tokens[torch.arange(24), 0, 0, torch.arange(24) % 3] += 6
    return tokens


@pytest.fixture
def data(tokens: Tensor) -> LabelledSet:
    ids = [f"train/{index}" for index in range(24)]

    def views(strength: float) -> TokenViews:
        return TokenViews(tokens, ids, Frofa(views=2), seed=0, strength=strength)

    return LabelledSet(tokens.mean((1, 2)), torch.arange(24) % 3, ids, 3, None, 0, views)


@pytest.fixture
def fold() -> Tensor:
    fold = torch.arange(24) // 3 % 2
    fold[0] = -1
    return fold


def test_linear_losses_are_those_of_fits_without_the_fold(
    data: LabelledSet, tokens: Tensor, fold: Tensor
) -> None:
    candidates = linear_candidates("mean", 0.0, data, data.views(0.0), fold, GRID)
    features = tokens.mean((1, 2)).double()
    expected = torch.full((2, 24), torch.nan, dtype=torch.float64)
    for index in (0, 1):
        train = fold != index
        path = logistic_path(Samples(features[train], data.labels[train], 3), GRID, scale=mean_norm(features))
        for row, fit in zip(expected, path, strict=True):
            logits = fit.head.logits(features[~train])
            row[~train] = cross_entropy(logits, data.labels[~train], reduction="none")
    assert [(row.pooling, row.strength, row.C, row.rho) for row in candidates] == [
        ("mean", 0.0, C, None) for C in GRID
    ]
    for candidate, row in zip(candidates, expected, strict=True):
        # the image of fold -1 always trains
        assert candidate.losses.shape == (23,)
        np.testing.assert_allclose(candidate.losses, row[1:], atol=2e-3)
        assert 0 <= candidate.accuracy <= 1


def test_the_heads_of_the_folds_act_on_raw_features(data: LabelledSet, fold: Tensor) -> None:
    views = data.views(0.0)
    for candidate in linear_candidates("mean", 0.0, data, views, fold, GRID):
        for index, head in enumerate(candidate.fold_heads):
            held = fold == index
            losses = cross_entropy(head.logits(views.means[0, held]), data.labels[held], reduction="none")
            np.testing.assert_allclose(candidate.losses[(fold[1:] == index).numpy()], losses, atol=1e-9)


def test_views_train_and_originals_are_held_out(data: LabelledSet, fold: Tensor) -> None:
    views, spoiled = data.views(0.2), data.views(0.2)
    spoiled.means[1:, fold == 1] = 1e3
    first = linear_candidates("mean", 0.2, data, views, fold, GRID)
    second = linear_candidates("mean", 0.2, data, spoiled, fold, GRID)
    # while fold 1 is held out only its original matters; the other half of the losses changes
    held = (fold[1:] == 1).numpy()
    np.testing.assert_allclose(first[0].losses[held], second[0].losses[held], atol=1e-3)
    assert np.abs(first[0].losses[~held] - second[0].losses[~held]).max() > 0.1


def test_attention_losses_are_those_of_fits_without_the_fold(
    data: LabelledSet, tokens: Tensor, fold: Tensor
) -> None:
    views, spec = data.views(0.0), HeadSpec("map")
    (start,) = linear_candidates("mean", 0.0, data, views, fold, [10.0])
    candidates = attention_candidates(0.0, data, views, fold, start, [float("inf"), 10.0, 1.0], spec)
    assert [(row.pooling, row.C, row.rho) for row in candidates] == [("map", 10.0, 10.0), ("map", 10.0, 1.0)]
    flat, train = tokens.flatten(1, 2), fold != 1
    samples = TokenSamples(views, data.labels, 3, weights=train.double())
    fits = attention_path(samples, 10.0, [10.0, 1.0], limits=LIMITS)
    for candidate, fit in zip(candidates, fits, strict=True):
        expected = cross_entropy(fit.head.logits(flat[~train]), data.labels[~train], reduction="none")
        np.testing.assert_allclose(candidate.losses[(fold[1:] == 1).numpy()], expected, atol=1e-3)


def test_no_finite_pull_means_no_attention(data: LabelledSet, fold: Tensor) -> None:
    views, spec = data.views(0.0), HeadSpec("map")
    (start,) = linear_candidates("mean", 0.0, data, views, fold, [1.0])
    assert attention_candidates(0.0, data, views, fold, start, [float("inf")], spec) == []


def test_offsets_are_added_to_what_is_held_out(data: LabelledSet, fold: Tensor) -> None:
    offset = torch.randn(24, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    data = replace(data, offset=offset)
    start = start_candidate(data, fold)
    expected = cross_entropy(offset, data.labels, reduction="none")[1:]
    np.testing.assert_allclose(start.losses, expected)
    assert (start.pooling, start.C) == ("start", None)
    # a head that may change nothing is the start head
    timid = linear_candidates("mean", 0.0, data, data.views(0.0), fold, [1e-9])[0]
    np.testing.assert_allclose(timid.losses, expected, atol=1e-6)
    timid = attention_candidates(0.0, data, data.views(0.0), fold, timid, [1.0], HeadSpec("map"))[0]
    np.testing.assert_allclose(timid.losses, expected, atol=1e-5)
