"""Groups of a new project: each way to say them, and what is wrong said before anything is written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fact.data.grouping import group_images, read_table
from fact.infra.errors import ConfigError, LabelError
from fact.project.create import new_project
from fact.project.folder import open_project
from fact.project.groups import groups_of
from projects import asked

NAMES = ["v1/a 1.png", "v1/b.png", "v2/c.png", "v2/=d.png", "e.png"]


@pytest.fixture
def images(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    for seed, name in enumerate(NAMES):
        write_image(tmp_path / "images" / name, seed=seed)
    return tmp_path / "images"


def table(path: Path, rows: list[str], header: str = "path,label,patient") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_without_groups_images_are_independent(tmp_path: Path, images: Path) -> None:
    assert groups_of(asked(images)) == (None, {})
    new_project(tmp_path / "birds", asked(images), [])
    assert open_project(tmp_path / "birds").groups == []


@pytest.mark.parametrize("groups", ["folder", r"^(v\d)/", r"(?i)^(V\d)/(.)"])
def test_a_pattern_is_written_as_it_is(tmp_path: Path, images: Path, groups: str) -> None:
    new_project(tmp_path / "birds", asked(images, groups=groups), [])
    project = open_project(tmp_path / "birds")
    assert project.dataset["groups"] == groups and project.dataset["spread_over_groups"] is False
    assert project.groups == [str(tmp_path / "birds/results/datasets/own/groups.csv")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_copied_into_the_project_under_the_images_names(
    tmp_path: Path, images: Path, separator: str
) -> None:
    lines = ["./v1/a 1.png,p1", "b.png,p1", "v2\\c.png,p2", "v2/=d.png,p2", "gone.png,p3", "e.png,"]
    rows = [line.replace(",", separator) for line in lines]
    path = table(tmp_path / "tracks.csv", rows, f"file_name{separator}patient")
    new_project(tmp_path / "birds", asked(images, groups=f"{path}:patient"), [])
    path.unlink()
    project = open_project(tmp_path / "birds")
    assert project.dataset["groups"] == "groups.csv:group"
    copied = read_table(tmp_path / "birds/groups.csv", "group")
    found = group_images(NAMES, project.dataset["groups"], copied)
    assert found == {"v1/a 1.png": "p1", "v1/b.png": "p1", "v2/c.png": "p2", "v2/=d.png": "p2"}


def test_a_column_of_the_labels_may_say_them(tmp_path: Path, images: Path) -> None:
    path = table(tmp_path / "labels.csv", ["v1/a 1.png,cat,p1", "v2/c.png,dog,p2", "e.png,dog,p2"])
    groups, rows = groups_of(asked(images, groups="patient", labels=path))
    assert groups == "groups.csv:group"
    assert rows == {"v1/a 1.png": "p1", "v2/c.png": "p2", "e.png": "p2"}


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("patient", "no part in parentheses"),
        ("(v", "no regular expression"),
        ("(w)", "names a group of none of 5 images"),
        (r"\.(png)", "into one group"),
    ],
)
def test_groups_that_cannot_be_are_refused_before_anything_is_written(
    tmp_path: Path, images: Path, groups: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        new_project(tmp_path / "birds", asked(images, groups=groups), [])
    assert not (tmp_path / "birds").exists()


def test_a_table_that_has_not_the_column_or_is_away_is_named(tmp_path: Path, images: Path) -> None:
    path = table(tmp_path / "tracks.csv", ["e.png,cat,p1"])
    with pytest.raises(ConfigError, match=r"tracks.csv has no column 'place'; it has \['path', 'label'"):
        groups_of(asked(images, groups=f"{path}:place"))
    with pytest.raises(FileNotFoundError, match=r"gone.csv"):
        groups_of(asked(images, groups=f"{tmp_path / 'gone.csv'}:place"))
    with pytest.raises(LabelError, match="no column sample_id or path"):
        groups_of(asked(images, groups=f"{table(path, ['x,y'], 'photo,place')}:place"))
