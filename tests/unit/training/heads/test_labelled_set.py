import pytest
import torch
from fact.training.frofa.token_views import TokenViews
from fact.training.heads.labelled_set import (
    LabelledSet,
    from_raw_units,
    in_raw_units,
    linear_features,
)
from fact.training.heads.linear import LinearHead
from fact.training.heads.spec import Frofa
from torch import Tensor


def labelled_set(tokens: Tensor | None, pooled: Tensor) -> LabelledSet:
    ids = [f"train/{index}" for index in range(len(pooled))]
    labels = torch.arange(len(pooled)) % 2

    def views(strength: float) -> TokenViews:
        return TokenViews(tokens, ids, Frofa("c2"), seed=5, strength=strength)

    offset = torch.randn(len(pooled), 2)
    return LabelledSet(pooled, labels, ids, 2, offset, 5, None if tokens is None else views)


@pytest.fixture
def tokens() -> Tensor:
    return torch.randn(4, 2, 3, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def data(tokens: Tensor) -> LabelledSet:
    return labelled_set(tokens, torch.randn(4, 7, generator=torch.Generator().manual_seed(1)))


def test_rows_weights_and_offsets_go_together(data: LabelledSet) -> None:
    keep = torch.tensor([True, False, True, False])
    rows = data.views(0.2).means
    samples = data.samples(rows, keep)
    assert samples.features.shape == (8, 5) and torch.equal(samples.features[5], rows[2, 2])
    assert torch.equal(samples.offset[5 % 2], data.offset[2])
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
        torch.testing.assert_close(raw[1, :, -5:], data.views(0.2).means[1])
    head = LinearHead(torch.randn(2, width).double(), torch.randn(2).double())
    torch.testing.assert_close(in_raw_units(head, units).logits(raw[0]), head.logits(features[0]))
    back = from_raw_units(in_raw_units(head, units), units)
    torch.testing.assert_close(back.weight, head.weight)


def test_a_pooled_vector_that_is_the_mean_is_seen(data: LabelledSet, tokens: Tensor) -> None:
    def seen(data: LabelledSet) -> bool:
        return data.pooled_is_mean(data.views(0.0))

    assert not seen(data)
    mean = tokens.mean((1, 2))
    assert seen(labelled_set(tokens.half(), mean))
    assert not seen(labelled_set(tokens, mean + 0.1))


def test_missing_tokens_are_named(data: LabelledSet) -> None:
    with pytest.raises(ValueError, match=r"reads patch tokens, which are missing; .* or set pooling: pooled"):
        labelled_set(None, data.pooled).views(0.0)
