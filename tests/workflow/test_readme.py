"""The README's commands run as they stand, in a copy in which the demo has run; the others have a reason."""

import re
import subprocess
from pathlib import Path

import pytest
from checkout import REPOSITORY, WARM_SNAKEMAKE, copy_checkout, environment, runner

SELECTION = "results/selections/digits/vit_letters/activeft/20img/seed0.csv"
# what a reader puts in, and what stands for it here
PLACEHOLDERS = {"SELECTION.csv": SELECTION, "--cores all": "--cores 2"}
# the beginning of a command, and why no test runs it from here
EXCUSES = {
    "pip install": "tests/workflow/test_installed.py builds and installs the package",
    "fact new": "tests/workflow/test_own_images.py goes from a folder to a model",
    "fact run": "tests/workflow/test_own_images.py goes from a folder to a model",
    "fact label birds": "tests/browser/test_label_to_model.py labels in a browser",
    "fact audit": "tests/workflow/test_own_images.py has an audit",
    "make demo": "it sets up an environment of its own; the first lines here do the same work",
    "snakemake --profile slurm": "tests/slurm runs on a cluster of one machine",
    "snakemake --configfile config/paper.yaml -n": "tests/paper runs all of it in miniature",
    "fact plan --configfile config/paper.yaml": "test_plan_command.py plans; this takes minutes",
    "snakemake --cores all cifar10": "a download",
    "fact data get": "a download",
    "fact weights get": "a download",
}


def shown() -> list[str]:
    """Every command of the README's shell blocks; lines that go on are joined, comments left out."""
    text = (REPOSITORY / "README.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return list(filter(None, (re.sub(r"\s+#.*$", "", line).strip() for line in lines)))


def excuse(command: str) -> str | None:
    return next((reason for start, reason in EXCUSES.items() if command.startswith(start)), None)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the demo has run."""
    checkout = copy_checkout(tmp_path_factory.mktemp("readme"))
    runner(checkout)(*WARM_SNAKEMAKE, "--cores", "2")
    return checkout


@pytest.mark.parametrize("command", [line for line in shown() if not excuse(line)])
def test_a_command_does_what_it_says(demo: Path, command: str) -> None:
    for placeholder, value in PLACEHOLDERS.items():
        command = command.replace(placeholder, value)
    # Graphviz may be missing; what it draws is not
    command = command.partition(" | dot")[0]
    done = subprocess.run(
        ["bash", "-c", command], cwd=demo, env=environment(demo), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("start", EXCUSES)
def test_an_excuse_is_of_a_command_that_is_shown(start: str) -> None:
    assert any(command.startswith(start) for command in shown())
