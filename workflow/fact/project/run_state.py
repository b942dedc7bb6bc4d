"""What a run of Snakemake is doing, read from the lines that it prints and from the logs of its jobs."""

import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PHASES = {
    "get_data": "finding the images",
    "get_weights": "fetching the backbone",
    "index_dataset": "reading the images",
    "group_images": "grouping the images",
    "show_odd_images": "drawing odd images",
    "decode_test": "decoding the test images",
    "extract_features": "extracting features",
    "extract_patterns": "extracting features",
    "select_samples": "choosing images to label",
    "measure_selection": "choosing images to label",
    "map_pool": "drawing the pool",
    "show_selection": "drawing the chosen images",
    "train_probe": "phase 1: linear probe",
    "tune_backbone": "phase 2: finetuning",
    "refine_features": "phase 3: refined features",
    "fit_head": "phase 3: head",
    "validate_recipe": "trying recipes by cross-validation",
    "assess_model": "choosing the recipe",
    "train_model": "training the model",
    "decode_pool_part": "reading images of the pool",
    "estimate_model": "looking at the unlabelled images",
    "audit_model": "measuring on the audit",
    "export_model": "exporting the model",
    "describe_model": "writing the model's card",
}
"""What a rule does, in the words of somebody who labels images; of other rules, the name says enough."""

JOB = re.compile(r"(?:local)?rule (?P<rule>\w+):")
ENTRY = re.compile(r"    (?P<key>jobid|log): (?P<value>.+?)(?: \(check log file.*\))?")
FINISHED = re.compile(r"Finished jobid: (?P<jobid>\d+)\b.*")
STEPS = re.compile(r"(?P<done>\d+) of (?P<total>\d+) steps .*")
COUNT = re.compile(r"(?P<rule>\w+) +\d+")
TOTAL = re.compile(r"total +(?P<total>\d+)")
FAILED = re.compile(r"Error in rule (?P<rule>\w+):")
# a stage's own log: `12:00:01 epoch 3 of 50: loss 0.1`
PART = re.compile(r"^[\d:]{8} (?P<what>.*?)(?P<done>\d+) of (?P<total>\d+)\b", re.MULTILINE)
TAIL_BYTES = 4096
KEPT_LINES = 200


@dataclass
class RunningJob:
    """A job that has been started, or that failed."""

    rule: str
    jobid: str = ""
    log: str = ""

    @property
    def is_target(self) -> bool:
        """Whether it only asks for others: a rule that does something has a log, told before its number."""
        return not self.log

    @property
    def phase(self) -> str:
        """What it does, in a user's words."""
        return PHASES.get(self.rule, self.rule.replace("_", " "))


@dataclass
class RunState:
    """Steps of a run that are done, jobs that run, jobs that failed, and the last lines that were printed.

    ``rules``: those that will run. ``planned`` is set once they are known, or will never be.
    """

    folder: Path
    done: int = 0
    total: int = 0
    jobs: dict[str, RunningJob] = field(default_factory=dict)
    failed: list[RunningJob] = field(default_factory=list)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    told: RunningJob | None = None
    rules: list[str] = field(default_factory=list)
    planned: threading.Event = field(default_factory=threading.Event)

    def read(self, line: str) -> RunningJob | None:
        """Take a line in; return the job that it has started, once its number is known."""
        line = line.rstrip()
        self.lines.append(line)
        if match := JOB.fullmatch(line):
            self.told = RunningJob(match["rule"])
        elif match := FAILED.fullmatch(line):
            self.told = RunningJob(match["rule"])
            self.failed.append(self.told)
        elif self.told and (match := ENTRY.fullmatch(line)):
            return self._read_entry(self.told, match["key"], match["value"])
        elif match := FINISHED.fullmatch(line):
            self.jobs.pop(match["jobid"], None)
        elif match := STEPS.fullmatch(line):
            self.done, self.total = int(match["done"]), int(match["total"])
        elif match := TOTAL.fullmatch(line):
            self.total = int(match["total"])
            self.planned.set()
        elif not self.planned.is_set() and (match := COUNT.fullmatch(line)):
            self.rules.append(match["rule"])
        return None

    def _read_entry(self, job: RunningJob, key: str, value: str) -> RunningJob | None:
        setattr(job, key, value)
        if key != "jobid" or job in self.failed or job.is_target:
            return None
        self.jobs[value] = job
        return job

    def share(self) -> float:
        """Return the part of the run that is done, in [0, 1]: whole steps, and what jobs have logged."""
        if not self.total:
            return 0.0
        begun = sum(done / total for done, total, _ in self._parts())
        return min((self.done + begun) / self.total, 1.0)

    def describe(self) -> str:
        """Return what the newest job does, and how far it is."""
        if not self.jobs:
            return "planning"
        *_, job = self.jobs.values()
        part = logged_part(self.folder / job.log) if job.log else None
        return f"{job.phase}, {part[2]}{part[0]} of {part[1]}" if part else job.phase

    def _parts(self) -> Iterator[tuple[int, int, str]]:
        for job in list(self.jobs.values()):
            if job.log and (part := logged_part(self.folder / job.log)):
                yield part


def logged_part(log: Path) -> tuple[int, int, str] | None:
    """Return the last `N of M` of a stage's log and what is counted; None where there is none."""
    try:
        text = log.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    *_, match = [None, *PART.finditer(text)]
    if match is None or not int(match["total"]):
        return None
    return min(int(match["done"]), int(match["total"])), int(match["total"]), match["what"]
