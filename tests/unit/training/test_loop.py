import math
from itertools import chain

import numpy as np
import pytest
import torch
from fact.training.loop import set_training_mode
from fact.training.optimiser import Optimisation
from fact.training.schedule import cosine_rate
from fact.training.settings import read_training
from small_training import linear, run, some_images
from torch import Generator, Tensor, nn
from training_settings import SETTINGS


def small_cnn() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 36, 2))


def blobs(count: int = 60) -> tuple[Tensor, Tensor]:
    """Three separable classes in the plane."""
    torch.manual_seed(2)
    labels = torch.arange(count) % 3
    centres = torch.tensor([[0.0, 4.0], [4.0, -3.0], [-4.0, -3.0]])
    return centres[labels] + 0.5 * torch.randn(count, 2), labels


def vector(model: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def by_hand(weight, bias, inputs, labels, settings) -> tuple[np.ndarray, np.ndarray]:
    """Full-batch Nesterov SGD on the smoothed cross entropy of a linear layer, in float64."""
    speed_w, speed_b = np.zeros_like(weight), np.zeros_like(bias)
    smoothing, momentum = settings["label_smoothing"], settings["momentum"]
    targets = (1 - smoothing) * np.eye(len(bias))[labels] + smoothing / len(bias)
    for epoch in range(settings["epochs"]):
        scores = np.exp(inputs @ weight.T + bias)
        error = (scores / scores.sum(1, keepdims=True) - targets) / len(inputs)
        grad_w, grad_b = error.T @ inputs, error.sum(0)
        norm = math.sqrt((grad_w**2).sum() + (grad_b**2).sum())
        shrink = min(1.0, settings["clip_norm"] / (norm + 1e-6))
        grad_w, grad_b = shrink * grad_w + settings["weight_decay"] * weight, shrink * grad_b
        speed_w, speed_b = momentum * speed_w + grad_w, momentum * speed_b + grad_b
        rate = cosine_rate(epoch, read_training(settings))
        weight = weight - rate * (grad_w + momentum * speed_w)
        bias = bias - rate * (grad_b + momentum * speed_b)
    return weight, bias


@pytest.mark.parametrize("epochs", [1, 4])
@pytest.mark.parametrize("clip_norm", [0.05, 1e3])
def test_steps_are_those_done_by_hand(epochs, clip_norm):
    inputs, labels = blobs()
    model = linear(2, 3)
    start = [p.detach().double().numpy() for p in (model.weight, model.bias)]
    changes = {"epochs": epochs, "clip_norm": clip_norm, "learning_rate": 0.5, "warmup_epochs": 1}
    changes["warmup_learning_rate"] = 0.2
    weight, bias = by_hand(*start, inputs.double().numpy(), labels.numpy(), SETTINGS | changes)
    run(model, inputs, labels, **changes)
    np.testing.assert_allclose(model.weight.detach().numpy(), weight, atol=1e-6)
    np.testing.assert_allclose(model.bias.detach().numpy(), bias, atol=1e-6)
    assert np.abs(weight - start[0]).max() > 1e-3


def test_reported_loss_is_the_mean_over_images_in_uneven_batches():
    inputs, labels = blobs(10)
    model = linear(2, 3)
    expected = nn.functional.cross_entropy(model(inputs), labels, label_smoothing=0.1).item()
    assert run(model, inputs, labels, batch_size=4, learning_rate=0.0) == pytest.approx([expected], rel=1e-6)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_separable_classes_are_learnt(precision):
    inputs, labels = blobs()
    model = linear(2, 3)
    losses = run(model, inputs, labels, epochs=30, batch_size=20, precision=precision, label_smoothing=0.0)
    assert (model(inputs).argmax(1) == labels).all()
    assert losses[-1] < 0.1 < losses[0]
    assert model.weight.dtype == torch.float32


def test_frozen_batchnorm_keeps_its_statistics_bit_for_bit_and_learns_its_scale():
    images, labels = some_images()
    model = small_cnn()
    before = {key: value.clone() for key, value in model[1].state_dict().items()}
    run(model, images, labels, epochs=3)
    after = model[1].state_dict()
    assert all(
        torch.equal(before[key], after[key]) for key in ("running_mean", "running_var", "num_batches_tracked")
    )
    assert not torch.equal(before["weight"], after["weight"])


def test_free_batchnorm_follows_the_images():
    images, labels = some_images()
    model = small_cnn()
    run(model, images, labels, epochs=3, freeze_batchnorm=False)
    assert model[1].num_batches_tracked == 3
    assert not torch.equal(model[1].running_mean, torch.zeros(4))


def test_training_mode_holds_for_all_but_batchnorm():
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2), nn.Sequential(nn.BatchNorm2d(3))).eval()
    set_training_mode(model, freeze_batchnorm=True)
    assert [m.training for m in model.modules()] == [True, True, False, True, False]
    set_training_mode(model, freeze_batchnorm=False)
    assert all(m.training for m in model.modules())


def test_same_seed_same_weights_whatever_the_global_state():
    inputs, labels = blobs()
    results = []
    for seed, state in ((5, 0), (5, 99), (6, 0)):
        model = nn.Sequential(linear(2, 8), nn.Dropout(0.5), linear(8, 3))
        torch.manual_seed(state)
        run(model, inputs, labels, epochs=3, batch_size=16, seed=seed)
        results.append(vector(model))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def draws(greed: int) -> tuple[list[list[float]], list[list[float]]]:
    """What an augmentation and the layers draw, by epoch, when epoch 0 takes ``greed`` numbers more."""
    inputs, labels = blobs(12)
    augmented, layered = [], []

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        augmented.append([*batch[:, 0].tolist(), *torch.rand(3, generator=generator).tolist()])
        layered.append(torch.rand(3).tolist())
        if len(augmented) == 1:
            torch.rand(greed, generator=generator), torch.rand(greed)
        return batch

    run(linear(2, 3), inputs, labels, epochs=3, prepare=prepare)
    return augmented, layered


def test_an_epochs_draws_do_not_depend_on_the_epochs_before_it():
    assert draws(greed=0) == draws(greed=7)


def test_epochs_draw_different_numbers():
    for kind in draws(greed=0):
        assert len({tuple(numbers) for numbers in kind}) == 3


def test_layers_do_not_draw_the_augmentations_numbers():
    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        assert torch.initial_seed() != generator.initial_seed()
        return batch

    run(linear(2, 3), *blobs(), epochs=2, prepare=prepare)


def test_every_image_is_seen_once_an_epoch():
    inputs = torch.arange(11.0)[:, None]
    seen = []

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        seen.append(batch[:, 0].tolist())
        return batch

    run(linear(1, 2), inputs, torch.arange(11) % 2, epochs=2, batch_size=4, prepare=prepare)
    assert [len(batch) for batch in seen] == [4, 4, 3] * 2
    for epoch in (seen[:3], seen[3:]):
        assert sorted(chain(*epoch)) == inputs[:, 0].tolist()
    assert seen[:3] != seen[3:]


@pytest.mark.parametrize("broken", [0, 2])
def test_a_loss_that_is_not_finite_names_its_epoch(broken):
    inputs, labels = blobs()
    epochs = iter(range(9))

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        return batch * math.nan if next(epochs) == broken else batch

    with pytest.raises(ValueError, match=rf"nan in epoch {broken}; lower learning_rate"):
        run(linear(2, 3), inputs, labels, epochs=4, prepare=prepare)


def test_frozen_parameters_stay():
    inputs, labels = blobs()
    model = nn.Sequential(linear(2, 4), linear(4, 3))
    model[0].requires_grad_(False)
    first, last = vector(model[0]), vector(model[1])
    run(model, inputs, labels, epochs=2)
    assert torch.equal(vector(model[0]), first) and not torch.equal(vector(model[1]), last)


def test_parts_of_a_batch_add_up_to_the_batch() -> None:
    generator = torch.Generator().manual_seed(3)
    inputs, labels = torch.randn(11, 4, generator=generator), torch.arange(11) % 3
    models = {part: linear(4, 3) for part in (1, 4, 11)}
    for part, model in models.items():
        run(model, inputs, labels, epochs=3, batch_size=11, cpu_micro_batch=part, learning_rate=0.1)
    for model in models.values():
        torch.testing.assert_close(model.state_dict(), models[11].state_dict(), rtol=1e-5, atol=1e-6)
    assert not torch.equal(models[11].weight, linear(4, 3).weight)


def test_a_batch_that_batchnorm_couples_is_taken_whole() -> None:
    images, labels = some_images()
    models = {part: small_cnn() for part in (3, 10)}
    for part, model in models.items():
        run(model, images, labels, epochs=2, freeze_batchnorm=False, cpu_micro_batch=part)
    torch.testing.assert_close(models[3].state_dict(), models[10].state_dict())


class SmallMemory(nn.Module):
    """A linear model that runs out of memory above ``limit`` images, as CUDA does; ``late``: not at once."""

    def __init__(self, limit: int, *, late: bool = False) -> None:
        super().__init__()
        self.linear, self.limit, self.late, self.seen = linear(4, 3), limit, late, []

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen.append(len(inputs))
        if len(inputs) > self.limit and not (self.late and len(self.seen) == 1):
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.linear(inputs)


@pytest.mark.parametrize("late", [False, True])
def test_a_batch_that_does_not_fit_is_divided_to_the_same_result(late: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    inputs, labels = torch.randn(12, 4, generator=generator), torch.arange(12) % 3
    whole, poor = linear(4, 3), SmallMemory(3, late=late)
    losses = [
        run(model, inputs, labels, epochs=3, batch_size=12, cpu_micro_batch=6, learning_rate=0.1)
        for model in (whole, poor)
    ]
    # two parts of 6 images each, of which the first may go well before the second fails
    assert poor.seen[: 3 if late else 2] == ([6, 6, 3] if late else [6, 3]) and set(poor.seen[3:]) == {3}
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    torch.testing.assert_close(poor.linear.state_dict(), whole.state_dict(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("failing", ["prepare", "reserve"])
def test_memory_that_is_short_before_or_after_the_pass_divides_the_batch_too(
    monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """While images are prepared, and when the optimiser's first step needs room: to the same result."""
    inputs, labels = blobs_of_four()
    failures, seen = iter([True]), []

    def fail_once() -> None:
        if next(failures, False):
            raise RuntimeError("CUDA error: out of memory")

    class Seen(nn.Linear):
        def forward(self, batch: Tensor) -> Tensor:
            seen.append(len(batch))
            return super().forward(batch)

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        if failing == "prepare":
            fail_once()
        return batch + 0.1 * torch.rand(batch.shape, generator=generator)

    def noisy(batch: Tensor, generator: Generator) -> Tensor:
        return batch + 0.1 * torch.rand(batch.shape, generator=generator)

    whole, poor = linear(4, 3), Seen(4, 3)
    poor.load_state_dict(whole.state_dict())
    run(whole, inputs, labels, epochs=2, batch_size=12, cpu_micro_batch=12, prepare=noisy)
    if failing == "reserve":
        monkeypatch.setattr(Optimisation, "reserve", lambda self: fail_once())
    run(poor, inputs, labels, epochs=2, batch_size=12, cpu_micro_batch=12, prepare=prepare)
    assert seen == ([12] if failing == "reserve" else []) + [6] * 4
    torch.testing.assert_close(poor.state_dict(), whole.state_dict(), rtol=1e-5, atol=1e-6)


def test_a_step_that_is_done_again_draws_the_same_numbers() -> None:
    class Draws(SmallMemory):
        def forward(self, inputs: Tensor) -> Tensor:
            self.drawn = [*getattr(self, "drawn", []), torch.rand(1).item()]
            return super().forward(inputs)

    model = Draws(6)
    run(model, *blobs_of_four(), batch_size=12, cpu_micro_batch=12)
    assert model.seen == [12, 6, 6] and model.drawn[0] == model.drawn[1] != model.drawn[2]


def test_a_batch_that_free_batchnorm_couples_is_not_divided() -> None:
    with pytest.raises(torch.OutOfMemoryError, match="set freeze_batchnorm: true"):
        run(SmallMemory(3), *blobs_of_four(), freeze_batchnorm=False)


def blobs_of_four() -> tuple[Tensor, Tensor]:
    return torch.randn(12, 4, generator=torch.Generator().manual_seed(3)), torch.arange(12) % 3
