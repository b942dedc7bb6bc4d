"""What a stage that trains computes with: its device, its seed, and where it keeps its resume state."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from fact.infra.fields import Settings
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan


@dataclass(frozen=True)
class Computing:
    """A device, a seed, and where and when the state of the training is kept; None: it begins again."""

    device: torch.device
    seed: int
    resume: ResumePlan | None = None


@contextmanager
def resumable(device: torch.device, seed: int, resume: Settings, code: str) -> Iterator[Computing]:
    """Yield what to compute with, while SIGTERM and SIGUSR1 ask the training to save its state and stop.

    ``resume``: ``path`` of the state, and ``minutes`` between two states. ``code``: the code
    version.
    """
    with stop_signals() as stop:
        plan = ResumePlan(Path(resume["path"]), resume["minutes"], stop=stop, code=code)
        yield Computing(device, seed, plan)
