"""Jobs that cannot fit into what the profile grants them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from fact.commands.planning.estimate import Estimate, Pace, estimate
from fact.commands.planning.gpu_jobs import wants_gpu
from fact.commands.planning.jobs import Job
from fact.commands.planning.memory import MEGABYTE, job_memory
from fact.commands.planning.profile import DEFAULT, Profile, granted, read_profile
from fact.commands.planning.requests import PlannedSizes
from fact.commands.planning.submissions import LOCAL, submissions
from fact.infra.files.shipped import shipped_file


class Beyond(NamedTuple):
    """A job that needs more than it is granted: of ``what``, in MB or minutes."""

    job: Job
    what: str
    needed: float
    granted: int


class Verdict(NamedTuple):
    """An estimate, the jobs beyond what is granted, submissions, and hours that submissions hold a machine.

    In ``gpu_hours`` are all jobs of a submission that asks for a GPU.
    """

    estimate: Estimate
    beyond: list[Beyond]
    submissions: int
    gpu_hours: float
    cpu_hours: float


def judge(jobs: Sequence[Job], sizes: PlannedSizes, pace: Pace, profile: Path | None = None) -> Verdict:
    """Return what the jobs take, and what a profile grants them: the shipped one where none is given."""
    grants = read_profile(profile or shipped_file(DEFAULT))
    hours, submitted = {True: 0.0, False: 0.0}, submissions(jobs, grants)
    for together in submitted:
        seconds = pace.submission + sum(pace.time_of(job, sizes).seconds for job in together)
        hours[any(job.names and wants_gpu(job, sizes) for job in together)] += seconds / 3600
    return Verdict(
        estimate(jobs, sizes, pace, grants.at_once),
        jobs_beyond(jobs, sizes, pace, profile=grants),
        submissions=len(submitted),
        gpu_hours=hours[True],
        cpu_hours=hours[False],
    )


def jobs_beyond(jobs: Sequence[Job], sizes: PlannedSizes, pace: Pace, profile: Profile) -> list[Beyond]:
    """Return jobs whose memory or time is beyond the profile's, at the first attempt."""
    counted = (job for job in jobs if job.names and job.rule not in LOCAL)
    return [beyond for job in counted for beyond in _beyond(job, sizes, pace, profile=profile)]


def _beyond(job: Job, sizes: PlannedSizes, pace: Pace, profile: Profile) -> Iterable[Beyond]:
    given, minutes = granted(profile, job, sizes), pace.time_of(job, sizes).seconds / 60
    needed = {"MB": job_memory(job, sizes) / MEGABYTE, "minutes": minutes}
    limits = {"MB": given.mem_mb, "minutes": given.minutes}
    return [Beyond(job, what, needed[what], limits[what]) for what in needed if needed[what] > limits[what]]


def judgement(found: Sequence[Beyond]) -> list[str]:
    """Return the jobs beyond the profile as lines to print: by rule, the worst one with its numbers."""
    if not found:
        return ["jobs beyond what the profile grants: 0"]
    rules: dict[tuple[str, str], list[Beyond]] = defaultdict(list)
    for beyond in found:
        rules[beyond.job.rule, beyond.what].append(beyond)
    lines = [f"jobs beyond what the profile grants: {len({str(beyond.job) for beyond in found})}"]
    for (rule, what), some in sorted(rules.items()):
        worst = max(some, key=lambda beyond: beyond.needed / beyond.granted)
        names = " ".join(worst.job.names.values())
        said = f"{rule}: {len(some)}, up to {worst.needed:,.0f} {what} of {worst.granted:,}: {names}"
        lines += wrap(said, 110, initial_indent="  ", subsequent_indent="    ")
    return lines
