import pytest
import torch
from fact.training.frofa.views import make_views
from fact.training.heads.labelled_set import (
    LabelledSet,
    in_raw_units,
    linear_features,
)
from fact.training.heads.linear import LinearHead
from fact.training.heads.spec import Frofa
from torch import Tensor


def labelled_set(tokens: Tensor | None, pooled: Tensor) -> LabelledSet:
    ids = [f"train/{index}" for index in range(len(pooled))]
    labels = torch.arange(len(pooled)) % 2

    def views(strength: float) -> Tensor:
        return make_views(tokens, ids, Frofa("c2"), seed=5, strength=strength)

    return LabelledSet(pooled, tokens, labels, ids, 2, torch.randn(len(pooled), 2), 5, views)


@pytest.fixture
def data() -> LabelledSet:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(4, 2, 3, 5, generator=generator)
    return labelled_set(tokens, torch.randn(4, 7, generator=generator))


def test_views_are_frofa_s(data: LabelledSet) -> None:
    expected = make_views(data.tokens, data.sample_ids, Frofa("c2"), seed=5, strength=0.2)
    assert torch.equal(data.views(0.2), expected.flatten(2, 3))
    assert torch.equal(data.views(0.0), data.tokens.flatten(1, 2)[None])


def test_rows_weights_and_offsets_go_together(data: LabelledSet) -> None:
    keep = torch.tensor([True, False, True, False])
    views = data.views(0.2)
    samples = data.samples(views, keep)
    assert samples.features.shape == (8, 6, 5) and torch.equal(samples.features[5], views[2, 2])
    assert torch.equal(samples.offset[5], data.offset[2])
    assert samples.labels.tolist() == [0, 0] * 4 and samples.num_classes == 2
    assert float(samples.weights.sum()) == 2.0


@pytest.mark.parametrize(("pooling", "views", "width"), [("pooled", 1, 7), ("mean", 4, 5), ("both", 4, 12)])
def test_blocks_have_unit_mean_norm(data: LabelledSet, pooling: str, views: int, width: int) -> None:
    features, units = linear_features(pooling, 100 * data.pooled, data.views(0.2))
    assert features.shape == (views, 4, width) and features.dtype == torch.float64
    for block in features[0].split([7, 5] if pooling == "both" else width, dim=1):
        assert float(block.norm(dim=1).mean()) == pytest.approx(1)
    raw = features * units
    if pooling != "mean":
        torch.testing.assert_close(raw[-1, :, :7], 100 * data.pooled.double())
    if pooling != "pooled":
        torch.testing.assert_close(raw[1, :, -5:], data.views(0.2)[1].mean(1).double())
    head = LinearHead(torch.randn(2, width).double(), torch.randn(2).double())
    torch.testing.assert_close(in_raw_units(head, units).logits(raw[0]), head.logits(features[0]))


def test_a_pooled_vector_that_is_the_mean_is_seen(data: LabelledSet) -> None:
    assert not data.pooled_is_mean()
    mean = data.tokens.mean((1, 2))
    assert labelled_set(data.tokens.half(), mean).pooled_is_mean()
    assert not labelled_set(data.tokens, mean + 0.1).pooled_is_mean()


def test_missing_tokens_are_named(data: LabelledSet) -> None:
    with pytest.raises(ValueError, match=r"reads patch tokens, which are missing; .* or set pooling: pooled"):
        labelled_set(None, data.pooled).views(0.0)
