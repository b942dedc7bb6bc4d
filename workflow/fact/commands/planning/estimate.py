"""Hours, disk and submissions of planned jobs."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple, Protocol

from fact.commands.planning.disk import LABELLED, PASSING, job_bytes
from fact.commands.planning.gpu_jobs import wants_gpu
from fact.commands.planning.job_time import JobTime
from fact.commands.planning.jobs import Job
from fact.commands.planning.sizes import Sizes
from fact.commands.planning.work import speed_of


class Pace(Protocol):
    """What says how long jobs take: rates that were measured, or those that come with FACT."""

    @property
    def device(self) -> str:
        """Return what the rates are of."""

    @property
    def submission(self) -> float:
        """Return seconds that a submission takes beside its jobs."""

    def start_of(self, rule: str) -> float:
        """Return seconds of a job before and beside its work."""

    def time_of(self, job: Job, sizes: Sizes) -> JobTime:
        """Return what a job will take."""


class Estimate(NamedTuple):
    """Jobs and seconds by rule, bytes by kind of file, and how far they can be trusted.

    ``on_gpu``: seconds of jobs that ask for a GPU. ``borrowed``: by rule and what its rate was measured on,
    the jobs that have no rate of their own. ``unmeasured``: by rule the phases without a rate; their seconds
    are left out. ``stretched``: jobs more than a hundred times larger than what was measured.
    """

    jobs: Counter
    seconds: dict[str, float]
    on_gpu: float
    disk: dict[str, float]
    borrowed: dict[tuple[str, str], set[str]]
    unmeasured: dict[str, set[str]]
    stretched: int


# how much larger a job may be than what was measured, before its time is a guess
FAR = 100


def estimate(jobs: Sequence[Job], sizes: Sizes, pace: Pace, at_once: int | None = None) -> Estimate:
    """Return what the jobs will take, one after the other.

    ``at_once``: how many of them may be submitted at a time.
    """
    seconds: dict[str, float] = defaultdict(float)
    borrowed: dict[tuple[str, str], set[str]] = defaultdict(set)
    unmeasured: dict[str, set[str]] = defaultdict(set)
    on_gpu, stretched = 0.0, 0
    for job in jobs:
        time = pace.time_of(job, sizes)
        seconds[job.rule] += time.seconds
        on_gpu += time.seconds if job.names and wants_gpu(job, sizes) else 0.0
        stretched += time.stretch > FAR
        if time.unmeasured:
            unmeasured[job.rule] |= time.unmeasured
        for source in time.borrowed:
            borrowed[job.rule, source].add(f"{speed_of(job)} on {job.names['backbone']}".strip())
    return Estimate(
        Counter(job.rule for job in jobs),
        dict(seconds),
        on_gpu,
        disk=disk_at_peak(jobs, sizes, at_once or len(jobs)),
        borrowed=dict(borrowed),
        unmeasured=dict(unmeasured),
        stretched=stretched,
    )


def disk_at_peak(jobs: Sequence[Job], sizes: Sizes, at_once: int) -> dict[str, float]:
    """Return bytes by kind of file: what stays, and what can be there at once of what is deleted after use.

    Labelled tokens and maps live as long as the submission of what is fitted to them. Of ``at_once``
    submissions a third run, and the others wait in Slurm's queue. Those of a selection follow one another:
    maps of a tuned backbone need the probe, after which those of the frozen one are deleted.
    """
    disk: dict[str, float] = defaultdict(float)
    passing: dict[tuple[str, ...], float] = defaultdict(float)
    for job in jobs:
        for kind, count in (job_bytes(job, sizes) if job.names else {}).items():
            if kind in (LABELLED, PASSING):
                place = (kind, *(value for name, value in job.names.items() if name != "recipe"))
                passing[place] = max(passing[place], count)
            else:
                disk[kind] += count
    largest = sorted(passing.items(), key=lambda item: -item[1])
    for (kind, *_), count in largest[: ceil(at_once / 3)]:
        disk[kind] += count
    return dict(disk)
