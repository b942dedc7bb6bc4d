"""A project is the same wherever it lies and from wherever it is run."""

import shutil
from pathlib import Path

import pytest
import yaml
from fact.project.folder import Project, open_project
from projects import selected


@pytest.fixture
def birds(tmp_path: Path, write_image) -> Project:
    for number, name in enumerate(["a.png", "b.png", "c.png"]):
        write_image(tmp_path / "images" / name, seed=number)
    return selected(tmp_path / "birds", tmp_path / "images", ["a.png", "b.png", "c.png"])


def with_key(folder: Path, key: str, value: object) -> None:
    path = folder / "fact.yaml"
    config = yaml.safe_load(path.read_text())
    config["datasets"]["own"][key] = value
    path.write_text(yaml.safe_dump(config))


def test_a_copy_is_a_project_of_its_own(birds: Project, tmp_path: Path) -> None:
    shutil.copytree(birds.folder, tmp_path / "owls")
    copy = open_project(tmp_path / "owls")
    assert copy.labels == tmp_path / "owls/labels.csv" and copy.images == birds.images
    assert copy.config.datasets["own"]["labels"] == "labels.csv"


def test_a_copy_from_before_that_trains_on_the_first_ones_labels_is_refused(
    birds: Project, tmp_path: Path
) -> None:
    (birds.folder / "labels.csv").write_text("sample_id,label\na.png,owl\n")
    (birds.folder / "labels.json").write_text("{}")
    shutil.copytree(birds.folder, tmp_path / "owls")
    with_key(tmp_path / "owls", "labels", str(birds.folder / "labels.csv"))
    with pytest.raises(ValueError, match=r"write labels: labels\.csv"):
        open_project(tmp_path / "owls")


@pytest.mark.parametrize("key", ["labels", "already_labelled"])
def test_a_list_that_is_named_and_missing_stops_before_any_work(birds: Project, key: str) -> None:
    with_key(birds.folder, key, "mine.csv")
    with pytest.raises(FileNotFoundError, match=f"datasets.own.{key} .*put it back"):
        open_project(birds.folder)


def test_a_list_of_ones_own_is_found_beside_the_configuration(
    birds: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (birds.folder / "mine.csv").write_text("sample_id,label\na.png,owl\n")
    with_key(birds.folder, "labels", "mine.csv")
    with_key(birds.folder, "root", "../images")
    monkeypatch.chdir(tmp_path.parent)
    project = open_project(birds.folder)
    assert project.labels_are_own and project.labels.is_file() and project.images.is_dir()
