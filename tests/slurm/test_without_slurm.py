"""The profile where there is no Slurm, and a node with the wrong environment: one clear message each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import copy_checkout, environment


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def test_the_profile_on_a_machine_without_slurm_says_so(checkout: Path, tmp_path: Path) -> None:
    own, programs = environment(checkout), tmp_path / "bin"
    programs.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name != "sbatch":
            (programs / program.name).symlink_to(program)
    own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{programs}"
    done = subprocess.run(
        ["snakemake", "--profile", "slurm", "all_tables"],
        cwd=checkout,
        env=own,
        capture_output=True,
        text=True,
    )
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert "there is no Slurm here" in told and "snakemake --cores" in told
    assert "Traceback" not in told


def test_a_node_without_the_package_says_so(checkout: Path) -> None:
    """The job's command with a Python that has Snakemake and not this project."""
    code = (
        "import sys; sys.path = [p for p in sys.path if 'workflow' not in p]\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'fact': raise ModuleNotFoundError(\"No module named 'fact'\", name='fact')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from snakemake.cli import main; main(['-n'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, env=environment(checkout), capture_output=True, text=True
    )
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert "has no package `fact`" in told and "pip install -e ." in told
