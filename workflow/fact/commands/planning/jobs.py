"""Jobs read from the paths of their files: those that Snakemake plans, and those that left their times."""

import os
import re
import subprocess
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from fact.config import paths
from fact.config.registries import read_overlay
from fact.infra.errors import ConfigError
from fact.infra.files.shipped import SNAKEFILE, workflow_snakefile
from fact.infra.process.cache_folder import with_cache

# one file of each job, and the file that holds its times
FILES = {
    "index_dataset": f"{paths.DATASET}/manifest.parquet",
    "get_weights": f"{paths.WEIGHTS}/model.safetensors",
    "extract_features": f"{paths.FEATURES}/{{split}}.h5",
    "select_samples": f"{paths.SELECTION}.csv",
    "select_second_step": f"{paths.SELECTION}.csv",
    "calibrate_labels": f"{paths.PSEUDO}.json",
    "refine_pool": paths.REFINED_POOL,
    "propagate_labels": f"{paths.PROPAGATED}.parquet",
    "take_surest": f"{paths.PSEUDO}.json",
    "decode_test": f"{paths.DATASET}/decoded/{{backbone}}.h5",
    "train_probe": f"{paths.PROBE}/score.json",
    "tune_backbone": f"{paths.RECIPE}/checkpoint.safetensors",
    "refine_features": f"{paths.RECIPE}/refined_test.h5",
    "refine_labelled": f"{paths.RECIPE}/refined_labelled.h5",
    "fit_head": f"{paths.HEAD}/score.json",
    "refine_maps": f"{paths.RECIPE}/maps_labelled.h5",
    "refine_passing_maps": f"{paths.RECIPE}/maps_labelled.h5",
    "train_segmentation_probe": f"{paths.PROBE}/score.json",
    "tune_segmenter": f"{paths.RECIPE}/checkpoint.safetensors",
    "fit_segmentation_head": f"{paths.HEAD}/score.json",
}
TIMINGS = {
    "select_samples": f"{paths.SELECTION}.timing.json",
    "train_probe": f"{paths.PROBE}/timing.json",
    "tune_backbone": f"{paths.RECIPE}/timing.json",
    "refine_features": f"{paths.RECIPE}/refined.timing.json",
    # after train_probe, whose files this pattern fits too
    "fit_head": f"{paths.HEAD}/timing.json",
    "refine_pool": f"{paths.RECIPE}/refined_pool.timing.json",
    "propagate_labels": f"{paths.PROPAGATED}.timing.json",
    "refine_maps": f"{paths.RECIPE}/maps.timing.json",
}
# rules whose files lie in the same place where the dataset is one of segmentation
OF_SEGMENTATION = {
    "train_probe": "train_segmentation_probe",
    "tune_backbone": "tune_segmenter",
    "fit_head": "fit_segmentation_head",
}


class Job(NamedTuple):
    """A rule and its wildcards; of a rule that takes no time to speak of, ``names`` is empty."""

    rule: str
    names: dict[str, str]


def planned_jobs(targets: list[str], configfiles: list[Path]) -> list[Job]:
    """Return the jobs that ``snakemake TARGETS`` would run, each once.

    Raises ConfigError with what Snakemake says when it cannot plan them.
    """
    # an empty overlay changes nothing, but Snakemake refuses it
    overlays = [str(path) for path in configfiles if read_overlay(path)]
    options = ["--configfile", *overlays] if overlays else []
    command = [sys.executable, "-m", "snakemake", "--summary", *snakefile(), *options, "--", *targets]
    environment = with_cache(os.environ, Path(".snakemake/cache").absolute())
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise ConfigError(
            f"snakemake cannot plan {' '.join(targets)}: {(done.stderr or done.stdout).strip()}"
        )
    return jobs_of_summary(done.stdout.splitlines())


def snakefile() -> list[str]:
    """Return Snakemake's option that names the Snakefile; none where the current folder has one."""
    if Path("Snakefile").is_file() or Path(SNAKEFILE).is_file():
        return []
    return ["--snakefile", workflow_snakefile()]


def jobs_of_summary(lines: Iterable[str]) -> list[Job]:
    """Return the jobs of ``snakemake --summary`` that are not up to date."""
    rows = [line.split("\t") for line in lines]
    pending = [(row[2], row[0]) for row in rows if len(row) == 6 and row[5] not in ("plan", "no update")]
    jobs = [_job(rule, path) for rule, path in pending if rule in FILES]
    # of other rules, files of one name are one job's
    others = {
        (rule, re.sub(r"(-comparison)?\.[^/]*$", "", path)) for rule, path in pending if rule not in FILES
    }
    return [*filter(None, jobs), *(Job(rule, {}) for rule, _ in sorted(others))]


def timing_job(path: Path, results: Path, segmented: Container[str] = ()) -> Job | None:
    """Return the job that wrote a timing file; None for a file of another kind.

    ``segmented``: names of the datasets of segmentation.
    """
    name = path.relative_to(results).as_posix()
    for rule, pattern in TIMINGS.items():
        if match := re.fullmatch(paths.path_regex(pattern), name):
            names = match.groupdict()
            return Job(OF_SEGMENTATION.get(rule, rule) if names["dataset"] in segmented else rule, names)
    return None


def _job(rule: str, path: str) -> Job | None:
    match = re.search(rf"(?:^|/){paths.path_regex(FILES[rule])}$", path)
    return Job(rule, match.groupdict()) if match else None
