"""What somebody saved beside the sheet is named, with what to do."""

from pathlib import Path

import pytest
from fact.project.folder import Project
from fact.project.hand_out import hand_out
from fact.project.to_label import batch
from fact.project.unread import remedy_of, unread_files
from projects import plain_page, selected


@pytest.fixture
def birds(tmp_path: Path, write_image) -> Project:
    for number, name in enumerate(["a.png", "b.png", "c.png"]):
        write_image(tmp_path / "images" / name, seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", ["a.png", "b.png", "c.png"])
    (project.folder / "classes.txt").write_text("cat\ndog\n")
    hand_out(project.folder, batch(project), plain_page)
    return project


def test_nothing_that_was_handed_out_is_named(birds: Project) -> None:
    assert unread_files(birds) == []


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("to_label/to_label.xlsx", "save it as CSV"),
        ("to_label/to_label (1).csv", "move it into"),
        ("to_label/job_7.zip", "unpack it"),
        ("to_label/annotations.xml", "move it into"),
        ("to_label/label_studio/project-1.json", "move it into"),
        ("to_label/fiftyone/labels (2).json", "move it into"),
    ],
)
def test_a_file_under_another_name_is_named_with_its_remedy(birds: Project, name: str, remedy: str) -> None:
    path = birds.folder / name
    path.write_bytes(b"")
    (path.parent / ".~lock.to_label.csv#").write_bytes(b"")
    assert unread_files(birds) == [path]
    assert remedy in remedy_of(path, birds.folder / "labels_back")
