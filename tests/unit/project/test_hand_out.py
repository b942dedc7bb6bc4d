import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fact.project.hand_out import Batch, hand_out, handed_out
from fact.project.labels.handed_files import read_mapping
from fact.project.labels.sheet import read_sheet
from fact.project.to_label import batch
from projects import plain_page, selected


@pytest.fixture
def birds(tmp_path: Path, write_image: Callable[..., Path]) -> Batch:
    for number, name in enumerate(("a/x.png", "b/x.png", "=c.png", "page.tif")):
        write_image(tmp_path / "images" / name, seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", ["b/x.png", "=c.png", "a/x.png", "page.tif"])
    return batch(project)._replace(classes=["cat", "a/b"])


def test_every_format_is_in_one_folder(tmp_path: Path, birds: Batch) -> None:
    folder = hand_out(tmp_path / "birds", birds, plain_page)
    assert folder == tmp_path / "birds/to_label"
    assert [vote.sample_id for vote in read_sheet(folder / "to_label.csv")] == list(birds.paths)
    assert "'=c.png" in (folder / "to_label.csv").read_text("utf-8")
    tasks = json.loads((folder / "label_studio/tasks.json").read_text())
    assert [task["data"]["sample_id"] for task in tasks] == list(birds.paths)
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=images/b/x.png"
    assert tasks[0]["data"]["sha256"] == birds.checksums["b/x.png"]
    config = ElementTree.fromstring((folder / "label_studio/label_config.xml").read_text())
    assert [choice.get("value") for choice in config.iter("Choice")] == ["cat", "a/b"]
    assert sorted(read_mapping(folder / "fiftyone").values()) == sorted(birds.paths)
    assert sorted(path.name for path in (folder / "class_folders").iterdir() if path.is_dir()) == [
        "a%2Fb",
        "cat",
        "unlabelled",
    ]
    assert (folder / "label.html").read_text() == "<html>"
    told = (folder / "README.txt").read_text("utf-8")
    assert (
        f"DOCUMENT_ROOT={tmp_path}" in told and "(1 of the images are of a kind that it cannot show)" in told
    )


def test_what_is_there_is_never_written_over(tmp_path: Path, birds: Batch) -> None:
    folder = hand_out(tmp_path / "birds", birds._replace(classes=[]), plain_page)
    assert not (folder / "label_studio").exists() and "classes.txt" in (folder / "README.txt").read_text()
    (folder / "to_label.csv").write_text("mine")
    assert hand_out(tmp_path / "birds", birds, lambda path: path.write_text("other")) == folder
    assert (folder / "to_label.csv").read_text() == "mine"
    assert (folder / "label.html").read_text() == "<html>"
    # names of classes that came later add what they make possible
    assert (folder / "label_studio/tasks.json").is_file() and (folder / "class_folders/cat").is_dir()


def test_another_selection_has_a_folder_of_its_own(tmp_path: Path, birds: Batch) -> None:
    project = tmp_path / "birds"
    first = hand_out(project, birds, plain_page)
    other = birds._replace(paths={"a/x.png": "a/x.png"})
    second = hand_out(project, other, plain_page)
    assert second == project / "to_label_2" and handed_out(project) == [first, second]
    assert hand_out(project, birds, plain_page) == first and hand_out(project, other, plain_page) == second


def test_a_path_cannot_leave_the_images(tmp_path: Path, birds: Batch) -> None:
    outside = birds._replace(paths={"x": "../fact.yaml"})
    with pytest.raises(ValueError, match=r"'\.\./fact\.yaml' leaves the image folder"):
        hand_out(tmp_path / "birds", outside, plain_page)
