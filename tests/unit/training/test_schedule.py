import pytest
from fact.training.schedule import cosine_rate
from fact.training.settings import read_training
from torch import nn
from torch.optim import SGD
from training_settings import SETTINGS as COMMON

SETTINGS = COMMON | {
    "epochs": 50,
    "learning_rate": 0.01,
    "warmup_epochs": 5,
    "warmup_learning_rate": 1e-6,
    "min_learning_rate": 1e-5,
    "schedule_lag": 0,
}


def rates(**changes) -> list[float]:
    settings = SETTINGS | changes
    return [cosine_rate(epoch, read_training(settings)) for epoch in range(settings["epochs"])]


def timm_rates(epochs: int, base: float, *, after_the_epoch: bool) -> list[float]:
    """What timm's scheduler sets, stepped before each epoch or, as the released code does, after it."""
    from timm.scheduler import CosineLRScheduler

    optimiser = SGD(nn.Linear(1, 1).parameters(), lr=base)
    scheduler = CosineLRScheduler(
        optimiser, t_initial=epochs, lr_min=1e-5, warmup_t=5, warmup_lr_init=1e-6, warmup_prefix=False
    )
    seen = []
    for epoch in range(epochs):
        if not after_the_epoch:
            scheduler.step(epoch)
        seen.append(optimiser.param_groups[0]["lr"])
        scheduler.step(epoch)
    return seen


@pytest.mark.parametrize(("epochs", "base"), [(50, 0.01), (300, 0.1), (6, 0.01), (3, 0.01)])
@pytest.mark.parametrize("lag", [0, 1])
def test_rates_are_those_of_timm(epochs, base, lag):
    expected = timm_rates(epochs, base, after_the_epoch=lag == 1)
    assert rates(epochs=epochs, learning_rate=base, schedule_lag=lag) == pytest.approx(expected, rel=1e-12)


def test_first_warm_and_last_values():
    found = rates()
    assert found[0] == 1e-6
    assert found[1] == pytest.approx(1e-6 + (0.01 - 1e-6) / 5)
    # the cosine counts from epoch 0: after five epochs of warm-up it has already come down a little
    assert found[5] == pytest.approx(0.009755527299)
    assert found[25] == pytest.approx((0.01 + 1e-5) / 2)
    assert found[49] == pytest.approx(1.985649e-5, rel=1e-5)
    assert max(found) == found[5] and found[5:] == sorted(found[5:], reverse=True)


def test_lag_repeats_the_first_value_and_shifts_the_rest():
    lagging = rates(schedule_lag=1)
    assert lagging[0] == lagging[1] == 1e-6
    assert lagging[1:] == rates()[:-1]


def test_without_warm_up_the_first_rate_is_the_base():
    assert rates(warmup_epochs=0)[0] == 0.01
    assert rates(warmup_epochs=0, epochs=1) == [0.01]
