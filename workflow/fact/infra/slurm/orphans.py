"""Slurm jobs that a dead driver has left behind: end them before the same work is submitted again.

Snakemake forgets its submitted jobs when it is killed. Slurm does not: they carry the name prefix of the
profile and the folder they were submitted from. SIGTERM lets a training write its resume state, so that
the job that follows goes on from there.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

# `slurm-jobname-prefix` in slurm/profile.v9+.yaml
PREFIX = "fact_"


def end_orphans(folder: Path, timeout_s: float = 120.0) -> list[str]:
    """Cancel this user's workflow jobs submitted from ``folder``, wait for their end, return their ids.

    Call it only while the run lock is held: any such job then belongs to a run that is dead. Does nothing
    where there is no Slurm. Raises TimeoutError when jobs do not end.
    """
    if shutil.which("squeue") is None:
        return []
    result = running_jobs(folder)
    if result:
        subprocess.run(["scancel", *result], check=True)
    deadline = time.monotonic() + timeout_s
    while left := sorted(set(result) & set(running_jobs(folder))):
        if time.monotonic() > deadline:
            names = ", ".join(left)
            raise TimeoutError(f"Slurm jobs {names} of an earlier run do not end; cancel them by hand")
        time.sleep(1)
    return result


def running_jobs(folder: Path) -> list[str]:
    """Return ids of this user's pending and running workflow jobs that were submitted from ``folder``."""
    command = ["squeue", "--me", "--noheader", "--format=%A|%j|%Z"]
    listed = subprocess.run(command, capture_output=True, text=True)
    # a controller that does not answer is for Snakemake's own retries to deal with
    rows = [line.split("|", 2) for line in listed.stdout.splitlines() if line.count("|") >= 2]
    own = os.environ.get("SLURM_JOB_ID")
    return [
        number
        for number, name, workdir in rows
        if name.startswith(PREFIX) and Path(workdir) == folder and number != own
    ]
