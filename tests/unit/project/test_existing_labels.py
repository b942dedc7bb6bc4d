"""Labels that are there already are a start of their own."""

import shutil
from pathlib import Path

import pytest
from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.project.create import new_project
from fact.project.folder import Project, open_project
from fact.project.labels_back import take_back
from projects import asked, selected


@pytest.fixture
def images(tmp_path: Path, write_image) -> Path:
    for number, name in enumerate(["a.png", "b.png", "c.png", "d/a.png"]):
        write_image(tmp_path / "images" / name, seed=number)
    return tmp_path / "images"


def begun(tmp_path: Path, images: Path, labels: Path) -> Project:
    new_project(tmp_path / "birds", asked(images, labels=labels), [])
    return selected(tmp_path / "birds", images, ["a.png"])


def test_class_folders_of_ones_own_are_joined_by_the_bytes_of_images(tmp_path: Path, images: Path) -> None:
    own = tmp_path / "sorted"
    for name, place in (
        ("b.png", "M\u00f6we/x1.png"),
        ("d/a.png", "M\u00f6we/2/y.png"),
        ("c.png", "Amsel/z.png"),
    ):
        (own / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(images / name, own / place)
    back = take_back(begun(tmp_path, images, own))
    assert back.labels == {"b.png": "M\u00f6we", "d/a.png": "M\u00f6we", "c.png": "Amsel"}


def test_the_images_may_lie_in_their_class_folders(tmp_path: Path, write_image) -> None:
    images = tmp_path / "images"
    for number, name in enumerate(["cat/1.png", "cat/2.png", "dog/1.png"]):
        write_image(images / name, seed=number)
    new_project(tmp_path / "pets", asked(images, labels=images), [])
    project = selected(tmp_path / "pets", images, ["cat/1.png"])
    assert take_back(project).labels == {"cat/1.png": "cat", "cat/2.png": "cat", "dog/1.png": "dog"}


def test_a_table_is_copied_to_where_labels_come_back(tmp_path: Path, images: Path) -> None:
    (tmp_path / "mine.csv").write_text("file_name,label\nb.png,cat\nc.png,dog\na.png,cat\n")
    project = begun(tmp_path, images, tmp_path / "mine.csv")
    (tmp_path / "mine.csv").unlink()
    # a.png lies in two folders: the path fits one of them
    assert take_back(project).labels == {"a.png": "cat", "b.png": "cat", "c.png": "dog"}


@pytest.mark.parametrize("name", ["nowhere", "labels.xlsx", "empty"])
def test_labels_that_cannot_be_read_leave_no_project_behind(tmp_path: Path, images: Path, name: str) -> None:
    (tmp_path / "labels.xlsx").write_bytes(b"PK")
    (tmp_path / "empty").mkdir()
    with pytest.raises((FileNotFoundError, ValueError), match=name):
        new_project(tmp_path / "birds", asked(images, labels=tmp_path / name), [])
    assert not (tmp_path / "birds/fact.yaml").exists()


def test_classes_can_be_named_later_and_not_replaced(tmp_path: Path, images: Path) -> None:
    new_project(tmp_path / "birds", asked(images), [])
    new_project(tmp_path / "birds", asked(images), ["cat", "dog"])
    assert (tmp_path / "birds/classes.txt").read_text() == "cat\ndog\n"
    with pytest.raises(ValueError, match="names other classes"):
        new_project(tmp_path / "birds", asked(images), ["cat", "cow"])


def test_a_gone_image_of_an_earlier_round_stops_no_index(tmp_path: Path, images: Path) -> None:
    project = begun(tmp_path, images, images_of_one(tmp_path))
    (images / "b.png").unlink()
    write_manifest(project.index, own_images.index(images))
    assert "b.png" not in take_back(open_project(project.folder)).labels


def images_of_one(tmp_path: Path) -> Path:
    path = tmp_path / "one.csv"
    path.write_text("path,label\nb.png,cat\nc.png,dog\n")
    return path
