"""The GPUs of this machine, without a driver library: how many jobs they bear, and which of them is whose."""

import os
from collections.abc import Mapping
from pathlib import Path

from fact.infra.files.lock import take_lock

DRIVER = Path("/proc/driver/nvidia/gpus")
LOCKS = Path("results/.gpus")
# how many GPUs a job of Slurm has
COUNTS = ("SLURM_GPUS_ON_NODE", "SLURM_GPUS")


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

    A Slurm job that was given none is told nothing by its environment, and has none. One that was given some
    has them although no ``CUDA_VISIBLE_DEVICES`` says so, and although the driver lists none by itself.
    """
    if environment.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    if _slurm_gave_some(environment):
        return driver.is_dir() or driver.with_name("version").is_file()
    return not _slurm_gave_none(environment) and bool(visible_gpus(environment, driver))


def claim_gpu(folder: Path, gpus: list[str]) -> str | None:
    """Take a GPU that no other job of this workflow holds, until this process ends; None when all are held.

    ``folder`` keeps a lock file for each.
    """
    locks = (folder / f"gpu-{gpu.replace('/', '-')}.lock" for gpu in gpus)
    return next((gpu for gpu, lock in zip(gpus, locks, strict=True) if take_lock(lock) is not None), None)


def use_own_gpu(folder: Path = LOCKS) -> None:
    """Let this process see one GPU only, its own; call it before torch looks for GPUs.

    A job of its own under Slurm was given exactly one. Inside an allocation of several (``salloc --gpus=8``)
    jobs share them, as on a machine without Slurm, and each takes one by its lock. Does nothing with one GPU
    or none. When all are held (by jobs that asked for none), CUDA shares the first.
    """
    gpus = visible_gpus()
    if len(gpus) > 1 and not _slurm_gave_none():
        os.environ["CUDA_VISIBLE_DEVICES"] = claim_gpu(folder, gpus) or gpus[0]


def hide_gpus() -> None:
    """Let this process see no GPU; call it before torch looks for them.

    A job that asked for none would otherwise compute beside the one that holds the first.
    """
    if visible_gpus():
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _slurm_gave_some(environment: Mapping[str, str]) -> bool:
    """Return whether Slurm says that this job has GPUs."""
    counted = any(environment.get(name, "") not in ("", "0") for name in COUNTS)
    # ids: 0 is one
    return counted or environment.get("SLURM_JOB_GPUS", "") != ""


def _slurm_gave_none(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this is a Slurm job without GPUs, for which the driver shows those of other jobs."""
    return "SLURM_JOB_ID" in environment and "CUDA_VISIBLE_DEVICES" not in environment
