"""A copy of the checkout, and a way to run the workflow in it as a user would."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fact.data.sources import digits

REPOSITORY = Path(__file__).parents[2]
# the environment's programs, as a user with an activated environment has them
PROGRAMS = Path(sys.executable).parent
# the same results to the byte, and large packages are imported once in a run instead of once in a job
WARM_SNAKEMAKE = (sys.executable, "workflow/warm_snakemake.py")
# further packages that jobs of these small runs need
PRELOAD = "matplotlib.pyplot,peft,sklearn.cluster"
Run = Callable[..., subprocess.CompletedProcess]

# on the backbone that has seen the digits: with few epochs its scores are far from chance
TINY = """
run:
  seeds: [0]
  methods: [LR-frozen, LP, FF, LP-FT, LP-LoRA,
    FACT w/o FroFA, FACT, FACT-auto, L3FACT w/o FroFA, L3FACT, L3FACT-auto]
  history: paper
datasets:
  digits:
    backbones: [vit_digits]
    budgets: [20img]
    labels: labels.csv
    recipes: {ff: {epochs: 4, history_every: 2}}
selectors:
  activeft:
    params: {iterations: 20}
training: {history_every: 1}
recipes:
  lp-ft: {epochs: 4}
  lp-lora: {epochs: 4}
"""


def copy_checkout(destination: Path) -> Path:
    """Copy what git would carry: tracked files and new ones that it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in filter(lambda name: (REPOSITORY / name).is_file(), listed):
        (destination / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, destination / name)
    return destination


def prepared(folder: Path, overlay: str, name: str) -> Path:
    """A copy of the checkout with an overlay of this file name, and ``labels.csv`` of the digits."""
    checkout = copy_checkout(folder)
    (checkout / name).write_text(overlay)
    (checkout / "labels.csv").write_text(digits_labels())
    return checkout


def digits_labels() -> str:
    """The labels of the pool of digits, as somebody would have labelled them."""
    rows, _, classes = digits.index(None)
    pool = rows[rows["split"] == "pool"]
    lines = (
        f"{name},{classes[label]}\n" for name, label in zip(pool["sample_id"], pool["label"], strict=True)
    )
    return "sample_id,label\n" + "".join(lines)


def finished_run(factory: pytest.TempPathFactory, overlay: str, name: str, cores: int = 2) -> Path:
    """A copy in which the overlay's work has been done; it is done once for all workers of a test session."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    original = base / f"finished-{hashlib.sha256(overlay.encode()).hexdigest()[:12]}"
    with original.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (original / ".finished").exists():
            checkout = prepared(original, overlay, name)
            runner(checkout)(*WARM_SNAKEMAKE, "--cores", str(cores), "--configfile", name)
            (original / ".finished").touch()
    return copy_of(original, factory.mktemp("finished") / "checkout")


def copy_of(checkout: Path, destination: Path) -> Path:
    """The whole checkout with its results, times of files included."""
    return shutil.copytree(checkout, destination, symlinks=True, copy_function=shutil.copy2)


def environment(checkout: Path) -> dict[str, str]:
    """A user's environment in the copy: the tests' own programs, the copy's library, no network."""
    return {
        **os.environ,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(checkout / "workflow"),
        "HF_HUB_OFFLINE": "1",
        "PRELOAD": PRELOAD,
    }


def runner(checkout: Path, **extra: str) -> Run:
    """``run("snakemake", …)`` inside the copy: its own library, and ``extra`` environment variables."""

    def run(*command: str, succeeds: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            command, cwd=checkout, env=environment(checkout) | extra, capture_output=True, text=True
        )
        assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
        return done

    return run


def planned(output: str) -> set[str]:
    """Names of the rules in the job table that a dry run prints first; none when nothing is to be done."""
    if "Nothing to be done" in output:
        return set()
    table = output.split("job ", 1)[1].split("\n\n", 1)[0]
    lines = [line.split() for line in table.splitlines()[2:]]
    return {words[0] for words in lines if len(words) == 2 and words[0] != "total"}


def told_jobs(output: str) -> dict[str, str]:
    """Jobs by rule in the table that ``fact plan`` prints."""
    return {words[0]: words[1] for line in output.splitlines() if len(words := line.split()) == 3}
