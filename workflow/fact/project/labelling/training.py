"""`fact run` and `fact more` as processes of their own, told of on the page while they go on."""

import asyncio
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from fact.infra.errors import ConfigError
from fact.infra.fields import Settings

PROGRESS = '{"progress": '
SHOWN_LINES = 40


class Running:
    """At most one command of `fact` at a time in a project; ``tell`` is given how far it is."""

    def __init__(self, project: Path, tell: Callable[[Settings], None]) -> None:
        self.project, self.tell = project, tell
        self.process: asyncio.subprocess.Process | None = None
        self.lines: deque[str] = deque(maxlen=SHOWN_LINES)
        self._began, self._is_stopped = 0.0, False
        self._task: asyncio.Task | None = None
        self.state: Settings = {"state": "idle"}

    def start(self, commands: Sequence[Sequence[str]]) -> None:
        """Begin commands of `fact`, one after the other. Raises ConfigError where some go on already."""
        if self._task and not self._task.done():
            raise ConfigError("a run goes on already; wait for its end, or stop it")
        self.lines.clear()
        self._began, self._is_stopped = time.monotonic(), False
        self._task = asyncio.create_task(self._run(commands))

    def stop(self) -> None:
        """Interrupt the run: trainings keep their state, and the next run goes on from there."""
        self._is_stopped = True
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)

    async def ended(self) -> None:
        """Wait for the end of a run that goes on."""
        if self._task:
            await self._task

    async def _run(self, commands: Sequence[Sequence[str]]) -> None:
        self._say(state="running", phase="beginning", share=0.0, seconds_left=None)
        status: int = 0
        for arguments in commands:
            status = status or self._is_stopped or await self._run_one(arguments)
        # while it plans, a command ends with a status of its own
        ended = "done" if status == 0 else "stopped" if self._is_stopped else "failed"
        self._say(state=ended, lines=list(self.lines))

    async def _run_one(self, arguments: Sequence[str]) -> int:
        command = (sys.executable, "-P", "-m", "fact", *arguments)
        pipe, both = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
        self.process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=both)
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self._read(line.decode("utf-8", "replace").rstrip())
        return await self.process.wait()

    def _read(self, line: str) -> None:
        if not line.startswith(PROGRESS):
            self.lines.append(line)
            return
        found = json.loads(line)
        share, elapsed = found["progress"], time.monotonic() - self._began
        left = elapsed * (1 - share) / share if share > 0 else None
        self._say(state="running", phase=found["phase"], share=share, seconds_left=left)

    def _say(self, **state: object) -> None:
        self.state = state
        self.tell(state)
