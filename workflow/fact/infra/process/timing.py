"""What a job took: seconds and memory, which differ between runs of the same work."""

import resource
import sys
import time
from collections.abc import Mapping

import psutil

from fact.infra.process.made_by import provenance

# phases that are no training: they measure, read what was there, or are part of `train`
NO_TRAINING = ("evaluate", "test", "load", "search", "fit")


def timing_record(seconds: Mapping[str, float]) -> dict:
    """Return the content of timing.json: what differs between runs of the same job, kept apart from its
    score.

    ``seconds`` by phase, ``job_seconds`` since the process began (imports and reading included), peak
    memory, the device, and what it ran with (:mod:`fact.infra.process.made_by`).
    """
    return {
        "seconds": seconds,
        "job_seconds": time.time() - psutil.Process().create_time(),
        "peak_memory_mb": peak_memory_mb(),
        **provenance(),
    }


def training_seconds(seconds: Mapping[str, float]) -> float:
    """Return seconds of the phases that train, those of evaluation on test images left out."""
    return sum(value for phase, value in seconds.items() if phase not in NO_TRAINING)


def peak_memory_mb() -> dict[str, float]:
    """Return largest resident memory of this process, and on the GPU where there is one, in MiB."""
    peak = {"cpu": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    # a job that has not imported torch has used no GPU
    if (torch := sys.modules.get("torch")) and torch.cuda.is_available():
        peak["cuda"] = torch.cuda.max_memory_allocated() / 2**20
    return peak
