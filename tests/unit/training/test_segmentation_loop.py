"""Batches, learning rate and optimiser of segmentation."""

from collections import Counter

import pytest
import torch
from fact.tasks.segmentation.loop import _optimiser, batch_members, train
from fact.tasks.segmentation.schedule import learning_rate
from segmentation_data import TRAINING
from torch import nn

REFERENCE = {
    "iterations": 160_000,
    "learning_rate": 6e-5,
    "warmup_iterations": 1500,
    "warmup_factor": 1e-6,
    "power": 1.0,
}


def test_the_reference_schedule() -> None:
    assert learning_rate(0, REFERENCE) == pytest.approx(6e-11)
    assert learning_rate(750, REFERENCE) == pytest.approx(3e-5, rel=1e-5)
    assert learning_rate(1500, REFERENCE) == pytest.approx(6e-5)
    assert learning_rate(80_750, REFERENCE) == pytest.approx(3e-5)
    assert 0 < learning_rate(159_999, REFERENCE) < 1e-9
    assert learning_rate(80_750, REFERENCE | {"power": 2.0}) == pytest.approx(1.5e-5)


def test_batches_are_consecutive_pieces_of_shuffled_passes() -> None:
    members = [row for iteration in range(10) for row in batch_members(5, 3, iteration, 7)]
    for start in range(0, 30, 5):
        assert sorted(members[start : start + 5]) == [0, 1, 2, 3, 4]
    assert members[:5] != members[5:10] or members[5:10] != members[10:15]
    assert members[:3] == batch_members(5, 3, 0, 7)


def test_a_single_example_fills_a_batch() -> None:
    assert batch_members(1, 4, 9, 0) == [0, 0, 0, 0]
    assert Counter(batch_members(2, 8, 0, 0)) == {0: 4, 1: 4}


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
        self.head = nn.Sequential(nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        return self.head(self.backbone(x)), None


def test_the_heads_rate_and_decay_are_its_own() -> None:
    groups = _optimiser(Tiny(), TRAINING).param_groups
    found = [(len(group["params"]), group["factor"], group["weight_decay"]) for group in groups]
    assert found == [(1, 1.0, 0.01), (3, 1.0, 0.0), (1, 2.0, 0.01), (3, 2.0, 0.0)]


def run(**changes: object) -> tuple[Tiny, list[tuple[int, float]]]:
    torch.manual_seed(0)
    model, told = Tiny(), []
    images, masks = torch.randn(4, 3, 8, 8), torch.randint(0, 2, (4, 8, 8))
    train(
        model,
        lambda iteration: (images, masks),
        TRAINING | changes,
        0,
        torch.device("cpu"),
        on_report=lambda iteration, loss: told.append((iteration, loss)),
    )
    return model, told


def test_the_backbones_statistics_are_kept_and_the_heads_learnt() -> None:
    model, _ = run()
    assert model.backbone[1].running_mean.abs().max() == 0
    assert model.head[1].running_mean.abs().max() > 0
    free, _ = run(freeze_batchnorm=False)
    assert free.backbone[1].running_mean.abs().max() > 0


def test_reports_come_every_few_iterations_and_after_the_last() -> None:
    assert [iteration for iteration, _ in run(iterations=5)[1]] == [2, 4, 5]


def test_a_loss_that_is_not_finite_stops() -> None:
    with pytest.raises(ValueError, match=r"the loss became (nan|inf).*lower learning_rate"):
        run(learning_rate=1e30, warmup_iterations=0, iterations=20)
