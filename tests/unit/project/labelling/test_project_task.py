from pathlib import Path

import numpy as np
import pytest
from fact.infra.errors import ConfigError
from fact.project.folder import Project
from fact.project.labelling.mark import read_mark
from fact.project.labelling.project_task import project_task
from fact.project.labelling.session import LabelSession
from fact.project.labels_back import take_back
from label_tasks import sent
from PIL import Image
from projects import selected

NAMES = ["a.png", "b.png", "c.png"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    images = tmp_path / "images"
    images.mkdir()
    for number, name in enumerate(NAMES):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(images / name)
    return selected(tmp_path / "birds", images, ["a.png", "c.png"])


def label(project: Project, number: int, choice: str) -> None:
    session = LabelSession(project_task(project))
    session.record([read_mark(sent(session.task, number, choice, event=f"{number}{choice}"), session.task)])


def test_the_images_are_those_of_this_round(project: Project) -> None:
    task = project_task(project)
    assert [(image.path, image.part) for image in task.images] == [
        ("a.png", "this round"),
        ("c.png", "this round"),
    ]
    assert task.read_image(task.images[1]).shape == (40, 60, 3) and task.project == project.folder


def test_labels_of_the_page_are_taken_in_as_others_are(project: Project) -> None:
    label(project, 0, "owl")
    label(project, 1, "hawk")
    label(project, 1, "owl")
    assert take_back(project).labels == {"a.png": "owl", "c.png": "owl"}


def test_two_people_who_disagree_leave_no_label(project: Project) -> None:
    label(project, 0, "owl")
    session = LabelSession(project_task(project))
    other = sent(session.task, 0, "hawk", annotator="bo", event="bo")
    session.record([read_mark(other, session.task)])
    label(project, 1, "owl")
    assert take_back(project).labels == {"c.png": "owl"}


def test_what_is_labelled_outside_of_the_round_can_be_looked_at_again(project: Project) -> None:
    (project.folder / "labels_back").mkdir(exist_ok=True)
    (project.folder / "labels_back/more.csv").write_text("sample_id,label\nb.png,hawk\na.png,owl\n")
    take_back(project)
    assert [image.part for image in project_task(project).images] == [
        "this round",
        "this round",
        "labelled before",
    ]


def test_a_new_class_joins_those_that_are_declared(project: Project) -> None:
    (project.folder / "classes.txt").write_text("owl\nhawk\n")
    label(project, 0, "heron")
    label(project, 1, "owl")
    assert (project.folder / "classes.txt").read_text() == "owl\nhawk\nheron\n"
    assert take_back(project).labels == {"a.png": "heron", "c.png": "owl"}


def test_an_image_that_was_replaced_is_not_shown(project: Project) -> None:
    task = project_task(project)
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(project.images / "a.png")
    with pytest.raises(ValueError, match="changed"):
        task.read_image(task.images[0])


def test_a_project_without_a_selection_says_what_to_do(project: Project) -> None:
    project.selection.unlink()
    with pytest.raises(FileNotFoundError, match="fact run"):
        project_task(project)


def test_a_list_of_ones_own_is_left_alone(project: Project) -> None:
    project.labels.write_text("sample_id,label\na.png,owl\n")
    with pytest.raises(ConfigError, match="labels_back"):
        project_task(project)
