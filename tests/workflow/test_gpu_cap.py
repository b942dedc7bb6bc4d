"""On one machine, as many GPU jobs at a time as there are GPUs."""

import re
from itertools import accumulate
from pathlib import Path

import pytest
from checkout import prepared, runner

EXTRACTIONS = [f"results/features/digits/vit_digits/{split}.h5" for split in ("pool", "test")]
OTHERS = ["results/datasets/digits/manifest.parquet", "results/weights/vit_digits/backbone.json"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A checkout that believes in one GPU, up to the jobs that want it."""
    site = prepared(tmp_path, "", "plain.yaml")
    with (site / "workflow/fact/infra/process/gpus.py").open("a") as module:
        module.write("\n\ndef visible_gpus() -> list[str]:\n    return ['0']\n")
        # that torch does not see it must not stop the jobs
        module.write("\n\ndef has_idle_gpu() -> bool:\n    return False\n")
    runner(site)("snakemake", "--cores", "2", *OTHERS)
    return site


def at_a_time(output: str) -> int:
    """How many extractions were at work together, from Snakemake's messages of their starts and ends."""
    events = re.findall(r"^(?:local)?(rule|Finished jobid: .*Rule:) extract_features", output, re.MULTILINE)
    running = accumulate(1 if event == "rule" else -1 for event in events)
    return max(running)


def test_jobs_wait_for_the_only_gpu_unless_told_otherwise(site: Path) -> None:
    extract = ("snakemake", "--cores", "4", "--forcerun", "extract_features")
    done = runner(site)(*extract, "--", *EXTRACTIONS)
    assert at_a_time(done.stdout + done.stderr) == 1
    done = runner(site)(*extract, "--resources", "gpu=2", "--", *EXTRACTIONS)
    assert at_a_time(done.stdout + done.stderr) == 2
