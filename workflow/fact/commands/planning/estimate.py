"""Hours and disk of planned jobs, by rule."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

from fact.commands.planning.disk import job_bytes
from fact.commands.planning.jobs import Job
from fact.commands.planning.rates import MEASURED_AS, Rates
from fact.commands.planning.sizes import Sizes
from fact.commands.planning.work import GPU, job_work, speed_of


class Estimate(NamedTuple):
    """Jobs and seconds by rule, bytes by kind of file, and which rates stand for jobs that were not measured.

    ``borrowed``: by rule and what its rate was measured on, the jobs that have no rate of their own.
    ``unmeasured``: by rule the phases that there is no rate for; their seconds are left out.
    """

    jobs: Counter
    seconds: dict[str, float]
    disk: dict[str, float]
    borrowed: dict[tuple[str, str], set[str]]
    unmeasured: dict[str, set[str]]


def estimate(jobs: Sequence[Job], sizes: Sizes, rates: Rates) -> Estimate:
    """Return what the jobs will take, one after the other."""
    seconds: dict[str, float] = defaultdict(float)
    disk: dict[str, float] = defaultdict(float)
    borrowed: dict[tuple[str, str], set[str]] = defaultdict(set)
    unmeasured: dict[str, set[str]] = defaultdict(set)
    usual = max(rates.start.values())
    for job in jobs:
        seconds[job.rule] += rates.start.get(MEASURED_AS.get(job.rule, job.rule), usual)
        for phase, units in job_work(job, sizes).items():
            result = rates.find(job, phase, sizes.cost(job.names["backbone"]))
            if result is None:
                unmeasured[job.rule].add(phase)
                continue
            rate, borrowed_from = result
            seconds[job.rule] += rate * units
            if borrowed_from:
                borrowed[job.rule, borrowed_from].add(f"{speed_of(job)} on {job.names['backbone']}".strip())
        if job.names:
            for kind, count in job_bytes(job, sizes).items():
                disk[kind] += count
    counted = Counter(job.rule for job in jobs)
    return Estimate(counted, dict(seconds), dict(disk), borrowed=dict(borrowed), unmeasured=dict(unmeasured))


def as_plain(found: Estimate, rates: Rates) -> dict[str, object]:
    """Return the estimate as plain JSON: jobs and seconds by rule, bytes by kind, what was not measured."""
    return {
        "jobs": dict(found.jobs),
        "seconds": found.seconds,
        "bytes": found.disk,
        "unmeasured": {rule: sorted(phases) for rule, phases in found.unmeasured.items()},
        "measured_on": rates.device,
    }


def report(found: Estimate, rates: Rates) -> list[str]:
    """Return the estimate as lines to print."""
    rules = sorted(found.jobs, key=lambda rule: -found.seconds[rule])
    lines = [f"{'rule':<24} {'jobs':>7} {'hours':>10}"]
    lines += [f"{rule:<24} {found.jobs[rule]:>7} {found.seconds[rule] / 3600:>10.2f}" for rule in rules]
    on_gpu = sum(found.seconds.get(rule, 0.0) for rule in GPU)
    total = sum(found.seconds.values())
    lines += [f"{'total':<24} {found.jobs.total():>7} {total / 3600:>10.2f}", ""]
    lines += [
        f"jobs that want a GPU: {on_gpu / 3600:.2f} hours; others: {(total - on_gpu) / 3600:.2f} hours",
        *left_out(found.unmeasured),
        "",
    ]
    kinds = sorted(found.disk, key=lambda kind: -found.disk[kind])
    lines += [f"{kind:<26} {_readable(found.disk[kind]):>10}" for kind in kinds]
    lines += [f"{'disk, without downloads':<26} {_readable(sum(found.disk.values())):>10}", ""]
    lines += [f"rates: measured on {rates.device}, {len(rates.rates)} of them"]
    borrowed = sorted(found.borrowed.items())
    return lines + [line for (rule, source), users in borrowed for line in _borrowed(rule, source, users)]


def left_out(unmeasured: dict[str, set[str]]) -> list[str]:
    """Return what no rate was found for, as lines to print."""
    if not unmeasured:
        return []
    phases = (f"{rule} ({', '.join(sorted(phases))})" for rule, phases in sorted(unmeasured.items()))
    said = f"not measured, not in these hours: {', '.join(phases)}; run a small configuration that has them"
    return wrap(said, 110, subsequent_indent="  ")


def _borrowed(rule: str, source: str, users: set[str]) -> list[str]:
    said = f"{rule}: the rate of {source} stands for {', '.join(sorted(users))}"
    return wrap(said, 110, initial_indent="  ", subsequent_indent="    ")


def _readable(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
