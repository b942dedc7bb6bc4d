"""Trainings that are interrupted and resumed end like those that are not, to the bit."""

from pathlib import Path

import pytest
import torch
from fact.infra.files.tensors import read_tensors
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.interrupt import Interrupted, StopFlag
from fact.training.log import TrainingLog
from fact.training.resume import Position, ResumeFile, ResumePlan, Resumption, fingerprint
from fact.training.settings import read_training
from small_training import some_images
from stop_after import StopAfter
from torch import Generator, Tensor, nn
from training_settings import SETTINGS

TRAINING = SETTINGS | {"epochs": 5, "batch_size": 4, "cpu_micro_batch": 2, "freeze_batchnorm": False}


def network() -> nn.Module:
    torch.manual_seed(0)
    body = [
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(144, 2),
    ]
    model = nn.Sequential(*body)
    model[0].weight.requires_grad_(False)
    return model


def noisy(batch: Tensor, generator: Generator) -> Tensor:
    return batch + 0.1 * torch.randn(batch.shape, generator=generator)


def run(resumption: Resumption | None = None, **changes: object) -> tuple[nn.Module, list[float]]:
    model, losses, settings = network(), [], read_training(TRAINING | changes)
    batches = EpochBatches(LabelledInputs(*some_images()), settings, 3, noisy)
    train_epochs(
        model, batches, settings, on_epoch=lambda epoch, loss: losses.append(loss), resumption=resumption
    )
    return model, losses


def same(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def resumption(
    path: Path, stop: StopFlag | None = None, minutes: float = 0, kept: TrainingLog | None = None
) -> Resumption:
    return Resumption(
        ResumeFile(path, fingerprint("key")),
        minutes,
        StopFlag() if stop is None else stop,
        kept or TrainingLog(),
    )


@pytest.mark.parametrize("questions", range(1, 16))
def test_stopped_at_any_step_and_resumed_equals_uninterrupted(tmp_path: Path, questions: int) -> None:
    expected, losses = run()
    path = tmp_path / "resume.safetensors"
    with pytest.raises(Interrupted) as ended:
        run(resumption(path, StopAfter(questions)))
    assert ended.value.code == 143
    assert read_tensors(path)[1]["position"][:2] == [(questions - 1) // 3, (questions - 1) % 3 + 1]
    resumed, rest = run(resumption(path))
    assert same(resumed, expected) and rest == losses[-len(rest) :]


def test_killed_after_any_epoch_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    expected, _ = run()
    path = tmp_path / "resume.safetensors"

    def die(epoch: int, loss: float) -> None:
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        settings = read_training(TRAINING)
        batches = EpochBatches(LabelledInputs(*some_images()), settings, 3, noisy)
        train_epochs(network(), batches, settings, on_epoch=die, resumption=resumption(path))
    # written after every epoch, so the state is that of the end of epoch 3, before its evaluation
    assert read_tensors(path)[1]["position"][:2] == [3, 3]
    assert same(run(resumption(path))[0], expected)


def test_stopped_many_times_equals_uninterrupted(tmp_path: Path) -> None:
    expected, _ = run()
    path, stops = tmp_path / "resume.safetensors", 0
    while True:
        try:
            model, _ = run(resumption(path, StopAfter(2)))
            break
        except Interrupted:
            stops += 1
    assert stops >= 5 and same(model, expected)


def test_the_last_epoch_is_kept_before_its_evaluation(tmp_path: Path) -> None:
    path, calls = tmp_path / "resume.safetensors", []

    def evaluate(epoch: int, loss: float) -> None:
        if epoch == 4:
            calls.append(loss)
            raise MemoryError

    for _ in range(2):
        with pytest.raises(MemoryError):
            settings = read_training(TRAINING)
            batches = EpochBatches(LabelledInputs(*some_images()), settings, 3, noisy)
            train_epochs(network(), batches, settings, on_epoch=evaluate, resumption=resumption(path))
    assert read_tensors(path)[1]["position"][:2] == [4, 3] and calls[0] == calls[1]


@pytest.mark.parametrize(
    ("minutes", "rounds"), [(0, [0, 1, 2, 3, 4]), (2, [2, 4]), (3.5, [4]), (4, [4]), (4.5, [])]
)
def test_states_are_written_by_minutes_and_none_of_a_shorter_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, rounds: list[int]
) -> None:
    """Of epochs of a minute each; the last state comes before the last evaluation."""
    now, written = [0.0], []

    class Recorded(ResumeFile):
        def save(self, model, optimiser, scaler, position, metadata) -> None:
            written.append(position.round)

    def pass_a_minute(epoch: int, loss: float) -> None:
        now[0] += 60

    monkeypatch.setattr("fact.training.resume.monotonic", lambda: now[0])
    settings = read_training(TRAINING)
    batches = EpochBatches(LabelledInputs(*some_images()), settings, 3, noisy)
    file = Recorded(tmp_path / "resume.safetensors", "key")
    kept = Resumption(file, minutes, StopFlag(), TrainingLog())
    train_epochs(network(), batches, settings, on_epoch=pass_a_minute, resumption=kept)
    assert written == rounds


def test_the_log_is_kept(tmp_path: Path) -> None:
    path, before, after = tmp_path / "resume.safetensors", TrainingLog(), TrainingLog()
    before.add("epoch", 0, 5, 1.5, top1=0.25)
    before.clock.add({"train": 2.0})
    with pytest.raises(Interrupted):
        run(resumption(path, StopAfter(4), kept=before))
    run(resumption(path, kept=after))
    assert after.history == [{"epoch": 0, "loss": 1.5, "top1": 0.25}]
    assert after.clock.seconds() == {"train": 2.0}


def test_without_a_plan_nothing_is_kept(tmp_path: Path) -> None:
    plan = ResumePlan(tmp_path / "resume.safetensors", 0, StopFlag(), "code")
    run(TrainingLog().resumption(None, "settings"))
    assert not plan.path.exists()
    run(TrainingLog().resumption(plan, "settings"))
    assert read_tensors(plan.path)[1]["key"] == fingerprint("code", "settings")


def test_frozen_parameters_are_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "resume.safetensors"
    with pytest.raises(Interrupted):
        run(resumption(path, StopAfter(2)))
    names = set(read_tensors(path)[0])
    assert "parameter.0.weight" not in names
    assert {"parameter.5.weight", "momentum_buffer.5.weight", "buffer.1.running_mean"} <= names


def test_a_state_of_another_training_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "resume.safetensors"
    with pytest.raises(Interrupted):
        run(resumption(path, StopAfter(5)))
    other = Resumption(ResumeFile(path, fingerprint("another")), 0, StopFlag(), TrainingLog())
    model, losses = run(other)
    assert len(losses) == 5 and same(model, run()[0])
    assert "belongs to other settings" in capsys.readouterr().err


def test_a_damaged_state_is_named_and_not_used(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "resume.safetensors"
    with pytest.raises(Interrupted):
        run(resumption(path, StopAfter(5)))
    damaged = bytearray(path.read_bytes())
    damaged[-5] ^= 4
    path.write_bytes(damaged)
    model, losses = run(resumption(path))
    assert len(losses) == 5 and same(model, run()[0])
    assert "resume.safetensors is damaged" in capsys.readouterr().err


def test_a_state_is_discarded_in_the_end(tmp_path: Path) -> None:
    plan = ResumePlan(tmp_path / "resume.safetensors", 0, StopFlag(), "code")
    plan.discard()
    run(Resumption(ResumeFile(plan.path, "key"), plan.minutes, plan.stop, TrainingLog()))
    assert plan.path.is_file()
    plan.discard()
    assert not list(tmp_path.iterdir())


def test_the_key_tells_settings_tensors_and_their_order_apart() -> None:
    one = torch.arange(4.0)
    first, other = {"a": 1, "b": 2}, {"a": 1, "b": 3}
    keys = [
        fingerprint(first, one), fingerprint(other, one), fingerprint(first, -one),
        fingerprint(first, one.reshape(2, 2)), fingerprint(one, first),
    ]  # fmt: skip
    assert len(set(keys)) == 5 and keys[0] == fingerprint({"b": 2, "a": 1}, one.clone())
    assert Position() == (0, 0, 0.0)
