from collections.abc import Mapping
from pathlib import Path

import pytest
from fact.infra.process import stage_version as module
from fact.infra.process.stage_version import Stage, shortened, stage_version

WATCHED = {"torch": "minor", "scikit-learn": "minor", "peft": "minor", "timm": "never"}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A small package: a tuner that imports peft within a function, and a table that imports nothing."""
    root = tmp_path / "fact"
    root.mkdir()
    (root / "tuner.py").write_text("import timm\ndef prepare():\n    from peft.tuners import lora\n")
    (root / "table.py").write_text("import json\n")
    (tmp_path / "tune.py").write_text("import torch\nimport fact.table\n")
    (tmp_path / "tabulate.py").write_text("import fact.table\n")
    return root


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Versions that are said to be installed; they can be changed."""
    versions = {"torch": "2.13.0+cpu", "scikit-learn": "1.9.1", "peft": "0.21.2", "timm": "1.0.31"}
    monkeypatch.setattr(module, "installed_version", versions.get)
    return versions


def version_of(library: Path, script: str, *modules: str, rerun_on: Mapping[str, str] = WATCHED) -> str:
    return stage_version(Stage(str(library.parent / script), modules, rerun_on), root=library)


def test_libraries_that_a_stage_imports_are_part_of_its_version(library: Path, installed: dict) -> None:
    code, *libraries = version_of(library, "tune.py", "fact.tuner").split("+")
    assert len(code) == 16 and libraries == ["peft-0.21", "torch-2.13"]
    assert version_of(library, "tune.py").split("+")[1:] == ["torch-2.13"]
    assert "+" not in version_of(library, "tabulate.py")


@pytest.mark.parametrize(
    ("number", "same"), [("2.13.1", True), ("2.13.0+cu130", True), ("2.14.0", False), ("3.0", False)]
)
def test_a_patch_release_changes_nothing_a_minor_one_does(
    library: Path, installed: dict, number: str, same: bool
) -> None:
    before = version_of(library, "tune.py")
    installed["torch"] = number
    assert (version_of(library, "tune.py") == before) == same


def test_what_is_watched_can_be_set(library: Path, installed: dict) -> None:
    watched = [
        version_of(library, "tune.py", rerun_on={"torch": part}) for part in ("patch", "major", "never")
    ]
    assert [version.partition("+")[2] for version in watched] == ["torch-2.13.0", "torch-2", ""]


def test_every_name_that_the_configuration_takes_has_an_import_name() -> None:
    import yaml
    from fact.infra.files.shipped import workflow_folder

    schema = yaml.safe_load((workflow_folder() / "workflow/schemas/config.schema.yaml").read_text("utf-8"))
    declared = schema["properties"]["run"]["properties"]["rerun_on"]
    assert set(declared["propertyNames"]["enum"]) == set(module.IMPORT_NAMES)
    assert set(declared["additionalProperties"]["enum"]) == {*module.PARTS, "never"}


def test_versions_are_shortened() -> None:
    assert [shortened("1.0.0rc1", part) for part in module.PARTS] == ["1", "1.0", "1.0.0rc1"]
