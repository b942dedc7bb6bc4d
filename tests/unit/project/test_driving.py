import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fact.project.create import new_project
from fact.project.driving import check_options, command, run_interruptible
from fact.project.folder import open_project
from projects import asked
from waiting import LIMIT_S, wait_for

DRIVER = """
import sys
from pathlib import Path
from fact.project.driving import run_interruptible
sys.exit(run_interruptible([sys.executable, *sys.argv[1:]], Path("/")))
"""
# a program with a job of its own, which says that it was interrupted
PROGRAM = """
import pathlib, subprocess, sys
job = subprocess.Popen([sys.executable, *sys.argv[1:]])
try:
    pathlib.Path(sys.argv[2], "program-ready").touch()
    job.wait()
except KeyboardInterrupt:
    job.wait()
    sys.exit(7)
"""
JOB = """
import pathlib, sys, time
try:
    pathlib.Path(sys.argv[1], "job-ready").touch()
    time.sleep(600)
except KeyboardInterrupt:
    pathlib.Path(sys.argv[1], "interrupted").touch()
"""


def test_the_status_comes_back() -> None:
    assert run_interruptible([sys.executable, "-c", "raise SystemExit(3)"], Path("/")) == 3


def driver(tmp_path: Path, *started: str) -> subprocess.Popen:
    """A driver whose program has started a job, both ready to be interrupted."""
    scripts = [tmp_path / f"{number}.py" for number in range(3)]
    for path, text in zip(scripts, (DRIVER, PROGRAM, JOB), strict=True):
        path.write_text(text)
    process = subprocess.Popen(["env", *started, sys.executable, *map(str, scripts), str(tmp_path)])
    wait_for(lambda: all((tmp_path / f"{name}-ready").exists() for name in ("program", "job")))
    return process


# a shell's script starts what it puts into the background with Ctrl-C ignored
@pytest.mark.parametrize("started", ["--default-signal=INT", "--ignore-signal=INT"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_and_its_jobs(tmp_path: Path, stop: signal.Signals, started: str) -> None:
    process = driver(tmp_path, started, "--default-signal=HUP")
    process.send_signal(stop)
    assert process.wait(timeout=LIMIT_S) == 128 + stop and (tmp_path / "interrupted").exists()


def test_under_nohup_a_closed_terminal_ends_nothing(tmp_path: Path) -> None:
    process = driver(tmp_path, "--ignore-signal=HUP")
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=LIMIT_S) == 128 + signal.SIGTERM


def test_arguments_are_a_list_with_names_as_they_are(
    tmp_path: Path, write_image: Callable[..., Path]
) -> None:
    for number in range(3):
        write_image(tmp_path / f"images/{number}.png", seed=number)
    folder = tmp_path / "a; b $(c)"
    new_project(folder, asked(tmp_path / "images"), [])
    given = command(open_project(folder), ["model"], "2", ["--keep-going"])
    assert given[given.index("--directory") + 1] == str(folder)
    assert given[given.index("--configfile") + 1 :] == [str(folder / "fact.yaml"), "--", "model"]
    assert given[given.index("--cores") + 1] == "2" and "--keep-going" in given


@pytest.mark.parametrize(
    "option", ["--configfile=x.yaml", "-n", "--dry-run", "--directory=/x", "--cores=2", "--config=a=1"]
)
def test_an_option_that_would_be_lost_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=r"sets .* itself"):
        check_options([option])


def test_other_options_are_passed_on() -> None:
    check_options(["--profile=slurm", "--keep-going"])
