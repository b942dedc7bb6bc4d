import json
from pathlib import Path

import pytest
from fact.project.labels.fiftyone import write_fiftyone
from fact.project.labels.read_votes import read_votes


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two images of the same base name, handed out."""
    for folder in ("a", "b"):
        (tmp_path / "images" / folder).mkdir(parents=True)
        (tmp_path / "images" / folder / "same.jpg").write_text(folder)
    paths = {f"{folder}/same.jpg": f"{folder}/same.jpg" for folder in ("a", "b")}
    write_fiftyone(tmp_path / "out", paths, tmp_path / "images", ["cat", "dog"])
    return tmp_path / "out"


def labelled(out: Path, labels: list[object], classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    """``labels.json`` as FiftyOne exports it, with these labels for the images in order."""
    keys = json.loads((out / "labels.json").read_text())["labels"]
    content = {"classes": list(classes), "labels": dict(zip(keys, labels, strict=True))}
    (out / "labels.json").write_text(json.dumps(content))
    return out / "labels.json"


def test_every_label_has_its_image(out):
    content = json.loads((out / "labels.json").read_text())
    files = sorted((out / "data").iterdir())
    assert content["classes"] == ["cat", "dog"] and set(content["labels"].values()) == {None}
    assert [file.stem for file in files] == list(content["labels"])
    assert [file.read_text() for file in files] == ["a", "b"]


@pytest.mark.parametrize("labels", [[1, None], ["dog", None]])
def test_labels_come_back(out, labels):
    votes = read_votes(labelled(out, labels))
    assert [(vote.sample_id, vote.choices) for vote in votes] == [
        ("a/same.jpg", ("dog",)),
        ("b/same.jpg", ()),
    ]


@pytest.mark.parametrize("label", [2, -1, 0.5, [0]])
def test_a_label_that_is_no_class_is_refused(out, label):
    with pytest.raises(ValueError, match=r"no labels\.json of FiftyOne"):
        read_votes(labelled(out, [label, None]))


def test_a_stranger_has_no_sample_id(out):
    (out / "labels.json").write_text('{"classes": ["cat"], "labels": {"other": 0}}')
    assert [vote.sample_id for vote in read_votes(out / "labels.json")] == [""]
