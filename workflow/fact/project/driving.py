"""Run the workflow for a project: Snakemake in a process of its own, told everything by arguments."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from fact.config.paths import LOGS
from fact.infra.errors import FactError
from fact.infra.files.shipped import PROFILES, workflow_folder, workflow_snakefile
from fact.project.folder import Project


class RunFailed(FactError):
    """Snakemake ended with an error, which it has printed."""


def drive(project: Project, targets: Sequence[str], cores: str, options: Sequence[str] = ()) -> None:
    """Make the targets, paths below the project's folder or names of rules. Raises RunFailed.

    ``options``: further arguments of Snakemake.
    """
    status = run_interruptible(command(project, targets, cores, options=options), project.folder)
    if status != 0:
        raise RunFailed(
            f"the workflow did not finish (status {status}); the cause is said above, and the same command "
            f"goes on from there. Logs: {project.folder / LOGS}"
        )


def run_interruptible(arguments: Sequence[str], folder: Path) -> int:
    """Run a program to its end and return its status.

    Ctrl-C, SIGTERM and a closed terminal reach it and its jobs alike, as Ctrl-C: trainings keep their state
    and end, while Snakemake alone would let them go on for hours. Under ``nohup`` a terminal may close.
    """
    received: list[int] = []
    process: subprocess.Popen | None = None

    def interrupt(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if process and process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)

    # before the program starts, which would inherit that Ctrl-C is ignored, as in the background of a script
    before = {number: signal.signal(number, interrupt) for number in _stops()}
    try:
        process = subprocess.Popen(arguments, cwd=folder, process_group=0)
        if received:
            interrupt(received[0], None)
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stops() -> list[signal.Signals]:
    closed = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *closed]


def command(project: Project, targets: Sequence[str], cores: str, options: Sequence[str]) -> list[str]:
    """Return Snakemake's arguments, a list that no shell reads."""
    root = workflow_folder()
    # the program's own environment, whatever the PATH says; -P: no module from the current folder
    return [
        *(sys.executable, "-P", "-m", "snakemake"),
        *("--snakefile", workflow_snakefile(), "--directory", str(project.folder)),
        *("--workflow-profile", str(root / PROFILES)),
        *("--cores", cores, *options),
        *("--quiet", "host", "reason"),
        *("--configfile", *map(str, project.overlays)),
        *("--", *targets),
    ]


def inside(project: Project, path: Path) -> str:
    """Return a path below the project's folder as a target."""
    return str(path.relative_to(project.folder))
