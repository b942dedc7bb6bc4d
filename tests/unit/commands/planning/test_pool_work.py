"""What the pool in phase 3 takes: memory and time grow with images times classes."""

from pathlib import Path

import pytest
from fact.commands.planning.disk import job_bytes
from fact.commands.planning.jobs import Job
from fact.commands.planning.memory import job_memory
from fact.commands.planning.requests import PlannedSizes, requested
from fact.commands.planning.shipped import shipped_rates
from fact.config.settle import settled_config

ROOT = Path(__file__).parents[4]
CELL = {"backbone": "vit_small_dino", "selector": "activeft", "budget": "1pct", "seed": "0"}


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> PlannedSizes:
    whole = {"run": {"pool_images": None}}
    return PlannedSizes(settled_config(ROOT, [whole]), tmp_path_factory.mktemp("results"))


def job(dataset: str, rule: str = "propagate_labels") -> Job:
    return Job(rule, {"dataset": dataset, "recipe": "lp-ft", "propagation": "graph", **CELL})


def test_imagenet_asks_for_what_its_classes_take(sizes: PlannedSizes) -> None:
    large, small = job_memory(job("imagenet1k"), sizes), job_memory(job("cifar10"), sizes)
    assert large > 8 * 4 * 1_281_167 * 1000 > 20e9 > 3e9 > small
    asked = requested(job("imagenet1k"), sizes)
    assert asked.mem_mb * 1e6 > large
    assert asked.minutes * 60 > shipped_rates("h200").time_of(job("imagenet1k"), sizes).seconds


def test_vectors_of_a_pool_are_small(sizes: PlannedSizes) -> None:
    kept = job_bytes(job("imagenet1k", "refine_pool"), sizes)["refined vectors of pools"]
    assert 0.9e9 < kept < 1.2e9


def test_a_random_part_of_a_large_pool_and_the_labelled_images(tmp_path: Path) -> None:
    sizes = PlannedSizes(settled_config(ROOT, [{"run": {"pool_images": 50_000}}]), tmp_path)
    assert sizes.refined_pool(job("imagenet1k").names) == 50_000 + 12_811
    assert sizes.refined_pool(job("cifar10").names) == 50_000
    assert job_memory(job("imagenet1k"), sizes) < 5e9
