"""What a training tells, and how it goes on telling after an interruption."""

import pytest
from fact.training.log import TrainingLog


def test_epochs_are_counted_from_one_in_the_log_and_from_zero_in_the_history(capsys: pytest.CaptureFixture):
    history = TrainingLog(label="probe: ")
    history.add("epoch", 0, 3, 0.5, top1=0.25)
    history.add("iteration", 20, 40, 0.125)
    assert history.history == [{"epoch": 0, "loss": 0.5, "top1": 0.25}, {"iteration": 20, "loss": 0.125}]
    told = capsys.readouterr().err
    assert "probe: epoch 1 of 3: loss 0.5000, top1 0.2500" in told
    assert "probe: iteration 20 of 40: loss 0.1250" in told


def test_only_every_second_entry_is_printed(capsys: pytest.CaptureFixture):
    history = TrainingLog(every=2)
    for epoch in range(5):
        history.add("epoch", epoch, 5, 1.0)
    assert len(history.history) == 5
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[2] for line in lines] == ["2", "4"]


def test_a_log_goes_on_from_its_state():
    first, second = TrainingLog(), TrainingLog()
    first.add("epoch", 0, 2, 1.0)
    first.clock.add({"train": 3.0})
    second.clock.add({"train": 1.0, "load": 0.5})
    second.load_state_dict(first.state_dict())
    second.add("epoch", 1, 2, 0.5)
    assert [entry["epoch"] for entry in second.history] == [0, 1]
    assert second.clock.seconds() == {"train": 4.0, "load": 0.5}
