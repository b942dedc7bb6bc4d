"""What this machine offers and lacks: packages, device, threads, Slurm, disk; with a remedy for each lack."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

from fact.infra.extras import EXTRAS, install_command
from fact.infra.process.cache_folder import VARIABLE, is_writable, user_cache
from fact.infra.process.driver import driver_version, is_too_old, needed_driver

DISTRIBUTION = "fact-workflow"
REINSTALL = "pip install --upgrade fact-workflow, or in the repository: make install"
GIGABYTE = 10**9
# an extra of more packages is not listed
NAMED = 5


class Finding(NamedTuple):
    """One thing looked at; ``remedy`` is empty when nothing is to be done."""

    item: str
    value: str
    status: Literal["ok", "warn", "fail"]
    remedy: str = ""


def report(results: Path | str = "results") -> list[Finding]:
    """Look at everything that a run needs, without changing anything; ``results`` is where it would write."""
    findings = [python(), *packages()]
    if any(finding.item == "torch" and finding.status != "fail" for finding in findings):
        findings += [device(), gpu_driver(), threads(), torchvision_operators()]
    return [*findings, hdf5(), slurm(), cache(), disk(Path(results))]


def python() -> Finding:
    """Return the interpreter."""
    return Finding("python", platform.python_version(), "ok")


def packages() -> Iterator[Finding]:
    """Yield each library that every installation needs, then each extra: what of it is there."""
    try:
        requirements = [Requirement(line) for line in requires(DISTRIBUTION) or []]
    except PackageNotFoundError:
        yield Finding(DISTRIBUTION, "not installed", "fail", remedy=REINSTALL)
        return
    yield from (_package(needed) for needed in requirements if needed.marker is None)
    for extra in EXTRAS:
        yield _extra(extra, list(_needed_by(extra, requirements)))


def _needed_by(extra: str, requirements: Sequence[Requirement]) -> Iterator[Requirement]:
    """Yield what an extra brings, but the other extras that it names."""
    for needed in requirements:
        if needed.marker and needed.marker.evaluate({"extra": extra}) and needed.name != DISTRIBUTION:
            yield needed


def _package(needed: Requirement) -> Finding:
    try:
        installed = version(needed.name)
    except PackageNotFoundError:
        return Finding(needed.name, "not installed", "fail", remedy=REINSTALL)
    if needed.specifier.contains(installed, prereleases=True):
        return Finding(needed.name, installed, "ok")
    remedy = f"pip install '{needed.name}{needed.specifier}'"
    return Finding(needed.name, f"{installed}, needed is {needed.specifier}", "warn", remedy=remedy)


def _extra(extra: str, needed: Sequence[Requirement]) -> Finding:
    """Return the state of an extra; one that is not installed is no fault."""
    findings = [_package(requirement) for requirement in needed]
    item, install = f"[{extra}]", install_command(extra)
    if absent := [finding.item for finding in findings if finding.status == "fail"]:
        state = (
            "not installed" if len(absent) == len(findings) else f"incomplete, without {', '.join(absent)}"
        )
        return Finding(item, f"{state}; for {EXTRAS[extra]}: {install}", "ok")
    if old := [f"{finding.item} {finding.value}" for finding in findings if finding.status == "warn"]:
        return Finding(item, "; ".join(old), "warn", remedy=install)
    if len(findings) > NAMED:
        return Finding(item, f"{len(findings)} packages", "ok")
    return Finding(item, ", ".join(f"{finding.item} {finding.value}" for finding in findings), "ok")


def device() -> Finding:
    """Return where the tensors live, and whether bf16 is fast there."""
    import torch

    from fact.device import best_device, cpu_flags, multiplies_bf16

    chosen = best_device()
    precision = "bf16" if multiplies_bf16(chosen) else "fp32, as bf16 is not faster here"
    if chosen.type == "cuda":
        memory = torch.cuda.get_device_properties(chosen).total_memory / GIGABYTE
        return Finding("device", f"{torch.cuda.get_device_name(chosen)}, {memory:.0f} GB, {precision}", "ok")
    vectors = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in cpu_flags()]
    value = f"CPU ({', '.join(vectors) or 'no vector instructions known'}), {precision}"
    if Path("/dev/nvidia0").exists() or driver_version():
        remedy = (
            f"torch {torch.__version__} does not see the NVIDIA GPU; install its CUDA build for this driver"
        )
        return Finding("device", value, "warn", remedy=remedy)
    return Finding("device", value, "ok")


def gpu_driver() -> Finding:
    """Compare the NVIDIA driver with what torch was built for; a login node may have none."""
    import torch

    cuda, driver = torch.version.cuda, driver_version()
    needed = needed_driver(cuda)
    if is_too_old(driver, cuda):
        remedy = f"torch is built for CUDA {cuda}, which needs driver {needed} or newer: change one"
        return Finding("GPU driver", f"{driver}", "warn", remedy=f"{remedy} (docs/install.md)")
    if driver and cuda is None:
        remedy = "torch is a build for the CPU; install one for CUDA: make clean-venv install TORCH=cuda"
        return Finding("GPU driver", driver, "warn", remedy=remedy)
    if driver is None and needed:
        value = f"none here; torch needs {needed} or newer: run this on a GPU node, too"
        return Finding("GPU driver", value, "ok")
    return Finding("GPU driver", driver or "none here, and a torch for the CPU", "ok")


def threads() -> Finding:
    """Compare torch's threads with the cores that this process may use."""
    import torch

    used, cores = torch.get_num_threads(), len(os.sched_getaffinity(0))
    value = f"{used} torch threads on {cores} cores"
    if used > cores:
        return Finding("threads", value, "warn", remedy=f"export OMP_NUM_THREADS={cores}")
    return Finding("threads", value, "ok")


def torchvision_operators() -> Finding:
    """Return whether torchvision's compiled operators fit torch."""
    from fact.infra.process.torchvision_guard import operators_are_foreign

    if operators_are_foreign():
        value = "another build than torch; worked around, as no operator is used"
        return Finding(
            "torchvision operators", value, "warn", remedy="install torch and torchvision of one build"
        )
    return Finding("torchvision operators", "fit torch", "ok")


def hdf5() -> Finding:
    """Return the HDF5 library, and a setting of the environment that overrides the workflow's."""
    import h5py

    locking = os.environ.get("HDF5_USE_FILE_LOCKING", "").upper()
    if locking in ("TRUE", "1"):
        remedy = "unset HDF5_USE_FILE_LOCKING; network file systems may refuse locks"
        return Finding("HDF5", f"{h5py.version.hdf5_version}, locking forced", "warn", remedy=remedy)
    return Finding("HDF5", h5py.version.hdf5_version, "ok")


def slurm() -> Finding:
    """Return whether jobs can be submitted from here."""
    sbatch = shutil.which("sbatch")
    if sbatch is None:
        return Finding("Slurm", "no sbatch on PATH; --profile slurm will not work, local runs will", "ok")
    answer = subprocess.run([sbatch, "--version"], capture_output=True, text=True, check=False)
    if answer.returncode:
        # the last line is the one that stopped it
        *_, reason = ["", *answer.stderr.strip().splitlines()]
        return Finding("Slurm", f"sbatch fails: {reason}", "warn", remedy="ask the cluster's operators")
    return Finding("Slurm", answer.stdout.strip(), "ok")


def cache() -> Finding:
    """Return whether Snakemake and Numba can keep their caches."""
    folder = user_cache()
    if is_writable(folder):
        return Finding("cache", str(folder), "ok")
    remedy = f"export {VARIABLE}=FOLDER, one that can be written; snakemake does not start without"
    return Finding("cache", f"{folder} cannot be written", "fail", remedy=remedy)


def disk(results: Path) -> Finding:
    """Return free space and write permission where the results go."""
    folder = next(parent for parent in (results.absolute(), *results.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(folder).free / GIGABYTE
    value = f"{free:.1f} GB free in {folder}"
    if not os.access(folder, os.W_OK):
        return Finding("disk", value, "fail", remedy=f"{folder} cannot be written to; change its permissions")
    if free < 1:
        return Finding(
            "disk", value, "fail", remedy="free at least 1 GB, or make results a link to a larger disk"
        )
    if free < 20:
        return Finding(
            "disk", value, "warn", remedy="enough for small pools; token grids of large ones need more"
        )
    return Finding("disk", value, "ok")
