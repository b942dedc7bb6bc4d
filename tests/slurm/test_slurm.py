"""`snakemake --profile slurm` on a real one-node Slurm: the demo, and what goes wrong on clusters."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checkout import copy_of, environment, finished_run, prepared
from cluster import Cluster, missing
from drill import checksums, jobs_of
from waiting import wait_for

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
# a training of a minute on a slow core, so that it is still there when the next driver has started
OVERLAY = """
run: {seeds: [0], selectors: [activeft], methods: [LR-frozen, LP-FT, FACT], resume_minutes: 0.001}
datasets: {digits: {backbones: [vit_digits], budgets: [20img]}}
selectors: {activeft: {params: {iterations: 20}}}
recipes: {lp-ft: {epochs: 400}}
"""
PROFILES = ("--profile", "slurm", "--profile", "tests/slurm/one_node")
# what the executor logs, with --verbose, when a check of its jobs found no controller
UNANSWERED = "could not check status of job"
CHECKPOINT = "results/runs/digits/vit_digits/activeft/20img/seed0/lp-ft/checkpoint.safetensors"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("slurm"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same work done on this machine, without Slurm."""
    return finished_run(tmp_path_factory, OVERLAY, "overlay.yaml", cores=1)


@pytest.fixture
def site(local: Path, tmp_path: Path) -> Path:
    """A copy of the finished work in which the checkpoint has to be trained again."""
    site = copy_of(local, tmp_path / "site")
    (site / CHECKPOINT).unlink()
    return site


@contextmanager
def driver(site: Path, *options: str, target: str = "all_tables") -> Iterator[tuple[subprocess.Popen, Path]]:
    """`snakemake --profile slurm` at work in the background; its output goes to a file."""
    log = site / "driver.log"
    command = ("snakemake", *PROFILES, target, "--configfile", "overlay.yaml", *options)
    with log.open("a") as file:
        process = subprocess.Popen(command, cwd=site, env=environment(site), stdout=file, stderr=file)
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()


def training(cluster: Cluster) -> list[str]:
    """Ids of running training jobs."""
    return [
        number for number, state, name in cluster.jobs() if state == "RUNNING" and "tune_backbone" in name
    ]


def resumed(site: Path) -> bool:
    log = next((site / "results/logs/tune_backbone").rglob("lp-ft.log"))
    return "resumed from" in log.read_text("utf-8")


def saved(site: Path) -> bool:
    return (site / CHECKPOINT).with_name("resume.safetensors").exists()


def test_the_demo_with_its_driver_killed_twice(cluster: Cluster, local: Path, tmp_path: Path) -> None:
    site = prepared(tmp_path / "site", OVERLAY, "overlay.yaml")
    with driver(site) as (process, log):
        wait_for(lambda: any("extract_features" in name for _, _, name in cluster.jobs()))
        process.send_signal(signal.SIGKILL)
    with driver(site) as (process, log):
        wait_for(lambda: training(cluster) and saved(site))
        process.send_signal(signal.SIGKILL)
    [orphan] = training(cluster)  # the job of a dead driver lives on
    with driver(site) as (process, log):
        wait_for(lambda: process.poll() is not None or len(training(cluster)) == 1)
        assert process.wait(timeout=900) == 0, log.read_text()
    # of the first driver's short jobs perhaps none was left
    assert f"ended Slurm jobs of an earlier run: {orphan}\n" in log.read_text()
    assert resumed(site) and cluster.jobs() == []
    assert checksums(site) == checksums(local)


def test_a_cancelled_training_is_retried_and_resumes(cluster: Cluster, local: Path, site: Path) -> None:
    with driver(site, target=CHECKPOINT) as (process, log):
        wait_for(lambda: training(cluster) and saved(site))
        cluster.run("scancel", *training(cluster))
        assert process.wait(timeout=900) == 0, log.read_text()
    assert "Trying to restart" in log.read_text() and resumed(site)
    assert checksums(site) == checksums(local)


def test_a_job_out_of_memory_is_retried_with_more(cluster: Cluster, local: Path, site: Path) -> None:
    memory = "tune_backbone:mem_mb=250*attempt*attempt*attempt"
    with driver(site, "--set-resources", memory, target=CHECKPOINT) as (process, log):
        assert process.wait(timeout=900) == 0, log.read_text()
    told = log.read_text()
    assert "mem_mb=250," in told and "Trying to restart" in told and "mem_mb=2000," in told
    assert checksums(site) == checksums(local)


def test_a_job_over_its_time_is_retried_and_resumes(cluster: Cluster, local: Path, site: Path) -> None:
    minutes = "tune_backbone:runtime=attempt"
    with driver(site, "--set-resources", minutes, target=CHECKPOINT) as (process, log):
        wait_for(lambda: training(cluster) and saved(site))
        # slower than its minute: stop it until the time is up
        for job in dict(jobs_of(site)):
            os.kill(job, signal.SIGSTOP)
        wait_for(lambda: "Trying to restart" in log.read_text())
        assert process.wait(timeout=900) == 0, log.read_text()
    assert resumed(site) and checksums(site) == checksums(local)


def test_slurmd_killed_and_slurmctld_down_when_asked(cluster: Cluster, local: Path, site: Path) -> None:
    with driver(site, "--verbose", target=CHECKPOINT) as (process, log):
        # the executor asks the controller for its settings once, soon after the first submission
        wait_for(lambda: training(cluster) and saved(site))
        before = cluster.node_start()
        cluster.stop_node()
        cluster.start_node()
        wait_for(lambda: cluster.node_start() != before)
        cluster.stop_controller()
        wait_for(lambda: UNANSWERED in log.read_text())
        cluster.start_controller()
        assert process.wait(timeout=900) == 0, log.read_text()
    assert checksums(site) == checksums(local)


def test_a_partition_that_does_not_exist_is_named(cluster: Cluster, site: Path) -> None:
    with driver(site, "--default-resources", "slurm_partition=nowhere", "--retries", "0") as (process, log):
        assert process.wait(timeout=400) != 0
    assert "nowhere" in log.read_text() and "partition" in log.read_text().lower()
