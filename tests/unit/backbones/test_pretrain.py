import math
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from fact.backbones.pretrain import (
    nt_xent_loss,
    pretrain_contrastive,
    read_contrastive,
    warmup_cosine,
)
from torch import Generator, Tensor, nn

SETTINGS = {
    "epochs": 2,
    "batch_size": 8,
    "learning_rate": 1e-3,
    "weight_decay": 0.01,
    "temperature": 0.2,
    "projection_dim": 8,
    "augmentation": {"rotation": 10.0, "shift": 0.1, "noise": 0.05, "brightness": 0.1},
}
SPEC = SimpleNamespace(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def some_images(count: int, side: int = 8) -> Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=seeded(0))


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def small_model(side: int = 8) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * side * side, 12), nn.Dropout(0.1), nn.ReLU())


def pretrained(images: Tensor, *, seed: int = 3, progress=None, **changes) -> tuple[Tensor, list[dict]]:
    model, settings = small_model(images.shape[-1]), read_contrastive(SETTINGS | changes)
    history = pretrain_contrastive(model, images, spec=SPEC, settings=settings, seed=seed, progress=progress)
    return nn.utils.parameters_to_vector(model.parameters()).detach(), history


def brute_force_loss(first: Tensor, second: Tensor, temperature: float) -> float:
    """Equation 1 of SimCLR read aloud, view by view."""
    views = [row / row.norm() for row in torch.cat([first, second])]
    losses = []
    for i, view in enumerate(views):
        twin = (i + len(first)) % len(views)
        others = [math.exp(float(view @ other) / temperature) for k, other in enumerate(views) if k != i]
        losses.append(-math.log(math.exp(float(view @ views[twin]) / temperature) / sum(others)))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(("count", "temperature"), [(2, 1.0), (5, 0.2), (16, 0.1)])
def test_loss_of_identical_views_of_orthonormal_samples(count, temperature):
    samples = torch.eye(count, dtype=torch.float64)
    # the twin has similarity 1, the 2B - 2 other views 0
    expected = math.log1p((2 * count - 2) * math.exp(-1 / temperature))
    assert float(nt_xent_loss(samples, 3 * samples, temperature)) == pytest.approx(expected, rel=1e-12)


def test_loss_of_collapsed_vectors_is_that_of_guessing():
    same = torch.ones(6, 4, dtype=torch.float64)
    assert float(nt_xent_loss(same, same, 0.2)) == pytest.approx(math.log(11), rel=1e-12)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_loss_agrees_with_brute_force(count):
    first, second = torch.randn(2, count, 5, dtype=torch.float64, generator=seeded(1))
    expected = brute_force_loss(first, second, 0.3)
    assert float(nt_xent_loss(first, second, 0.3)) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert float(nt_xent_loss(first.float(), second.float(), 0.3)) == pytest.approx(
        expected, rel=1e-5, abs=1e-6
    )


def test_loss_gradient_agrees_with_differences():
    first, second = torch.randn(2, 4, 3, dtype=torch.float64, generator=seeded(2))
    assert torch.autograd.gradcheck(lambda a, b: nt_xent_loss(a, b, 0.5), (first.requires_grad_(), second))


def test_learning_rate_rises_then_falls_to_zero():
    rates = [warmup_cosine(step, 100, 0.1) for step in range(101)]
    assert rates.index(max(rates)) == 10 and max(rates) == 1.0
    assert all(a < b for a, b in pairwise(rates[:11])) and all(a > b for a, b in pairwise(rates[10:]))
    assert rates[0] > 0 and rates[100] == pytest.approx(0, abs=1e-12)
    assert warmup_cosine(0, 5, 0.0) == 1.0


def test_same_seed_same_weights_other_seed_other_weights():
    images = some_images(20)
    weights, history = pretrained(images)
    again, history_again = pretrained(images)
    assert torch.equal(weights, again) and history == history_again
    assert not torch.equal(weights, pretrained(images, seed=4)[0])


def test_global_random_state_neither_matters_nor_moves():
    images = some_images(20)
    weights, _ = pretrained(images)
    torch.manual_seed(99)
    state = torch.get_rng_state()
    assert torch.equal(weights, pretrained(images)[0])
    assert torch.equal(state, torch.get_rng_state())


def test_training_lowers_the_loss_and_reports_every_epoch():
    seen = []
    _, history = pretrained(some_images(32), epochs=30, learning_rate=1e-2, progress=seen.append)
    assert seen == history and [record["epoch"] for record in history] == list(range(1, 31))
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]
    assert history[-1]["learning_rate"] < history[5]["learning_rate"] <= 1e-2


@pytest.mark.parametrize(("count", "side"), [(2, 8), (3, 5), (9, 8), (17, 32)])
def test_any_pool_of_two_or_more_and_any_side(count, side):
    weights, history = pretrained(some_images(count, side))
    assert torch.isfinite(weights).all() and math.isfinite(history[-1]["loss"])


def test_images_stay_and_model_is_left_in_evaluation_mode():
    images, model = some_images(6), small_model()
    before = images.clone()
    pretrain_contrastive(model, images, spec=SPEC, settings=read_contrastive(SETTINGS), seed=3)
    assert torch.equal(images, before) and not model.training


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"augmentation": {"flip": 0.5}}, "flip"),
        ({"batch_size": 1}, "batch_size: 1"),
        ({"temperature": 0.0}, "temperature: 0.0"),
        ({"warmup": 1.0}, "warmup: 1.0"),
        ({"augmentation": {"scale": 1.0}}, "scale: 1.0"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        pretrained(some_images(4), **changes)


def test_images_that_cannot_work_are_refused():
    with pytest.raises(ValueError, match="float32"):
        pretrained(some_images(4).float())
    with pytest.raises(ValueError, match=r"\(1, 3, 8, 8\)"):
        pretrained(some_images(1))
