"""The probe in a process of its own, so that no key press waits for it: labels go in, advice comes out."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from fact.infra.fields import Settings

if TYPE_CHECKING:
    from fact.project.labelling.advice import Known, Labels

NICE = 10
IDLE_S = 1.0
"""What takes longer waits until nobody has labelled anything for so long."""
POOL_ROWS = 20_000
"""Images of the pool that are looked at for its classes; more would not change a share."""
NEW_LABELS = 5
"""Labels after which C is chosen anew, and the learning curve drawn."""


@dataclass(frozen=True)
class AdviserSettings:
    """Where the frozen features are, of which images, by position, and the list of groups, if any."""

    features: Path
    sample_ids: Sequence[str]
    groups: Sequence[str]


class Adviser:
    """A process that is given labels and tells what they say, in parts as they come."""

    def __init__(self, settings: AdviserSettings, tell: Callable[[Settings], None]) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=advise, args=(theirs, settings), daemon=True)
        with _deaf_to_ctrl_c():
            self._process.start()
        theirs.close()
        self._reader = threading.Thread(target=self._read, args=(tell,), daemon=True)
        self._reader.start()

    def give(self, labels: Mapping[int, str]) -> None:
        """Hand over all labels as they are now; nothing happens where the process has ended."""
        try:
            self._connection.send(dict(labels))
        except OSError:
            return

    def end(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._connection.close()

    def _read(self, tell: Callable[[Settings], None]) -> None:
        try:
            while True:
                tell(self._connection.recv())
        except (EOFError, OSError):
            return


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, which a terminal sends to all: this one ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def advise(connection: Connection, settings: AdviserSettings) -> None:
    """Answer labels with advice until the other side ends. What is newest is answered, and nothing older."""
    os.nice(NICE)
    try:
        _Worker(settings, connection).run()
    except (EOFError, OSError):
        return


class _Worker:
    """The probe's state between labels: its C and temperature, and for how many labels they were chosen."""

    def __init__(self, settings: AdviserSettings, connection: Connection) -> None:
        from fact.project.labelling.advice import FIRST_C

        self.connection, self.C, self.temperature = connection, FIRST_C, 1.0
        self.studied = 0
        try:
            self.known = read_known(settings)
        except (ValueError, OSError) as error:
            connection.send({"problem": f"there are no suggestions: {error}"})
            raise EOFError from error

    def run(self) -> None:
        from fact.project.labelling.advice import read_labels, similar_order

        order, alike = similar_order(self.known)
        self.connection.send({"order": order, "alike": alike})
        while True:
            given = self.connection.recv()
            while self.connection.poll():
                given = self.connection.recv()
            labels = read_labels(given)
            if len(labels.names) > 1:
                self._answer(labels)

    def _answer(self, labels: "Labels") -> None:
        from fact.project.labelling.advice import accuracy, look_again, suggestions, validate

        found = suggestions(self.known, labels, self.C, self.temperature)
        self.connection.send({"suggestions": found, "labelled": len(labels.rows)})
        if self.connection.poll():
            return
        validated, choice = validate(self.known, labels, self.C)
        self.temperature = choice.temperature
        self.connection.send(
            {
                "accuracy": accuracy(self.known, labels, self.C, choice),
                "again": look_again(labels, validated, choice),
            }
        )
        if abs(len(labels.rows) - self.studied) >= NEW_LABELS and not self.connection.poll(IDLE_S):
            self._study(labels)

    def _study(self, labels: "Labels") -> None:
        """Choose C anew, and say what more labels would bring."""
        from fact.project.labelling.advice import chosen_C, more_labels, validate

        self.studied = len(labels.rows)
        self.C = chosen_C(self.known, labels)
        if self.connection.poll():
            return
        validated, choice = validate(self.known, labels, self.C)
        self.connection.send({"more": more_labels(self.known, labels, self.C, validated, choice)})


def read_known(settings: AdviserSettings) -> "Known":
    """Return the frozen features of the asked images and of the pool.

    Raises FileNotFoundError, and ArtifactError for images that the features lack.
    """
    import numpy as np
    import torch

    from fact.data.grouping import group_numbers
    from fact.features.labelled import positions
    from fact.features.store import read_features
    from fact.project.labelling.advice import Known

    torch.set_num_threads(1)
    pool = read_features(settings.features, tokens=False)
    rows = positions(pool, list(settings.sample_ids), settings.features)
    some = np.linspace(0, len(pool.features) - 1, min(len(pool.features), POOL_ROWS)).astype(int)
    groups = group_numbers(list(settings.sample_ids), list(settings.groups))
    return Known(pool.features[rows], pool.features[some], groups)
