"""Rates that come with FACT, for a plan before anything has run: of an H200, an A100 and two CPU cores.

Each rate says whether it was measured, and where, or estimated, and by what arithmetic
(``shipped_rates.json``).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fact.commands.planning.gpu_jobs import wants_gpu
from fact.commands.planning.job_time import JobTime
from fact.commands.planning.jobs import Job
from fact.commands.planning.parts import job_parts
from fact.commands.planning.sizes import Sizes
from fact.infra.errors import ConfigError

STORED = Path(__file__).with_name("shipped_rates.json")
# the device of jobs that ask for no GPU
CORES = "cpu"
# work of a backbone, which takes longer on some of them than their operations say
OF_BACKBONE = ("trained", "trained fp32", "forward")
SEGMENTED = (
    "refine_maps",
    "refine_passing_maps",
    "train_segmentation_probe",
    "tune_segmenter",
    "fit_segmentation_head",
)
# of a phase of segmentation, in forward passes: one that trains goes backward, too
PASSES = {"train": 3.0, "search": 3.0, "evaluate": 1.0, "maps": 1.0}


class ShippedRate(NamedTuple):
    """``seconds`` a unit; ``basis`` is measured or estimated, ``source`` where or how."""

    seconds: float
    basis: str
    source: str


class Shipped(NamedTuple):
    """Seconds a unit of each part of a job on a device; ``slower`` by the beginning of a model's name.

    ``cores``: those of jobs that ask for no GPU.
    """

    device: str
    rates: Mapping[str, ShippedRate]
    cores: Mapping[str, ShippedRate]
    slower: Mapping[str, float]

    @property
    def submission(self) -> float:
        """Seconds from a job's begin under Slurm to the start of its script's Python."""
        return self.rates["submission"].seconds

    def start_of(self, rule: str) -> float:
        """Return seconds of a job before and beside its work."""
        return self.rates["start"].seconds

    def time_of(self, job: Job, sizes: Sizes) -> JobTime:
        """Return what a job takes on this device, its start included, and parts that there is no rate for."""
        start = self.start_of(job.rule)
        if not job.names:
            return JobTime(start)
        if job.rule in SEGMENTED:
            return JobTime(start + self._segmentation(job, sizes))
        factor, parts = self._slower(sizes, job.names.get("backbone")), job_parts(job, sizes)
        rates = self.rates if wants_gpu(job, sizes) else self.cores
        at_once = (max(_each(rates, some, factor)) for some in parts.overlapped)
        seconds = start + sum(_each(rates, parts.serial, factor)) + sum(at_once)
        return JobTime(seconds, unmeasured=frozenset(parts.serial).union(*parts.overlapped) - set(rates))

    def _segmentation(self, job: Job, sizes: Sizes) -> float:
        # imports torch, which the rules must not
        from fact.commands.planning.work import job_work

        work = [PASSES.get(phase, 0.0) * units for phase, units in job_work(job, sizes).items()]
        return self.rates["segmented"].seconds * sum(work)

    def _slower(self, sizes: Sizes, backbone: str | None) -> float:
        model = sizes.config.backbones[backbone]["model"] if backbone else ""
        return next((factor for start, factor in self.slower.items() if model.startswith(start)), 1.0)


def _each(rates: Mapping[str, ShippedRate], units: Mapping[str, float], factor: float) -> list[float]:
    """Return seconds of each part that there is a rate for."""
    known = [(part, count) for part, count in units.items() if part in rates]
    return [rates[part].seconds * count * (factor if part in OF_BACKBONE else 1.0) for part, count in known]


def devices(stored: Path = STORED) -> list[str]:
    """Return the devices that rates are shipped for."""
    return list(json.loads(stored.read_text("utf-8"))["devices"])


def shipped_rates(device: str, stored: Path = STORED) -> Shipped:
    """Return the rates of a device. Raises ConfigError, with the names, for another one."""
    content = json.loads(stored.read_text("utf-8"))
    if device not in content["devices"]:
        raise ConfigError(
            f"--device {device}: no rates come with FACT; choose of {', '.join(content['devices'])}"
        )
    found = content["devices"][device]
    rates, cores = (
        {part: ShippedRate(**entry) for part, entry in content["devices"][name]["rates"].items()}
        for name in (device, CORES)
    )
    slower = {name: entry["factor"] for name, entry in content["slower"].items()}
    return Shipped(found["name"], rates, cores, slower)
