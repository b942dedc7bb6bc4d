"""Seconds of a unit of work, measured by the workflow itself or given in a file."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from fact.commands.planning.job_time import JobTime
from fact.commands.planning.jobs import Job, timing_job
from fact.commands.planning.sizes import Sizes
from fact.commands.planning.work import job_work, speed_of
from fact.config.declared import FROZEN, Config
from fact.infra.errors import ArtifactError, ConfigError
from fact.infra.files.record import publish_record, read_record

# extraction leaves no times, but refinement does the same with test images
MEASURED_AS = {
    "extract_features": "refine_features",
    "refine_labelled": "refine_features",
    "refine_passing_maps": "refine_maps",
    "select_second_step": "select_samples",
}
FORMAT = "fact-rates"


class Rate(NamedTuple):
    """``seconds`` a unit of one phase, over ``units`` measured; ``cost`` is the backbone's relative cost."""

    rule: str
    measured_on: str
    backbone: str
    phase: str
    seconds: float
    units: float
    cost: float


class Rates(NamedTuple):
    """All that was measured, on what, and what a job costs beside its phases."""

    rates: list[Rate]
    start: dict[str, float]
    device: str

    @property
    def submission(self) -> float:
        """Return seconds that a submission takes beside its jobs: timing.json does not know them."""
        return 0.0

    def start_of(self, rule: str) -> float:
        """Return seconds of a job before and beside its phases; of a rule without times, the longest."""
        return self.start.get(MEASURED_AS.get(rule, rule), max(self.start.values()))

    def time_of(self, job: Job, sizes: Sizes) -> JobTime:
        """Return what a job will take by these rates."""
        seconds, borrowed, unmeasured, stretch = self.start_of(job.rule), set(), set(), 1.0
        for phase, units in job_work(job, sizes).items():
            cost = sizes.cost(job.names["backbone"])
            result = self.find(job, phase, cost)
            if result is None:
                unmeasured.add(phase)
                continue
            rate, factor, borrowed_from = result
            seconds += factor * rate.seconds * units
            stretch = max(stretch, factor * units / rate.units if rate.units else 1.0)
            borrowed |= {borrowed_from} - {""}
        return JobTime(seconds, frozenset(borrowed), frozenset(unmeasured), stretch)

    def find(self, job: Job, phase: str, cost: float) -> tuple[Rate, float, str] | None:
        """Return a rate, by how much it is scaled, and whose it is: the job's own, else the nearest one's.

        None when the phase was measured with no job of the rule. Units of segmentation are operations, which
        know the cost already.
        """
        rule = MEASURED_AS.get(job.rule, job.rule)
        same = [rate for rate in self.rates if rate.rule == rule and rate.phase == phase]
        if not same:
            return None
        nearest = min(same, key=lambda rate: _distance(rate, job, cost))
        scaled = rule in ("tune_backbone", "refine_features") and nearest.backbone != job.names["backbone"]
        factor = cost / nearest.cost if scaled else 1.0
        return (
            nearest,
            factor,
            "" if _is_own(nearest, job) else f"{nearest.measured_on} on {nearest.backbone}",
        )


def _is_own(rate: Rate, job: Job) -> bool:
    """Return whether a rate was measured on such a job; any recipe's refinement is an extraction."""
    same = rate.measured_on == speed_of(job) or job.rule == "extract_features"
    return same and rate.backbone == job.names["backbone"]


def measure_rates(sizes: Sizes) -> Rates:
    """Return rates from every timing file in the results of the configuration.

    Raises ConfigError when there is none.
    """
    timed = timed_jobs(sizes)
    if not timed:
        raise ConfigError(
            f"{sizes.results} has no times of this configuration; run a small part of it, or give --rates"
        )
    return rates_of(timed, sizes)


def timed_jobs(sizes: Sizes) -> list[tuple[Job, dict]]:
    """Return jobs of the configuration that left their times, with these."""
    paths = sorted(sizes.results.rglob("*timing.json"))
    segmented = {name for name in sizes.config.datasets if sizes.config.segments(name)}
    result = [(timing_job(path, sizes.results, segmented), path) for path in paths]
    return [(job, read_record(path)) for job, path in result if job and _declared(job, sizes.config)]


def rates_of(timed: Sequence[tuple[Job, dict]], sizes: Sizes) -> Rates:
    """Return the rates of these jobs, of which there is one at least."""
    seconds: dict[tuple[str, str, str, str], float] = defaultdict(float)
    units: dict[tuple[str, str, str, str], float] = defaultdict(float)
    starts: dict[str, list[float]] = defaultdict(list)
    devices: Counter[str] = Counter()
    for job, timing in timed:
        work = job_work(job, sizes)
        for phase, amount in work.items():
            if phase not in timing["seconds"]:  # a refinement of labelled images alone has no test images
                continue
            key = (job.rule, speed_of(job), job.names["backbone"], phase)
            seconds[key] += timing["seconds"].get(phase, 0.0)
            units[key] += amount
        starts[job.rule].append(
            timing["job_seconds"] - sum(timing["seconds"].get(phase, 0.0) for phase in work)
        )
        devices[timing["device"]] += 1
    rates = [
        Rate(
            rule,
            on,
            backbone,
            phase=phase,
            seconds=seconds[rule, on, backbone, phase] / amount,
            units=amount,
            cost=sizes.cost(backbone),
        )
        for (rule, on, backbone, phase), amount in units.items()
    ]
    start = {rule: median(values) for rule, values in starts.items()}
    return Rates(rates, start, max(devices, key=lambda device: devices[device]))


def write_rates(path: Path, rates: Rates) -> None:
    """Publish a record of rates, to be given to another plan."""
    entries = [rate._asdict() for rate in rates.rates]
    publish_record(path, {"format": FORMAT, "device": rates.device, "start": rates.start, "rates": entries})


def read_rates(path: Path) -> Rates:
    """Read the rates of a file.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or of another kind.
    """
    try:
        content = read_record(path)
        if content["format"] != FORMAT:
            raise ArtifactError(f"its format is {content['format']!r}")
        return Rates([Rate(**entry) for entry in content["rates"]], content["start"], content["device"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} holds no rates ({error}); write one with: fact rates FILE") from error


def _declared(job: Job, config: Config) -> bool:
    """Return whether the configuration still has what the job was of."""
    names = job.names
    if names["dataset"] not in config.datasets or names["backbone"] not in config.backbones:
        return False
    task = config.task(names["dataset"])
    stages = {"recipe": task.recipes, "probe": task.probes, "head": task.heads}
    return all(names.get(key, FROZEN) in (FROZEN, *declared) for key, declared in stages.items())


def _distance(rate: Rate, job: Job, cost: float) -> tuple[bool, bool, float]:
    ratio = max(rate.cost, cost) / min(rate.cost, cost)
    return rate.measured_on != speed_of(job), rate.backbone != job.names["backbone"], ratio
