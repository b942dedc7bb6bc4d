"""Batches, learning rate and optimiser of segmentation."""

from collections import Counter
from pathlib import Path

import pytest
import torch
from fact.infra.errors import ConfigError
from fact.tasks.segmentation.iterations import (
    batch_members,
    build_adamw,
    polynomial_rate,
    train_iterations,
)
from fact.tasks.segmentation.settings import SegmentationTraining, read_segmentation_training
from fact.training.computing import Computing
from fact.training.interrupt import Interrupted, StopFlag
from fact.training.log import TrainingLog
from fact.training.resume import ResumePlan
from segmentation_data import TRAINING
from stop_after import StopAfter
from torch import nn

REFERENCE = TRAINING | {
    "iterations": 160_000,
    "learning_rate": 6e-5,
    "warmup_iterations": 1500,
    "warmup_factor": 1e-6,
    "power": 1.0,
}


def learning_rate(iteration: int, settings: dict) -> float:
    return polynomial_rate(iteration, read_segmentation_training(settings))


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
    groups = build_adamw(Tiny(), read_segmentation_training(TRAINING)).optimiser.param_groups
    found = [(len(group["params"]), group["factor"], group["weight_decay"]) for group in groups]
    assert found == [(1, 1.0, 0.01), (3, 1.0, 0.0), (1, 2.0, 0.01), (3, 2.0, 0.0)]


def run(plan: ResumePlan | None = None, **changes: object) -> tuple[Tiny, TrainingLog]:
    torch.manual_seed(0)
    model, history = Tiny(), TrainingLog()
    images, masks = torch.randn(4, 3, 8, 8), torch.randint(0, 2, (4, 8, 8))
    settings: SegmentationTraining = read_segmentation_training(TRAINING | changes)
    computing = Computing(torch.device("cpu"), 0, plan)
    train_iterations(model, lambda _: (images, masks), settings, computing, history=history)
    return model, history


def test_the_backbones_statistics_are_kept_and_the_heads_learnt() -> None:
    model, _ = run()
    assert model.backbone[1].running_mean.abs().max() == 0
    assert model.head[1].running_mean.abs().max() > 0
    free, _ = run(freeze_batchnorm=False)
    assert free.backbone[1].running_mean.abs().max() > 0


def test_reports_come_every_few_iterations_and_after_the_last() -> None:
    assert [entry["iteration"] for entry in run(iterations=5)[1].history] == [2, 4, 5]


def test_a_loss_that_is_not_finite_stops() -> None:
    with pytest.raises(ValueError, match=r"the loss became (nan|inf).*lower learning_rate"):
        run(learning_rate=1e30, warmup_iterations=0, iterations=20)


@pytest.mark.parametrize("questions", range(1, 6))
def test_a_training_that_is_stopped_and_resumed_ends_with_the_same_bytes(
    tmp_path: Path, questions: int
) -> None:
    expected, history = run(iterations=5)
    path = tmp_path / "resume.safetensors"
    with pytest.raises(Interrupted):
        run(ResumePlan(path, 0, StopAfter(questions), "code"), iterations=5)
    resumed, again = run(ResumePlan(path, 0, StopFlag(), "code"), iterations=5)
    assert again.history == history.history
    for name, value in expected.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value)


def test_the_gradient_is_clipped_to_its_norm() -> None:
    """A gradient far below AdamW's epsilon moves nothing but by weight decay."""
    settings = {"iterations": 1, "warmup_iterations": 0, "weight_decay": 0.0}
    free, clipped = run(**settings)[0], run(**settings, clip_norm=1e-12)[0]
    torch.manual_seed(0)
    before = Tiny().head[0].weight
    assert (free.head[0].weight - before).abs().min() > 1e-4
    assert (clipped.head[0].weight - before).abs().max() < 1e-6


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match=r"segmentation\.training: the key 'power' is missing"):
        read_segmentation_training({key: value for key, value in TRAINING.items() if key != "power"})


class SmallMemory(nn.Module):
    """A model that runs out of memory above ``limit`` crops, as CUDA does; ``norm`` ends its head."""

    def __init__(self, limit: int, norm: nn.Module) -> None:
        super().__init__()
        self.head, self.limit, self.seen = nn.Sequential(nn.Conv2d(3, 2, 1), norm), limit, []

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        self.seen.append(len(x))
        if len(x) > self.limit:
            raise RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")
        return self.head(x), None


def train_on_four(model: SmallMemory) -> list[dict[str, float]]:
    """Four crops, of whose pixels different shares have a class."""
    generator, history = torch.Generator().manual_seed(0), TrainingLog()
    images = torch.randn(4, 3, 8, 8, generator=generator)
    masks = torch.randint(0, 2, (4, 8, 8), generator=generator)
    masks[0, 1:], masks[1, 5:] = 255, 255
    settings = read_segmentation_training(TRAINING | {"iterations": 3, "batch_size": 4})
    train_iterations(
        model, lambda _: (images, masks), settings, Computing(torch.device("cpu"), 0), history=history
    )
    return history.history


def test_a_batch_without_batchnorm_is_halved_to_the_same_mean_over_pixels() -> None:
    models = []
    for limit in (4, 2):
        torch.manual_seed(0)
        models.append(SmallMemory(limit, nn.Identity()))
    losses = [[entry["loss"] for entry in train_on_four(model)] for model in models]
    assert models[0].seen == [4] * 3 and models[1].seen == [4] + [2] * 6
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    torch.testing.assert_close(models[1].state_dict(), models[0].state_dict(), rtol=1e-4, atol=1e-6)


def test_a_batch_that_the_heads_batchnorm_needs_whole_says_so() -> None:
    with pytest.raises(torch.OutOfMemoryError, match=r"batch norm needs it whole; lower batch_size.*ALLOC"):
        train_on_four(SmallMemory(2, nn.BatchNorm2d(2)))
