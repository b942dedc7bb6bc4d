"""A run that Ctrl-C stops says where its trainings stand."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from fact.infra.errors import ArtifactError
from fact.infra.files.tensor_header import read_header
from fact.infra.files.tensors import publish_tensors
from fact.infra.process.stopping import StopNotice, place_of


@pytest.fixture
def notice() -> Iterator[StopNotice]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield StopNotice()
    signal.signal(signal.SIGINT, before)


def state(path: Path, rounds: int, unit: str = "epoch") -> Path:
    """A resume state after so many rounds."""
    history = [{unit: number, "loss": 1.0} for number in range(rounds)]
    header = {"position": [rounds, 3, 0.5], "account": {"history": history, "seconds": {}}}
    publish_tensors(path, {"parameter.weight": torch.ones(2)}, header)
    return path


def logged(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"12:00:00 {line}\n" for line in lines), "utf-8")
    return path


def test_ctrl_c_is_noted_and_does_what_it_did(notice: StopNotice) -> None:
    assert not notice.stopped
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert notice.stopped


def test_where_ctrl_c_is_ignored_it_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    notice = StopNotice()
    os.kill(os.getpid(), signal.SIGINT)
    assert not notice.stopped
    signal.signal(signal.SIGINT, before)


def test_the_line_names_every_training_that_saved_its_state(tmp_path: Path, notice: StopNotice) -> None:
    one = state(tmp_path / "resume.safetensors", 32)
    state(tmp_path / "lp-ft-0.resume.safetensors", 4)
    log = logged(tmp_path / "a.log", "epoch 30 of 50: loss 1.0", "epoch 32 of 50: loss 1.0")
    goes_on = "; the same command goes on from there"
    assert notice.line([(str(one), str(log))]) == f"stopped in epoch 33 of 50{goes_on}"
    both = [(str(one), str(log)), (str(tmp_path / "lp-ft-0"), str(tmp_path / "absent.log"))]
    assert notice.line(both) == f"stopped in epoch 33 of 50 and in epoch 5{goes_on}"
    assert notice.line([(str(tmp_path / "absent"), str(log))]) == f"stopped{goes_on}"
    os.utime(one, (1, 1))
    assert notice.line([(str(one), str(log))]) == f"stopped{goes_on}", "a state of an earlier run"


def test_iterations_are_as_the_log_has_them(tmp_path: Path) -> None:
    path = state(tmp_path / "resume.safetensors", 3, unit="iteration")
    log = logged(tmp_path / "a.log", "tuning: iteration 400 of 2000: loss 1.0")
    assert list(place_of(path, log)) == ["after iteration 400 of 2000"]
    assert list(place_of(path, tmp_path / "absent.log")) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\x02" + b"\0" * 7 + b"{}", b"\xff" * 40])
def test_a_damaged_state_is_no_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "resume.safetensors"
    path.write_bytes(content)
    assert list(place_of(path, tmp_path / "absent.log")) == []
    with pytest.raises(ArtifactError, match="no whole tensor file"):
        read_header(path)
