"""A job that is a fork fails as one of the real command does; the tests of kills compare what both write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import REPOSITORY, WARM_SNAKEMAKE, runner


@pytest.mark.parametrize(
    "command", [WARM_SNAKEMAKE, (*WARM_SNAKEMAKE, "--warm-up"), ("snakemake",)], ids=["warm", "early", "real"]
)
def test_a_job_that_fails_fails_the_run_and_its_log_says_why(fresh: Path, command: tuple[str, ...]) -> None:
    (fresh / "big.yaml").write_text("datasets: {digits: {budgets: [1438img]}}")
    done = runner(fresh)(*command, "--cores", "1", "--configfile", "big.yaml", succeeds=False)
    told = done.stdout + done.stderr
    assert "error: " in told and "budget '1438img' means 1438" in told and "Traceback" not in told
    assert "returned non-zero exit status 1" in told


def run_code(code: str, **environment: str) -> str:
    """What a Python prints that finds the checkout's library."""
    env = os.environ | {"PYTHONPATH": str(REPOSITORY / "workflow")} | environment
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_large_packages_are_imported_before_any_job() -> None:
    """Where they cannot be, the process that is forked says nothing, and every job imports them itself."""
    code = "import sys, fact.infra.process.preloaded; print(*sys.modules)"
    loaded = run_code(code, PRELOAD="sklearn.cluster,no_such_package").split()
    assert {"torch", "timm", "numba", "sklearn.cluster"} <= set(loaded)


def test_a_job_has_the_threads_that_snakemake_would_give_it() -> None:
    code = (
        "import os, warm_snakemake, numpy, torch\n"
        "from threadpoolctl import threadpool_info\n"
        "warm_snakemake.limit_threads(1)\n"
        "numpy.ones((9, 9)) @ numpy.ones((9, 9))\n"
        "print(torch.get_num_threads(), os.environ['OMP_NUM_THREADS'])\n"
        "print(*(library['num_threads'] for library in threadpool_info()))"
    )
    assert set(run_code(code, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2").split()) == {"1"}
