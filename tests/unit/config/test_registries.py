from pathlib import Path

import pytest
import yaml
from fact.config.registries import REGISTRIES, merge, with_registries


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in REGISTRIES:
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({name: {"one": {"a": 1, "b": [1, 2]}}}))
    return tmp_path


def test_registries_are_read_and_overridden(folder: Path) -> None:
    config = with_registries({"heads": {"one": {"b": [3]}, "two": {"a": 9}}, "run": {"seeds": [0]}}, folder)
    assert config["heads"] == {"one": {"a": 1, "b": [3]}, "two": {"a": 9}}
    assert config["datasets"] == {"one": {"a": 1, "b": [1, 2]}} and config["run"] == {"seeds": [0]}


def test_merging_leaves_its_arguments_alone() -> None:
    base, override = {"a": {"b": 1}, "c": [1]}, {"a": {"d": 2}, "c": {"e": 3}}
    assert merge(base, override) == {"a": {"b": 1, "d": 2}, "c": {"e": 3}}
    assert base == {"a": {"b": 1}, "c": [1]} and override == {"a": {"d": 2}, "c": {"e": 3}}


def test_a_missing_registry_is_an_error(folder: Path) -> None:
    (folder / "heads.yaml").unlink()
    with pytest.raises(FileNotFoundError, match=r"heads\.yaml"):
        with_registries({}, folder)
