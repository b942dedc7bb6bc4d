"""Show a run: on a terminal one bar with phase and time left, elsewhere one line per phase."""

import json
import re
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import Popen
from typing import Literal

from fact.infra.process.printable import printable
from fact.infra.process.stopping import GOES_ON
from fact.project.run_state import RunningJob, RunState

Output = Literal["bar", "quiet", "json"]
# is given the rules that will run, before the first of them has ended
OnPlan = Callable[[Sequence[str]], None]
SECONDS = 0.5
SHOWN_LINES = 15
# what Snakemake prints when it is interrupted, and what the workflow says then of its trainings
STOPPED = "Terminating processes on user request"
PLACE = re.compile(rf"stopped (?P<place>.+); {GOES_ON}")


def ignore(rules: Sequence[str]) -> None:
    """Take no notice of the rules that will run."""


def follow(process: "Popen[str]", state: RunState, *, output: Output, on_plan: OnPlan = ignore) -> None:
    """Read what a run prints until it ends, and show where it is: ``json`` for a program, ``quiet`` not at
    all. ``on_plan`` is given the rules that will run, before any of them is shown.
    """
    if output != "json" and (output == "quiet" or not sys.stderr.isatty()):
        _print_phases(process, state, on_plan, quiet=output == "quiet")
        return
    show = _print if output == "json" else _draw
    reader = threading.Thread(target=_read_all, args=(process, state), daemon=True)
    reader.start()
    show(state, reader, until=state.planned.is_set)
    if state.rules:
        on_plan(state.rules)
    show(state, reader, until=lambda: False)


def _print_phases(process: "Popen[str]", state: RunState, on_plan: OnPlan, *, quiet: bool) -> None:
    """Name each phase when it first begins."""
    told, seen = False, set()
    for line in process.stdout or ():
        job = state.read(line)
        if state.rules and state.planned.is_set() and not told:
            told = True
            on_plan(state.rules)
        if job and not quiet and job.phase not in seen:
            seen.add(job.phase)
            print(f"           {job.phase}", flush=True)


def _read_all(process: "Popen[str]", state: RunState) -> None:
    for line in process.stdout or ():
        state.read(line)
    state.planned.set()


def _print(state: RunState, reader: threading.Thread, *, until: Callable[[], bool]) -> None:
    """Print the part that is done and the phase as a line of JSON, whenever either is another one."""
    before, goes_on = None, True
    while goes_on:
        reader.join(SECONDS)
        goes_on = reader.is_alive() and not until()
        now = {"progress": round(state.share(), 3), "phase": state.describe()}
        if now != before:
            print(json.dumps(now), flush=True)
        before = now


def _draw(state: RunState, reader: threading.Thread, *, until: Callable[[], bool]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        TextColumn("{task.percentage:.0f} %, about"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("planning", total=1.0)
        while reader.is_alive() and not until():
            reader.join(SECONDS)
            bar.update(task, completed=state.share(), description=state.describe())
        bar.update(task, completed=state.share(), description=state.describe())


def explain(state: RunState, say: Callable[[str], None]) -> str:
    """Print why a run has failed, as far as its output tells; return the cause in one sentence."""
    if any(line.startswith(STOPPED) for line in state.lines):
        return ", ".join(
            [*_places(state), f"while {state.failed[0].phase if state.failed else state.describe()}"]
        )
    if not state.failed:
        for line in list(state.lines)[-SHOWN_LINES:]:
            say(printable(line))
        return "the cause is said above"
    job = state.failed[0]
    lines = _log_lines(state.folder, job)
    errors = [line for line in lines if line.startswith("error: ")]
    if errors:
        return f"{job.phase}: {printable(errors[-1].removeprefix('error: '))}"
    for line in lines[-SHOWN_LINES:]:
        say(printable(line))
    return f"{job.phase} has failed, its log ends as above: {job.log}"


def _places(state: RunState) -> list[str]:
    found = map(PLACE.fullmatch, state.lines)
    return [match["place"] for match in found if match]


def _log_lines(folder: Path, job: RunningJob) -> list[str]:
    log = folder / job.log
    return log.read_text("utf-8", "replace").splitlines() if job.log and log.is_file() else []
