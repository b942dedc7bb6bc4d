import pytest
import torch
from fact.training.heads.attention import AttentionHead
from fact.training.heads.head import Head, add_linear, attention_head, both_head, mean_head, pooled_head
from fact.training.heads.linear import LinearHead
from torch import Tensor


def linear(classes: int, width: int, seed: int = 0) -> LinearHead:
    generator = torch.Generator().manual_seed(seed)
    return LinearHead(
        torch.randn(classes, width, generator=generator), torch.randn(classes, generator=generator)
    )


def query_and_value() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(2, 6, generator=generator), torch.randn(6, 6, generator=generator)


@pytest.fixture
def inputs() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(5, 4, generator=generator), torch.randn(5, 3, 2, 6, generator=generator)


def test_a_pooled_head_reads_the_pooled_vector_alone(inputs: tuple[Tensor, Tensor]) -> None:
    head = pooled_head(linear(3, 4))
    assert (head.kind, head.pooling, head.num_classes) == ("lr", "pooled", 3)
    assert set(head.tensors) == {"weight", "bias"}
    torch.testing.assert_close(head.logits(inputs[0]), linear(3, 4).logits(inputs[0]))


def test_a_mean_head_reads_the_tokens(inputs: tuple[Tensor, Tensor]) -> None:
    head = mean_head(linear(3, 6))
    assert (head.kind, head.pooling) == ("lr", "mean")
    expected = linear(3, 6).logits(inputs[1].mean((1, 2)))
    torch.testing.assert_close(head.logits(tokens=inputs[1]), expected)


def test_a_head_on_both(inputs: tuple[Tensor, Tensor]) -> None:
    head = both_head(linear(3, 10), 4)
    assert (head.kind, head.pooling) == ("lr", "both")
    expected = linear(3, 10).logits(torch.cat([inputs[0], inputs[1].mean((1, 2))], dim=1))
    torch.testing.assert_close(head.logits(*inputs), expected)


@pytest.mark.parametrize("with_value", [False, True])
def test_an_attention_head(inputs: tuple[Tensor, Tensor], with_value: bool) -> None:
    query, value = query_and_value()
    source = AttentionHead(query, value if with_value else None, linear(3, 6))
    head = attention_head(source.linear, source.query, source.value)
    assert (head.kind, head.pooling) == ("map", "map")
    torch.testing.assert_close(head.logits(tokens=inputs[1]), source.logits(inputs[1].flatten(1, 2)))
    assert head.parameters() == {"pooling": 12 + 36 * with_value, "linear": 3 * 6 + 3}


@pytest.mark.parametrize(
    ("head", "pooling"),
    [
        (pooled_head(linear(3, 4)), "pooled"),
        (mean_head(linear(3, 6)), "both"),
        (attention_head(linear(3, 6), query_and_value()[0], None), "pooled+map"),
    ],
)
def test_adding_a_linear_head_adds_its_logits(
    inputs: tuple[Tensor, Tensor], head: Head, pooling: str
) -> None:
    start = linear(3, 4, seed=8)
    added = add_linear(head, start)
    assert added.pooling == pooling
    torch.testing.assert_close(added.logits(*inputs), head.logits(*inputs) + start.logits(inputs[0]))
    assert add_linear(head, None) is head


def test_stored_float16_is_read_as_float32(inputs: tuple[Tensor, Tensor]) -> None:
    head = both_head(linear(3, 10).plus(LinearHead(torch.zeros(3, 10).double(), torch.zeros(3).double())), 4)
    assert {tensor.dtype for tensor in head.tensors.values()} == {torch.float32}
    assert head.logits(inputs[0].half(), inputs[1].half()).dtype == torch.float32


def test_what_is_missing_is_named(inputs: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(ValueError, match="lr head on mean reads tokens, which are missing"):
        mean_head(linear(3, 6)).logits(inputs[0])
    with pytest.raises(ValueError, match="lr head on pooled reads pooled, which are missing"):
        pooled_head(linear(3, 4)).logits(tokens=inputs[1])
