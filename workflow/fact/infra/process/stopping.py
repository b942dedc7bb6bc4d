"""A run that Ctrl-C stops: that it was, and where its trainings stand."""

import re
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType

from fact.infra.errors import ArtifactError
from fact.infra.files.tensor_header import read_header

STATUS = 128 + signal.SIGINT
GOES_ON = "the same command goes on from there"
# what a training's log says of itself
COUNTED = re.compile(r"(?:epoch|iteration) (?P<done>\d+) of (?P<total>\d+)\b")


class StopNotice:
    """Notes that Ctrl-C has stopped this process, which it does as before.

    Nothing is noted where Ctrl-C is ignored or means something else.
    """

    def __init__(self) -> None:
        self.stopped, self.since = False, time.time()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True
        raise KeyboardInterrupt

    def line(self, trainings: Iterable[tuple[str, str]]) -> str:
        """Return what is said at the end: where each training stands that has saved its state since.

        ``trainings``: path of the state, as among a job's parameters, and of the log of each.
        """
        found = [place for path, log in trainings for place in self._places(Path(path), Path(log))]
        return f"stopped{' ' if found else ''}{' and '.join(found)}; {GOES_ON}"

    def _places(self, path: Path, log: Path) -> Iterator[str]:
        for state in (path, path.with_name(f"{path.name}.resume.safetensors")):
            if state.is_file() and state.stat().st_mtime >= self.since:
                yield from place_of(state, log)


def place_of(state: Path, log: Path) -> Iterator[str]:
    """Yield where a training stands, such as ``in epoch 33 of 50``; nothing for a state that cannot be read.

    Where rounds are no epochs, it is what the log has said last: ``after iteration 400 of 2000``.
    """
    try:
        header = read_header(state)
    except ArtifactError:
        return
    *_, told = [None, *COUNTED.finditer(log.read_text("utf-8", "replace") if log.is_file() else "")]
    if any("epoch" in entry for entry in _history(header)):
        total = f" of {told['total']}" if told else ""
        yield f"in epoch {header['position'][0] + 1}{total}"
    elif told:
        yield f"after {told[0]}"


def _history(header: Mapping) -> list[dict]:
    return header.get("account", {}).get("history", [])
