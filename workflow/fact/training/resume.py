"""Resume state of a training: where it stood, at a path that Snakemake does not know and so does not delete.

A state is a safetensors file with a checksum, published atomically: trainable tensors, buffers, what the
optimiser keeps of each parameter, and in the header the position and the training's log. It carries the
fingerprint of its training; a state of other settings, inputs or code is not used. It dies when the training
has succeeded.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from fact.infra.files.tensors import publish_tensors, read_tensors, tensor_bytes
from fact.infra.process.progress import log
from fact.training.interrupt import StopFlag

# what SGD with momentum and AdamW keep of a parameter
OPTIMISER_STATE = ("momentum_buffer", "exp_avg", "exp_avg_sq", "step")


class Position(NamedTuple):
    """``step`` steps of ``round`` are done; ``total`` is the sum of this round's losses so far.

    A round is an epoch, or some iterations. The sum stays on the device until it is read.
    """

    round: int = 0
    step: int = 0
    total: float | Tensor = 0.0


class ResumePlan(NamedTuple):
    """Where a training keeps its state, every how many minutes, what stops it, its code's version."""

    path: Path
    minutes: float
    stop: StopFlag
    code: str

    def discard(self) -> None:
        """Remove the state of a training that has succeeded."""
        self.path.unlink(missing_ok=True)


class ResumeFile:
    """The file of one training's state; ``key`` tells trainings apart (:func:`fingerprint`)."""

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key

    def save(
        self, model: nn.Module, optimiser: torch.optim.Optimizer, scaler: torch.amp.GradScaler,
        position: Position, metadata: Mapping[str, object],
    ) -> None:  # fmt: skip
        """Publish the state; ``metadata`` is plain JSON that :meth:`restore` gives back."""
        kept = {
            f"{key}.{name}": value
            for name, parameter in _trained(model)
            for key, value in optimiser.state.get(parameter, {}).items()
            if key in OPTIMISER_STATE and value is not None
        }
        header = {
            "key": self.key,
            "position": [position.round, position.step, float(position.total)],
            "account": metadata,
            "scaler": scaler.state_dict(),
        }
        publish_tensors(self.path, {**dict(_state(model)), **kept}, header)

    def restore(
        self, model: nn.Module, optimiser: torch.optim.Optimizer, scaler: torch.amp.GradScaler
    ) -> tuple[Position, dict[str, object]]:
        """Put a saved state back; returns its position and metadata, the beginning and {} without one."""
        saved = self._read()
        if saved is None:
            return Position(), {}
        tensors, header = saved
        with torch.no_grad():
            for name, tensor in _state(model):
                tensor.copy_(tensors[name])
        for name, parameter in _trained(model):
            for key in OPTIMISER_STATE:
                if f"{key}.{name}" in tensors:
                    optimiser.state[parameter][key] = _like(parameter, tensors[f"{key}.{name}"])
        scaler.load_state_dict(header["scaler"])
        position = Position(*header["position"])
        log(f"resumed from {self.path} at round {position.round + 1}, step {position.step}")
        return position, header["account"]

    def _read(self) -> tuple[dict[str, Tensor], dict] | None:
        if not self.path.is_file():
            return None
        try:
            tensors, header = read_tensors(self.path)
        except ValueError as error:
            log(f"{error}; training starts from its beginning")
            return None
        if header.get("key") != self.key:
            log(f"{self.path} belongs to other settings; training starts from its beginning")
            return None
        return tensors, header


class Stateful(Protocol):
    """What is kept beside a training's tensors, as plain JSON types."""

    def state_dict(self) -> dict[str, object]: ...

    def load_state_dict(self, state: Mapping[str, object]) -> None: ...


class Resumption:
    """When a training writes its state and when it stops; asked after each step and round.

    ``minutes``: between two states; a shorter training writes none until it is stopped. ``stop``: set by a
    signal; the state is written and the training ends at the next step. ``kept``: what else is saved and
    restored.
    """

    def __init__(self, file: ResumeFile, minutes: float, stop: StopFlag, kept: Stateful) -> None:
        self.file, self.minutes, self.stop, self.kept = file, minutes, stop, kept

    def begin(
        self, model: nn.Module, optimiser: torch.optim.Optimizer, scaler: torch.amp.GradScaler
    ) -> Position:
        """Restore a saved state, if there is one of this training; returns where to go on."""
        self.training = (model, optimiser, scaler)
        self.began = self.saved = monotonic()
        position, state = self.file.restore(*self.training)
        if position != Position():
            self.kept.load_state_dict(state)
        return position

    def after_step(self, position: Position) -> None:
        """Stop here when asked to."""
        if self.stop:
            self._save(position)
            self.stop.stop()

    def after_round(self, position: Position, rounds: int) -> None:
        """Write the state when it is due; of a longer training also before the last round's evaluation."""
        since = self.began if position.round + 1 == rounds else self.saved
        if monotonic() - since >= 60 * self.minutes:
            self._save(position)

    def _save(self, position: Position) -> None:
        self.saved = monotonic()
        try:
            self.file.save(*self.training, position, self.kept.state_dict())
        except OSError as error:
            log(f"{error}; training goes on without this resume state")


class NoResumption(Resumption):
    """For trainings of seconds, which begin again."""

    def __init__(self) -> None:
        pass

    def begin(
        self, model: nn.Module, optimiser: torch.optim.Optimizer, scaler: torch.amp.GradScaler
    ) -> Position:
        return Position()

    def after_step(self, position: Position) -> None:
        pass

    def after_round(self, position: Position, rounds: int) -> None:
        pass


def fingerprint(*parts: object) -> str:
    """Return a checksum of everything that decides a training: plain JSON types and tensors."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Tensor):
            digest.update(f"{part.dtype}{tuple(part.shape)}".encode())
            digest.update(tensor_bytes(part).data)
        else:
            digest.update(json.dumps(part, sort_keys=True).encode())
    return digest.hexdigest()


def _like(parameter: nn.Parameter, kept: Tensor) -> Tensor:
    """Return the tensor as the parameter lies in memory; a counter stays on the CPU, as torch has it."""
    return torch.empty_like(parameter).copy_(kept) if kept.shape == parameter.shape else kept.clone()


def _trained(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    return ((name, value) for name, value in model.named_parameters() if value.requires_grad)


def _state(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield everything that training changes: trainable parameters and buffers, prefixed by their kind."""
    yield from ((f"parameter.{name}", value) for name, value in _trained(model))
    yield from ((f"buffer.{name}", value) for name, value in model.named_buffers())
