"""Every job of the paper is granted more memory and time than the plan expects it to need."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from fact.commands.options import settled
from fact.commands.planning.gpu_jobs import GPU
from fact.commands.planning.jobs import Job
from fact.commands.planning.judge import Beyond, jobs_beyond
from fact.commands.planning.profile import Profile, read_profile
from fact.commands.planning.requests import DAY, PlannedSizes
from fact.commands.planning.shipped import shipped_rates
from fact.config.cells import Cell, table_cells
from fact.config.declared import Config
from fact.infra.files.yaml_file import parse_yaml

ROOT = Path(__file__).parents[4]
PROFILE = ROOT / "slurm/profile.v9+.yaml"


@pytest.fixture(scope="module")
def paper() -> Config:
    return settled([ROOT / "config/paper.yaml"])


@pytest.fixture(scope="module")
def sizes(paper: Config, tmp_path_factory: pytest.TempPathFactory) -> PlannedSizes:
    return PlannedSizes(paper, tmp_path_factory.mktemp("empty"))


def jobs_of(paper: Config) -> Iterator[Job]:
    """Yield the jobs that a cell may have: of every recipe, probe and head, asked for or not."""
    cells = {cell for table in paper.run["tables"] for cell in table_cells(paper, table)}
    for cell in sorted(cells):
        yield from _of_cell(paper, cell)
    for dataset, backbone in sorted({(cell.dataset, cell.backbone) for cell in cells}):
        names = {"dataset": dataset, "backbone": backbone}
        yield Job("index_dataset", {"dataset": dataset})
        yield from (Job("extract_features", {**names, "split": split}) for split in ("pool", "test"))


def _of_cell(paper: Config, cell: Cell) -> Iterator[Job]:
    names, task = {key: str(value) for key, value in cell._asdict().items()}, paper.task(cell.dataset)
    segments = paper.segments(cell.dataset)
    second = "first" in paper.selectors[cell.selector]
    yield Job("select_second_step" if second else "select_samples", names)
    for probe in task.probes:
        yield Job("train_segmentation_probe" if segments else "train_probe", {**names, "probe": probe})
    for recipe in task.recipes:
        of_recipe = {**names, "recipe": recipe}
        yield Job("tune_segmenter" if segments else "tune_backbone", of_recipe)
        yield Job("refine_passing_maps" if segments else "refine_labelled", of_recipe)
    for recipe, head in product(task.recipes, task.heads):
        fit = "fit_segmentation_head" if segments else "fit_head"
        yield Job(fit, {**names, "recipe": recipe, "head": head})
    if not segments:
        for recipe, propagation in product(task.recipes, paper.propagations):
            yield Job("refine_pool", {**names, "recipe": recipe})
            yield Job("propagate_labels", {**names, "recipe": recipe, "propagation": propagation})
        for calibration in (name for name, entry in paper.calibrations.items() if "module" in entry):
            yield Job("calibrate_labels", {**names, "calibration": calibration})


@pytest.fixture(scope="module")
def jobs(paper: Config) -> list[Job]:
    # seeds take the same
    return [job for job in jobs_of(paper) if job.names.get("seed", "0") == "0"]


@pytest.mark.slow
def test_every_job_of_the_paper_fits_into_its_first_attempt(jobs: list[Job], sizes: PlannedSizes) -> None:
    assert len({job.rule for job in jobs}) == 15
    assert jobs_beyond(jobs, sizes, shipped_rates("h200"), profile=read_profile(PROFILE)) == []


@pytest.mark.slow
def test_on_an_a100_only_a_training_that_resumes_needs_a_second_attempt(
    jobs: list[Job], sizes: PlannedSizes
) -> None:
    found = jobs_beyond(jobs, sizes, shipped_rates("a100"), profile=read_profile(PROFILE))
    assert {beyond.job.rule for beyond in found} <= {"tune_backbone", "tune_segmenter"}
    assert all(beyond.what == "minutes" and beyond.granted == DAY for beyond in found)


def test_a_profile_that_grants_too_little_is_told_job_by_job(sizes: PlannedSizes) -> None:
    names = {"dataset": "imagenet1k", "backbone": "vit_small_dino", "selector": "activeft", "budget": "2pct"}
    job = Job("fit_head", {**names, "seed": "0", "recipe": "ff", "head": "map"})
    small = Profile({"fit_head": {"mem_mb": "attempt * 8000", "runtime": 1}}, {}, at_once=1)
    memory, minutes = jobs_beyond([job], sizes, shipped_rates("h200"), profile=small)
    assert memory == Beyond(job, "MB", memory.needed, 8000) and memory.needed > 12_000
    assert minutes == Beyond(job, "minutes", minutes.needed, 1) and minutes.needed > 1
    assert jobs_beyond([job], sizes, shipped_rates("h200"), profile=Profile({}, {}, at_once=1)) == []


def test_every_rule_with_a_gpu_has_its_threads_in_the_profile() -> None:
    threads = parse_yaml(PROFILE.read_text("utf-8"))["set-threads"]
    assert {*GPU, "select_samples", "select_second_step", "refine_labelled", "refine_passing_maps"} <= set(
        threads
    )


def test_a_group_holds_nothing_that_is_expensive_or_likely_to_fail() -> None:
    groups = read_profile(PROFILE).groups
    assert (
        groups["refine_labelled"] == groups["fit_head"] and groups["select_samples"] == groups["train_probe"]
    )
    assert not {"tune_backbone", "tune_segmenter", "calibrate_labels", "select_second_step"} & set(groups)
