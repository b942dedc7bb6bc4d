"""Damage, full disks, read-only folders, edits under a live run: named, not used, and mended by a rerun."""

import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checkout import environment, runner
from drill import COMMAND, checksums, jobs_of, wait_for_orphans
from waiting import wait_for

SELECTION = "results/selections/digits/vit_digits/activeft/20img/seed0.csv"
CELL = "results/runs/digits/vit_digits/activeft/20img/seed0"
# a file of each kind, and the output of a job that reads it
READ_BY = {
    "results/sources/digits/source.json": "results/datasets/digits/manifest.parquet",
    "results/datasets/digits/manifest.parquet": "results/features/digits/vit_digits/pool.h5",
    "results/datasets/digits/classes.json": f"{CELL}/probe/soft/head.safetensors",
    "results/weights/vit_digits/model.safetensors": "results/features/digits/vit_digits/pool.h5",
    "results/weights/vit_digits/backbone.json": "results/features/digits/vit_digits/pool.h5",
    "results/features/digits/vit_digits/pool.h5": f"{CELL}/probe/soft/head.safetensors",
    "results/selections/digits/vit_digits/activeft/20img/seed0.csv": f"{CELL}/probe/soft/head.safetensors",
    f"{CELL}/probe/soft/head.safetensors": f"{CELL}/lp-ft/checkpoint.safetensors",
    f"{CELL}/lp-ft/checkpoint.safetensors": f"{CELL}/lp-ft/refined_test.h5",
    f"{CELL}/lp-ft/refined_labelled.h5": f"{CELL}/lp-ft/map/head.safetensors",
    f"{CELL}/lp-ft/map/score.json": "results/scores/table1.parquet",
    "results/scores/table1.parquet": "results/tables/table1.md",
}
# one of each format is cut short too, which is seen as soon as it is opened
FORMATS = ("json", "parquet", "h5", "csv", "safetensors")
CUT_SHORT = [next(name for name in READ_BY if name.endswith(ending)) for ending in FORMATS]


def flip(content: bytes) -> bytes:
    """One bit in the middle: of a name, a number or a label."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


def truncate(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def overwrite(path: Path, content: bytes) -> None:
    """As a bad disk would: the file's times stay."""
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("name", "damage"), [*((name, flip) for name in READ_BY), *((name, truncate) for name in CUT_SHORT)]
)
def test_a_damaged_file_is_named_and_not_used(
    small: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    path, output = small / name, small / READ_BY[name]
    kept = {file: (file.read_bytes(), file.stat()) for file in (path, *siblings(output))}
    if name.endswith(".csv"):
        damage = corrupt_an_id if damage is flip else truncate
    overwrite(path, damage(path.read_bytes()))
    try:
        done = run_one(small, READ_BY[name])
    finally:
        for file, (content, times) in kept.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    told = done.stdout + done.stderr
    assert done.returncode != 0, "the damaged file was used"
    assert path.name in told and "run" in told


def corrupt_an_id(content: bytes) -> bytes:
    """Another image's id, which only the record beside the list can tell."""
    first = content.split(b"\n")[1].split(b",")[1]
    other = first[:-1] + (b"1" if first[-1:] != b"1" else b"2")
    return content.replace(first, other, 1)


def siblings(output: Path) -> list[Path]:
    """What the job that writes ``output`` writes: Snakemake deletes it before and after a failure."""
    return [path for path in output.parent.iterdir() if path.is_file()]


def run_one(checkout: Path, output: str) -> subprocess.CompletedProcess:
    """Run one job alone, as it would be run inside a workflow."""
    command = ("snakemake", "--cores", "1", "--configfile", "drill.yaml", "--allowed-rules", *RULES[output])
    return subprocess.run(
        [*command, "--force", "--", output],
        cwd=checkout,
        env=environment(checkout),
        capture_output=True,
        text=True,
    )


RULES = {
    "results/datasets/digits/manifest.parquet": ["index_dataset"],
    "results/features/digits/vit_digits/pool.h5": ["extract_features"],
    f"{CELL}/probe/soft/head.safetensors": ["train_probe"],
    f"{CELL}/lp-ft/checkpoint.safetensors": ["tune_backbone"],
    f"{CELL}/lp-ft/refined_test.h5": ["refine_features"],
    f"{CELL}/lp-ft/map/head.safetensors": ["fit_head"],
    "results/scores/table1.parquet": ["collect_scores"],
    "results/tables/table1.md": ["make_table"],
}


@pytest.mark.parametrize(
    ("output", "limit", "needing"),
    [
        ("results/features/digits/vit_digits/pool.h5", 150_000, SELECTION),
        (f"{CELL}/lp-ft/checkpoint.safetensors", 1_000_000, f"{CELL}/lp-ft/score.json"),
    ],
)
def test_a_full_disk_is_told_and_the_same_command_goes_on(
    site: Path, expected: dict[str, str], output: str, limit: int, needing: str
) -> None:
    (site / output).unlink()
    # what needs it is to be made again, and so is it
    (site / needing).unlink()
    full = subprocess.run(
        COMMAND, cwd=site, env=environment(site), capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    told = full.stdout + full.stderr
    assert full.returncode != 0
    assert f"no room to write {output}" in told and "bytes were written" in told
    assert not list((site / "results").rglob("*.tmp")) and not (site / output).exists()
    runner(site)(*COMMAND)
    assert checksums(site) == expected


@contextmanager
def mounted(*options: str, at: Path) -> Iterator[None]:
    done = subprocess.run(["mount", *options, str(at)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def test_a_disk_full_during_the_table(site: Path, expected: dict[str, str]) -> None:
    tables = site / "results/tables"
    for path in tables.iterdir():
        path.unlink()
    with mounted("-t", "tmpfs", "-o", "size=4k", "tmpfs", at=tables):
        # Snakemake removes a folder that a failed job leaves empty, and this one cannot be removed
        (tables / "another.csv").touch()
        done = runner(site)(*COMMAND, succeeds=False)
        assert "no room to write results/tables/table1" in done.stdout + done.stderr
    runner(site)(*COMMAND)
    assert checksums(site) == expected


def test_read_only_results_are_told_before_any_work(site: Path) -> None:
    results = site / "results"
    (results / "tables/table1.md").unlink()
    with mounted("--bind", "-o", "ro", str(results), at=results):
        done = runner(site)(*COMMAND, succeeds=False)
        told = done.stdout + done.stderr
        # Snakemake's own words for outputs that cannot be replaced
        assert "Write-protected output files" in told and "results/tables/table1.csv" in told
        assert "Traceback" not in told


@contextmanager
def running(site: Path, rule: str) -> Iterator[tuple[subprocess.Popen, Path]]:
    """The command, with a job of a rule at work."""
    log = site / "background.log"
    with log.open("w") as file:
        # a process group of its own, as a terminal's command has
        start = {"cwd": site, "env": environment(site), "process_group": 0}
        driver = subprocess.Popen(COMMAND, stdout=file, stderr=file, **start)
    try:
        wait_for(lambda: rule in dict(jobs_of(site)).values(), pause_s=0.02)
        yield driver, log
    finally:
        driver.kill()
        driver.wait()
        wait_for_orphans(site)


def test_a_second_run_in_the_folder_says_so_and_changes_nothing(site: Path, expected: dict[str, str]) -> None:
    (site / CELL / "lp-ft/checkpoint.safetensors").unlink()
    with running(site, "tune_backbone") as (driver, _):
        second = runner(site)(*COMMAND, succeeds=False)
        assert f"another run works in this folder (process {driver.pid}" in second.stdout + second.stderr
        assert driver.wait() == 0
    assert checksums(site) == expected


def test_a_training_stopped_by_sigterm_resumes(site: Path, expected: dict[str, str]) -> None:
    (site / CELL / "lp-ft/checkpoint.safetensors").unlink()
    resume, log = site / CELL / "lp-ft/resume.safetensors", site / "results/logs/tune_backbone"
    with running(site, "tune_backbone") as (driver, _):
        wait_for(resume.exists, pause_s=0.02)
        for process in dict(jobs_of(site)):
            os.kill(process, signal.SIGTERM)
        assert driver.wait() != 0
    assert resume.exists()
    runner(site)(*COMMAND)
    assert "resumed from" in next(log.rglob("lp-ft.log")).read_text("utf-8")
    assert not resume.exists() and checksums(site) == expected


def test_ctrl_c_says_where_a_training_stands_and_it_goes_on_from_there(
    site: Path, expected: dict[str, str]
) -> None:
    (site / CELL / "lp-ft/checkpoint.safetensors").unlink()
    resume = site / CELL / "lp-ft/resume.safetensors"
    with running(site, "tune_backbone") as (driver, log):
        wait_for(resume.exists, pause_s=0.02)
        os.killpg(driver.pid, signal.SIGINT)
        assert driver.wait() == 130
        told = log.read_text("utf-8").splitlines()
    place = re.fullmatch(r"stopped in epoch (\d+) of 30; the same command goes on from there", told[-1])
    assert place and not any(line.startswith("Traceback") for line in told)
    runner(site)(*COMMAND)
    again = next((site / "results/logs/tune_backbone").rglob("lp-ft.log")).read_text("utf-8")
    assert f"at round {place[1]}, step" in again
    assert not resume.exists() and checksums(site) == expected


def test_code_edited_under_a_live_run_stops_the_stages_it_concerns(site: Path) -> None:
    (site / CELL / "lp-ft/checkpoint.safetensors").unlink()
    frofa = site / "workflow/fact/training/frofa/views.py"
    with running(site, "tune_backbone") as (driver, log):
        text = frofa.read_text("utf-8")
        frofa.write_text(text + "\nEDITED = 1\n", "utf-8")
        assert driver.wait() != 0
        told = log.read_text("utf-8")
    assert "the code of this stage is not what the run began with" in told and "fit_head" in told
    # the stages that do not use it went on
    assert (site / CELL / "lp-ft/refined_test.h5").is_file()
    frofa.write_text(text, "utf-8")
    runner(site)(*COMMAND)


def test_an_orphan_writes_while_its_rerun_writes(site: Path, expected: dict[str, str]) -> None:
    (site / "results/features/digits/vit_digits/pool.h5").unlink()
    (site / SELECTION).unlink()
    with running(site, "extract_features") as (driver, _):
        driver.kill()
        driver.wait()
        again = runner(site)(*COMMAND)
        assert "extract_features" in again.stdout + again.stderr
    assert checksums(site) == expected
