"""Orphans of a dead driver, with programs that answer as Slurm's do; the real ones are in tests/slurm."""

import os
from pathlib import Path

import pytest
from fact.infra.slurm.orphans import end_orphans, running_jobs


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with squeue, which prints the file `jobs`, and scancel, which takes lines out of it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    squeue = f"#!/bin/sh\ncat {tmp_path}/jobs\n"
    cancel = f'echo $job >> {tmp_path}/cancelled; sed -i "/^$job|/d" {tmp_path}/jobs'
    scancel = f'#!/bin/sh\nfor job in "$@"; do {cancel}; done\n'
    for name, text in {"squeue": squeue, "scancel": scancel}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    return tmp_path


def test_only_workflow_jobs_of_this_folder_are_ended(slurm: Path) -> None:
    folder = Path("/work/my | study")
    lines = [f"11|fact_1a2b|{folder}", "12|fact_1a2b|/other", f"13|jupyter|{folder}", f"14|fact_ff|{folder}"]
    (slurm / "jobs").write_text("\n".join(lines) + "\n")
    assert end_orphans(folder) == ["11", "14"]
    assert (slurm / "cancelled").read_text().split() == ["11", "14"]
    assert running_jobs(folder) == []


def test_the_job_that_the_driver_runs_in_is_left_alone(slurm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "11")
    (slurm / "jobs").write_text("11|fact_driver|/study\n")
    assert end_orphans(Path("/study")) == []


def test_a_job_that_does_not_end_is_named(slurm: Path) -> None:
    (slurm / "bin" / "scancel").write_text("#!/bin/sh\n")
    (slurm / "jobs").write_text("11|fact_a|/study\n")
    with pytest.raises(TimeoutError, match="Slurm jobs 11 of an earlier run do not end"):
        end_orphans(Path("/study"), timeout_s=0.1)


def test_without_slurm_there_is_nothing_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert end_orphans(Path("/study")) == []
