"""Run the workflow for a project: Snakemake in a process of its own, told everything by arguments."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from types import FrameType
from typing import Literal, NamedTuple

from fact.config.paths import LOGS
from fact.infra.errors import ConfigError, FactError, Stopped
from fact.infra.files.shipped import PROFILES, workflow_folder, workflow_snakefile
from fact.infra.process.cache_folder import with_cache
from fact.infra.process.stopping import GOES_ON
from fact.project.folder import Project
from fact.project.run_state import RunningJob, RunState
from fact.project.run_view import OnPlan, explain, follow, ignore

IN_CONFIG = "write the keys into fact.yaml"
IN_FOLDER = "a project's results are in its own folder"
DRY_RUN = "use fact run --dry-run"
WARM_SNAKEMAKE, WARM_UP = "workflow/warm_snakemake.py", "--warm-up"
# options of Snakemake that are given to it anyway, and what to do instead
OWN_OPTIONS = {
    **dict.fromkeys(("--configfile", "--configfiles", "--config", "-C"), IN_CONFIG),
    **dict.fromkeys(("--directory", "-d", "--snakefile", "-s"), IN_FOLDER),
    **dict.fromkeys(("--dry-run", "--dryrun", "-n"), DRY_RUN),
    **dict.fromkeys(("--cores", "-c", "--jobs", "-j"), "use fact run --cores N"),
    "--workflow-profile": "use --option=--profile=NAME",
}


class RunFailed(FactError):
    """Snakemake ended with an error, which the text tells."""


class RunStopped(Stopped):
    """The user stopped Snakemake; the text tells where, and that the same command goes on."""


Output = Literal["bar", "quiet", "verbose", "json"]


class Manner(NamedTuple):
    """How Snakemake is driven: cores, further arguments of it, and what of it is shown.

    ``output``: ``bar`` for one bar, ``quiet`` for nothing, ``verbose`` for all that Snakemake prints,
    ``json`` for lines that a program reads.
    """

    cores: str = "all"
    options: Sequence[str] = ()
    output: Output = "bar"


def drive(
    project: Project,
    targets: Sequence[str],
    manner: Manner,
    *,
    options: Sequence[str] = (),
    on_plan: OnPlan = ignore,
    warm_up: bool = False,
) -> None:
    """Make the targets, paths below the project's folder or names of rules.

    ``options``: arguments of Snakemake for these targets. ``on_plan`` is given the rules that will run, if
    any do. ``warm_up`` where jobs will surely run: packages are imported while Snakemake plans.
    Raises RunFailed with the cause.
    """
    check_options(manner.options)
    first = [WARM_UP] if warm_up else []
    arguments = command(project, targets, manner.cores, options=[*first, *options, *manner.options])
    # there Snakemake finds a profile by its name, such as `slurm`
    run = partial(run_interruptible, arguments, workflow_folder(), environment=_environment(project))
    if manner.output == "verbose":
        # what is read to the end is not shown, and the other way round
        rules = [] if on_plan is ignore else _dry_run(project, targets, manner)[0].rules
        if rules:
            on_plan(rules)
        status, cause = run(), "the cause is said above"
    else:
        state = RunState(project.folder)
        status = run(partial(follow, state=state, output=manner.output, on_plan=on_plan))
        cause = explain(state, partial(print, file=sys.stderr)) if status else ""
    if status > 128:
        raise RunStopped(f"{cause}; {GOES_ON}")
    if status != 0:
        raise RunFailed(
            f"the workflow did not finish (status {status}): {cause}. The same command goes on from there. "
            f"Logs: {project.folder / LOGS}"
        )


def check_options(options: Sequence[str]) -> None:
    """Raise ConfigError for an option of Snakemake that `fact run` has of its own, which would be lost."""
    for option in options:
        name = option.partition("=")[0]
        if remedy := OWN_OPTIONS.get(name):
            raise ConfigError(f"--option={option}: `fact run` sets {name} itself; {remedy}")


def planned(project: Project, targets: Sequence[str], manner: Manner) -> list[str]:
    """Return what would be done for the targets, one phase per entry, without doing it. Raises RunFailed."""
    return list(dict.fromkeys(job.phase for job in _dry_run(project, targets, manner)[1]))


def _dry_run(project: Project, targets: Sequence[str], manner: Manner) -> tuple[RunState, list[RunningJob]]:
    """Return what a dry run has printed, and the jobs that it would start. Raises RunFailed."""
    state = RunState(project.folder)
    arguments = command(project, targets, manner.cores, options=["--dry-run", *manner.options])
    start = partial(subprocess.run, cwd=workflow_folder(), env=_environment(project))
    done = start(arguments, capture_output=True, text=True)
    jobs = [job for line in (done.stdout + done.stderr).splitlines() if (job := state.read(line))]
    if done.returncode:
        raise RunFailed(f"the run cannot be planned: {explain(state, partial(print, file=sys.stderr))}")
    return state, jobs


def _environment(project: Project) -> dict[str, str]:
    return with_cache(os.environ, project.folder / ".snakemake/cache")


def run_interruptible(
    arguments: Sequence[str],
    folder: Path,
    show: "Callable[[Popen[str]], None] | None" = None,
    *,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a program in a folder to its end; ``show`` reads what it prints meanwhile.

    Return its status, 128 + signal where one stopped it.

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
    start = partial(Popen, arguments, cwd=folder, process_group=0, env=environment)
    try:
        process = start(stdout=PIPE, stderr=STDOUT, text=True, errors="replace") if show else start()
        if received:
            interrupt(received[0], None)
        if show:
            show(process)
        status = process.wait()
        return 128 + received[0] if received and status else status
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
        *(sys.executable, "-P", str(root / WARM_SNAKEMAKE)),
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
