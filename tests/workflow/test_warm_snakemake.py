"""A job that is a fork fails as one of the real command does; the tests of kills compare what both write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import WARM_SNAKEMAKE, runner

HERE = Path(__file__).parent


@pytest.mark.parametrize("command", [WARM_SNAKEMAKE, ("snakemake",)], ids=["warm", "real"])
def test_a_job_that_fails_fails_the_run_and_its_log_says_why(fresh: Path, command: tuple[str, ...]) -> None:
    (fresh / "big.yaml").write_text("datasets: {digits: {budgets: [1438img]}}")
    done = runner(fresh)(*command, "--cores", "1", "--configfile", "big.yaml", succeeds=False)
    told = done.stdout + done.stderr
    assert "error: " in told and "budget '1438img' means 1438" in told and "Traceback" not in told
    assert "returned non-zero exit status 1" in told


def test_the_large_packages_are_imported_before_any_job() -> None:
    """Where they cannot be, the process that is forked says nothing, and every job imports them itself."""
    code = "import sys, warm_snakemake; sys.exit('timm' not in sys.modules or 'peft' not in sys.modules)"
    places = {"PYTHONPATH": os.pathsep.join([str(HERE.parents[1] / "workflow"), str(HERE)])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | places, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
