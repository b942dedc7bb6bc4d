"""Transforms of vectors before a linear head, and heads that carry them."""

from pathlib import Path

import pytest
import torch
from fact.training.heads.head import both_head, mean_head, pooled_head
from fact.training.heads.linear import LinearHead
from fact.training.heads.saving import load_head, save_head
from fact.training.heads.transform import TRANSFORMS, Transform, transformed


def test_closed_forms() -> None:
    rows = torch.tensor([[3.0, -4.0], [0.0, 0.0]], dtype=torch.float64)
    assert transformed(rows, "none") is rows
    torch.testing.assert_close(transformed(rows, "l2")[0], torch.tensor([0.6, -0.8], dtype=torch.float64))
    wanted = torch.tensor([0.6**0.5, -(0.8**0.5)], dtype=torch.float64)
    torch.testing.assert_close(transformed(rows, "l2sqrt")[0], wanted)
    for transform in TRANSFORMS:
        assert (transformed(rows, transform)[1] == 0).all()


@pytest.mark.parametrize("transform", ["l2", "l2sqrt"])
def test_the_length_of_a_vector_says_nothing(transform: Transform) -> None:
    rows = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(transformed(3 * rows, transform), transformed(rows, transform))


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_head_applies_its_transform_and_keeps_it_in_its_file(tmp_path: Path, transform: Transform) -> None:
    generator = torch.Generator().manual_seed(0)
    pooled, tokens = torch.randn(6, 4, generator=generator), torch.randn(6, 2, 2, 3, generator=generator)
    linear = LinearHead(torch.randn(3, 7, generator=generator), torch.randn(3, generator=generator))
    mean = tokens.mean((1, 2))
    for head, read in (
        (pooled_head(LinearHead(linear.weight[:, :4], linear.bias), transform), [pooled]),
        (mean_head(LinearHead(linear.weight[:, 4:], linear.bias), transform), [mean]),
        (both_head(linear, 4, transform), [pooled, mean]),
    ):
        save_head(tmp_path / "head.safetensors", head)
        logits = load_head(tmp_path / "head.safetensors").logits(pooled, tokens)
        rows = torch.cat([transformed(part, transform) for part in read], dim=1)
        weight = (
            linear.weight
            if len(read) == 2
            else linear.weight[:, :4]
            if read[0] is pooled
            else linear.weight[:, 4:]
        )
        torch.testing.assert_close(logits, rows @ weight.T + linear.bias)
        assert head.transforms == ([] if transform == "none" else [transform])
