"""Run the workflow for a project: Snakemake in a process of its own, told everything by arguments."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from fact.project.folder import Project, repository


class RunFailed(ValueError):
    """Snakemake ended with an error, which it has printed."""


def drive(project: Project, targets: Sequence[str], cores: str, options: Sequence[str] = ()) -> None:
    """Make the targets, paths below the project's folder or names of rules. Raises RunFailed.

    ``options``: further arguments of Snakemake. An interruption reaches Snakemake, which then ends its jobs.
    """
    process = subprocess.Popen(command(project, targets, cores, options), cwd=repository())

    def end(number: int, frame: FrameType | None) -> None:
        process.terminate()

    before = signal.signal(signal.SIGTERM, end)
    try:
        status = _wait(process)
    finally:
        signal.signal(signal.SIGTERM, before)
    if status != 0:
        raise RunFailed(
            f"the workflow did not finish (status {status}); the cause is said above, and the same command "
            f"goes on from there. Logs: {project.folder / 'results/logs'}"
        )


def command(project: Project, targets: Sequence[str], cores: str, options: Sequence[str]) -> list[str]:
    """Snakemake's arguments, a list that no shell reads."""
    root = repository()
    # the program's own environment, whatever the PATH says; -P: no module from the current folder
    return [
        *(sys.executable, "-P", "-m", "snakemake"),
        *("--snakefile", str(root / "Snakefile"), "--directory", str(project.folder)),
        *("--workflow-profile", str(root / "profiles/default")),
        *("--cores", cores, *options),
        *("--quiet", "host", "reason"),
        *("--configfile", *map(str, project.overlays)),
        *("--", *targets),
    ]


def _wait(process: subprocess.Popen) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C goes to both; Snakemake ends its jobs, and that is waited for
            continue


def inside(project: Project, path: Path) -> str:
    """A path below the project's folder as a target."""
    return str(path.relative_to(project.folder))
