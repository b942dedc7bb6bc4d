"""The package as `pip install` brings it: commands in any folder, a study, and the workflow as a module."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import PROGRAMS, copy_checkout
from noise_image import write_noise

ROOT = Path(__file__).parents[2]
STUDY = """
run: {datasets: [digits], selectors: [random], methods: [LR-frozen], seeds: [0], tables: [table1]}
datasets: {digits: {budgets: [20img]}}
"""
MODULE = """
configfile: "study.yaml"

module fact:
    snakefile: {snakefile!r}
    config: config

use rule * from fact as fact_*

rule mine:
    default_target: True
    input: "results/tables/table1.csv"
    output: "mine.csv"
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what git would carry."""
    source, folder = copy_checkout(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("dist")
    command = ["build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("fact_workflow-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages that holds what the wheel brings, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


class Installed:
    """Runs commands in a folder that has nothing to do with the checkout."""

    def __init__(self, packages: Path, folder: Path) -> None:
        self.packages, self.folder = packages, folder
        self.environment = {
            **os.environ,
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(packages),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
        }

    def run(self, *command: str, folder: Path | None = None) -> str:
        """Run to the end and return what is printed."""
        where = folder or self.folder
        done = subprocess.run(command, cwd=where, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert str(ROOT / "workflow") not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def fact(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "fact", *arguments)


@pytest.fixture
def package(installed: Path, tmp_path: Path) -> Iterator[Installed]:
    folder = tmp_path / "empty"
    folder.mkdir()
    yield Installed(installed, folder)


def test_the_wheel_holds_the_workflow_and_nothing_of_a_checkout(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packaged = {name.removeprefix("fact/_workflow/") for name in names if name.startswith("fact/_workflow/")}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    shipped = ("config/", "profiles/", "slurm/", "workflow/")
    expected = {name for name in listed if name.startswith(shipped)}
    assert packaged == {name for name in expected if not name.startswith("workflow/fact/")}
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"fact"}
    assert "fact/py.typed" in names and not any("__pycache__" in name for name in names)


def test_own_images_are_selected(package: Installed) -> None:
    for number in range(24):
        write_noise(package.folder / f"images/{number}.png", seed=number)
    made = package.fact("new", "own", "--images", "images", "--budget", "8", "--backbone", "vit_digits")
    assert "next: fact run own" in made
    # what follows is the same code as in a checkout, and is tested there
    assert "next:      label the images" in package.fact("run", "own", "--cores", "2")
    assert len((package.folder / "own/to_label/to_label.csv").read_text("utf-8").splitlines()) == 9


def test_a_study_that_was_laid_down_runs(package: Installed) -> None:
    package.fact("workflow", "init", "study")
    study = package.folder / "study"
    (study / "config/config.yaml").write_text(STUDY)
    index = "results/datasets/digits/manifest.parquet"
    package.run("snakemake", "--cores", "2", index, folder=study)
    again = package.run("snakemake", "-n", index, folder=study)
    assert "Nothing to be done" in again and "profiles/default" in again
    # the study's own configuration: one selection, where the shipped one asks for eight
    assert "select_samples          1" in package.run("snakemake", "-n", folder=study)


def test_another_workflow_takes_it_as_a_module(package: Installed) -> None:
    snakefile = package.fact("workflow", "path").strip()
    assert snakefile.startswith(str(package.packages))
    (package.folder / "Snakefile").write_text(MODULE.format(snakefile=snakefile))
    (package.folder / "study.yaml").write_text(STUDY)
    printed = package.run("snakemake", "--cores", "2")
    assert "fact_select_samples" in printed and "LR-frozen" in (package.folder / "mine.csv").read_text()
