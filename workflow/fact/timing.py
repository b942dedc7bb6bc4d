"""What a job took: seconds and memory, which differ between runs of the same work."""

import resource
import sys


def timing_record(seconds: dict[str, float]) -> dict:
    """The content of timing.json: what differs between runs of the same job, kept apart from its score."""
    return {"seconds": seconds, "peak_memory_mb": peak_memory_mb()}


def peak_memory_mb() -> dict[str, float]:
    """Largest resident memory of this process, and on the GPU where there is one, in MiB."""
    peak = {"cpu": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    # a job that has not imported torch has used no GPU
    if (torch := sys.modules.get("torch")) and torch.cuda.is_available():
        peak["cuda"] = torch.cuda.max_memory_allocated() / 2**20
    return peak
