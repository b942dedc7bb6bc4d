"""The GPUs of this machine, without a driver library: how many jobs they bear, and which one a job takes."""

import os
from collections.abc import Mapping
from pathlib import Path

from fact.infra.files.lock import take_lock

DRIVER = Path("/proc/driver/nvidia/gpus")
LOCKS = Path("results/.gpus")


def visible_gpus(environment: Mapping[str, str] = os.environ, driver: Path = DRIVER) -> list[str]:
    """Return the GPUs that a process may use, named as in ``CUDA_VISIBLE_DEVICES``.

    Empty without a driver.
    """
    installed = [str(index) for index in range(len(list(driver.iterdir())))] if driver.is_dir() else []
    allowed = environment.get("CUDA_VISIBLE_DEVICES")
    if allowed is None or not installed:
        return installed
    names = [name.strip() for name in allowed.split(",")]
    # CUDA stops reading at the first name it cannot use, -1 for one
    return names[: next((at for at, name in enumerate(names) if name in ("", "-1")), len(names))]


def has_idle_gpu(environment: Mapping[str, str] = os.environ, driver: Path = DRIVER) -> bool:
    """Return whether this process may use a GPU, for one whose torch has found none.

    A Slurm job that was given none is told nothing by its environment, and has none.
    """
    given = "SLURM_JOB_ID" not in environment or "CUDA_VISIBLE_DEVICES" in environment
    return given and bool(visible_gpus(environment, driver))


def claim_gpu(folder: Path, gpus: list[str]) -> str | None:
    """Take a GPU that no other job of this workflow holds, until this process ends; None when all are held.

    ``folder`` keeps a lock file for each. Slurm hands out GPUs by itself; this is for jobs on one machine.
    """
    locks = (folder / f"gpu-{gpu.replace('/', '-')}.lock" for gpu in gpus)
    return next((gpu for gpu, lock in zip(gpus, locks, strict=True) if take_lock(lock) is not None), None)


def use_own_gpu(folder: Path = LOCKS) -> None:
    """Let this process see one GPU only, its own; call it before torch looks for GPUs.

    Does nothing on a cluster's node, where the job has been given its own, with one GPU or none, or when all
    are held (by jobs that asked for none): CUDA then shares the first.
    """
    gpus = visible_gpus()
    if len(gpus) > 1 and "SLURM_JOB_ID" not in os.environ:
        os.environ["CUDA_VISIBLE_DEVICES"] = claim_gpu(folder, gpus) or gpus[0]
