"""What `fact smoke` has measured: seconds, speed and memory of each job."""

from pathlib import Path

from fact.commands.planning.jobs import Job
from fact.commands.planning.memory import MEGABYTE, job_memory
from fact.commands.planning.rates import timed_jobs
from fact.commands.planning.sizes import Sizes
from fact.commands.planning.work import job_work
from fact.config.paths import RECIPE, RESULTS
from fact.infra.files.record import read_record

HEADER = f"{'job':<64} {'seconds':>8} {'MB':>7} {'planned':>8} {'GPU MB':>7} {'images/s':>9} {'bare':>7}"


def smoke_report(sizes: Sizes) -> list[str]:
    """Return a line per job: seconds, memory beside `fact plan`'s, images per second of training."""
    return [HEADER, *(_line(job, timing, sizes) for job, timing in timed_jobs(sizes))]


def _line(job: Job, timing: dict, sizes: Sizes) -> str:
    memory, planned = timing["peak_memory_mb"], job_memory(job, sizes) / MEGABYTE
    named = f"{' '.join([job.rule, *job.names.values()]):<64}"
    columns = [f"{timing['job_seconds']:>8.1f} {memory['cpu']:>7.0f} {planned:>8.0f}"]
    columns += [
        _shown(memory.get("cuda"), 7),
        _shown(_speed(job, timing, sizes), 9),
        _shown(_bare(job, sizes), 7),
    ]
    return " ".join([named, *columns]).rstrip()


def _shown(value: float | None, width: int) -> str:
    return " " * width if value is None else f"{value:>{width}.0f}"


def _speed(job: Job, timing: dict, sizes: Sizes) -> float | None:
    """Return images per second of a training, or None."""
    seconds = timing["seconds"].get("train")
    return job_work(job, sizes)["train"] / seconds if job.rule == "tune_backbone" and seconds else None


def _bare(job: Job, sizes: Sizes) -> float | None:
    """Return images per second of the bare loop beside a training, where it was measured."""
    if job.rule != "tune_backbone":
        return None
    name = f"{RECIPE}/bare_loop.json".format(**job.names).removeprefix(f"{RESULTS}/")
    path: Path = sizes.results / name
    return read_record(path)["images_per_second"] if path.is_file() else None
