"""What an installation without extras can do, and what it says of the rest."""

from importlib.metadata import requires
from pathlib import Path

import pytest
from delivered import delivered, digits_weights
from fact.commands.doctor import DISTRIBUTION
from fact.infra.extras import EXTRAS, MODULES, missing_extra
from noise_image import write_noise
from packaging.requirements import Requirement
from without_extras import fact_without_extras

# modules that go by another name than what is installed
DISTRIBUTIONS = {"faiss": "faiss-cpu", "sklearn": "scikit-learn"}


def test_it_predicts(tmp_path: Path) -> None:
    model = delivered(tmp_path / "model", digits_weights(tmp_path / "weights"))
    write_noise(tmp_path / "images/one.png", seed=0)
    done = fact_without_extras(tmp_path, "predict", model, "images", "--out", "predictions.csv")
    assert done.returncode == 0, done.stderr
    assert "1 " in done.stdout and (tmp_path / "predictions.csv").is_file()


SLOW = pytest.param(["backbones"], marks=pytest.mark.slow)


@pytest.mark.parametrize("command", [["--help"], ["workflow", "path"], SLOW])
def test_these_commands_need_no_extra(tmp_path: Path, command: list[str]) -> None:
    done = fact_without_extras(tmp_path, *command)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("command", "extra"), [(["plan", "table1"], "workflow"), (["data", "get", "digits"], "select")]
)
def test_others_name_the_extra_that_they_need(tmp_path: Path, command: list[str], extra: str) -> None:
    done = fact_without_extras(tmp_path, *command)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert f"pip install 'fact-workflow[{extra}]'" in done.stderr


def test_every_extra_brings_what_it_is_said_to_bring() -> None:
    brought: dict[str, set[str]] = {}
    for line in requires(DISTRIBUTION) or []:
        needed = Requirement(line)
        for extra in EXTRAS:
            if needed.marker and needed.marker.evaluate({"extra": extra}):
                brought.setdefault(extra, set()).add(needed.name)
    for module, extra in MODULES.items():
        assert DISTRIBUTIONS.get(module, module.replace("_", "-")) in brought[extra], module


def test_a_module_of_no_extra_is_a_bug() -> None:
    assert missing_extra(ModuleNotFoundError("No module named 'left_pad'", name="left_pad")) is None
    assert missing_extra(ValueError("numba")) is None
