import math

import torch
from fact.training.heads.linear import ABSENT_MARGIN, LinearHead, Samples, pad_absent, zero_head


def test_logits_use_the_head_s_dtype() -> None:
    head = LinearHead(torch.tensor([[1.0, 2.0], [0.0, -1.0]]).double(), torch.tensor([0.5, 0.0]).double())
    logits = head.logits(torch.tensor([[1.0, 1.0]]).half())
    assert logits.dtype == torch.float64 and logits.tolist() == [[3.5, -1.0]]


def test_plus_and_minus_act_on_logits() -> None:
    generator = torch.Generator().manual_seed(0)
    first = LinearHead(torch.randn(3, 4, generator=generator), torch.randn(3, generator=generator))
    second = LinearHead(torch.randn(3, 4, generator=generator), torch.randn(3, generator=generator))
    x = torch.randn(5, 4, generator=generator)
    torch.testing.assert_close(first.plus(second).logits(x), first.logits(x) + second.logits(x))
    torch.testing.assert_close(first.plus(second).minus(second).logits(x), first.logits(x))


def test_absent_classes_are_never_predicted_on_any_input() -> None:
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    head = LinearHead(weight - weight.mean(0), torch.tensor([-3.0, 0.0, 5.0]).double())
    padded = pad_absent(head, torch.tensor([0, 2, 5]), 7)
    assert padded.weight.shape == (7, 4) and torch.equal(padded.weight[[0, 2, 5]], head.weight)
    assert padded.bias[[1, 3, 4, 6]].unique().tolist() == [-3.0 - ABSENT_MARGIN]
    x = 100 * torch.randn(2000, 4, generator=generator, dtype=torch.float64)
    absent = padded.logits(x).softmax(1)[:, [1, 3, 4, 6]]
    assert absent.max() <= math.exp(-ABSENT_MARGIN)


def test_fitted_classes() -> None:
    labels = torch.tensor([5, 2, 5])
    present, targets = Samples(labels, labels, 7).fitted_classes()
    assert present.tolist() == [2, 5] and targets.tolist() == [1, 0, 1]
    present, targets = Samples(labels, labels, 7, offset=torch.zeros(3, 7)).fitted_classes()
    assert present.tolist() == list(range(7)) and targets.tolist() == [5, 2, 5]


def test_zero_head() -> None:
    assert torch.equal(zero_head(3, 2).logits(torch.ones(1, 2)), torch.zeros(1, 3).double())
