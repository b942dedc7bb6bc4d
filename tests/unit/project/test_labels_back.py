import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fact.data.labels_file import read_labels, write_labels
from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.project.folder import Project, open_project
from fact.project.hand_out import hand_out
from fact.project.labels.reconcile import Outcome
from fact.project.labels_back import LabelsBack, take_back
from fact.project.more import more_labels
from fact.project.to_label import batch
from projects import plain_page, selected

IDS = ["b/x.png", "=c.png", "a/x.png"]


@pytest.fixture
def birds(tmp_path: Path, write_image: Callable[..., Path]) -> Project:
    """Three images of five handed out; two classes are known."""
    for number, name in enumerate([*IDS, "d.png", "e.png"]):
        write_image(tmp_path / "images" / name, seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", IDS)
    (project.folder / "classes.txt").write_text("cat\ndog\n")
    hand_out(project.folder, batch(project), plain_page)
    return project


def fill_in(folder: Path, labels: dict[str, str]) -> None:
    """Labels into a sheet, as a spreadsheet saves it."""
    path = folder / "to_label.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";" if ";" in path.read_text("utf-8") else ",")
    with path.open("w", newline="") as file:
        filled = ([name, where, labels.get(name.removeprefix("'"), "")] for name, where, _ in rows)
        csv.writer(file, delimiter=";").writerows([header, *filled])


def test_without_a_label_nothing_is_written(birds: Project) -> None:
    assert take_back(birds).labels == {} and not birds.labels.exists()


def test_a_sheet_filled_in_where_it_lies_is_taken(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat", "a/x.png": "dog"})
    assert take_back(birds).labels == {"=c.png": "cat", "a/x.png": "dog"}
    assert read_labels(birds.labels) == {"=c.png": "cat", "a/x.png": "dog"}
    report = json.loads((birds.folder / "label_report.json").read_text())
    assert report["missing"] == ["b/x.png"] and report["asked"] == 3


def test_sorted_folders_and_files_from_elsewhere_are_taken_together(birds: Project) -> None:
    folders = birds.folder / "to_label/class_folders"
    (file,) = (folders / "unlabelled").glob("000001_*")
    file.rename(folders / "cat" / file.name)
    inbox = birds.folder / "labels_back"
    inbox.mkdir()
    records = [
        {"sample_id": "=c.png", "choice": "dog", "annotator": 1},
        {"sample_id": "d.png", "choice": "cat"},
    ]
    (inbox / "export.json").write_text(json.dumps(records))
    (inbox / "notes.csv").write_text("sample_id\tlabel\r\na/x.png\tdgo\r\nzzz\tcat\r\n")
    back = take_back(birds)
    assert back.labels == {"b/x.png": "cat", "=c.png": "dog", "d.png": "cat"}
    found = {outcome: vote.sample_id for vote, outcome in back.result.outcomes}
    assert found[Outcome.EXTRA] == "d.png" and found[Outcome.UNKNOWN_ID] == "zzz"
    assert found[Outcome.UNKNOWN_CLASS] == "a/x.png"


def test_exports_of_other_tools_are_taken_from_the_inbox(birds: Project) -> None:
    inbox = birds.folder / "labels_back"
    inbox.mkdir()
    (inbox / "annotations.xml").write_text(
        '<annotations><image id="0" name="b/x.png"><tag label="cat"/></image>'
        '<image id="1" name="x.png"><tag label="dog"/></image></annotations>'
    )
    content = {
        "images": [{"id": 1, "file_name": "/elsewhere/images/d.png"}, {"id": 2, "file_name": "=c.png"}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 2},
            *({"image_id": 2, "category_id": n} for n in (1, 2)),
        ],
    }
    (inbox / "instances.json").write_text(json.dumps(content))
    table = pa.table({"file_name": ["a/x.png"], "label": ["dog"]})
    pq.write_table(table, inbox / "metadata.parquet")
    back = take_back(birds)
    assert back.labels == {"b/x.png": "cat", "a/x.png": "dog", "d.png": "dog"}
    found = {vote.sample_id: outcome for vote, outcome in back.result.outcomes}
    # a name that two images have means none of them
    assert found["x.png"] is Outcome.UNKNOWN_ID and found["=c.png"] is Outcome.SEVERAL


def test_labels_of_an_image_that_was_replaced_are_left_out(birds: Project) -> None:
    task = json.loads((birds.folder / "to_label/label_studio/tasks.json").read_text())[0]
    task["data"]["sha256"] = "0" * 64
    task["annotations"] = [{"result": [{"type": "choices", "value": {"choices": ["cat"]}}]}]
    (birds.folder / "labels_back").mkdir()
    (birds.folder / "labels_back/export.json").write_text(json.dumps([task]))
    with pytest.raises(ValueError, match="not one label"):
        take_back(birds)
    votes = json.loads((birds.folder / "label_report.json").read_text())["votes"]
    assert [vote["sample_id"] for vote in votes["other_image"]] == ["b/x.png"]


def test_a_corrected_label_replaces_and_a_removed_file_costs_none(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat", "a/x.png": "dog"})
    take_back(birds)
    fill_in(birds.folder / "to_label", {"=c.png": "dog"})
    assert take_back(birds).labels == {"=c.png": "dog"}
    shutil.rmtree(birds.folder / "to_label")
    assert take_back(birds).labels == {"=c.png": "dog"}


def test_of_a_sheet_that_was_made_again_the_later_label_stands(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"a/x.png": "cat"})
    take_back(birds)
    (birds.folder / "to_label/to_label.csv").unlink()
    hand_out(birds.folder, batch(birds), plain_page)
    fill_in(birds.folder / "to_label", {"a/x.png": "dog"})
    assert take_back(birds).labels == {"a/x.png": "dog"}
    # an empty sheet says nothing: what it said last stands, beside what the lost one said
    fill_in(birds.folder / "to_label", {})
    assert take_back(birds).labels == {"a/x.png": "dog"}


def test_a_list_of_ones_own_is_taken_as_it_is(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat"})
    birds.labels.write_text("sample_id,label\ne.png,dog\n")
    assert take_back(birds) == LabelsBack({"e.png": "dog"}, None)
    assert birds.labels.read_text() == "sample_id,label\ne.png,dog\n"


def test_a_list_that_was_edited_is_not_overwritten(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat"})
    take_back(birds)
    birds.labels.write_text("sample_id,label\n=c.png,dog\n")
    with pytest.raises(ValueError, match="was damaged or edited"):
        take_back(birds)
    assert birds.labels.read_text() == "sample_id,label\n=c.png,dog\n"


def test_a_further_round_goes_on_from_the_labels(birds: Project) -> None:
    with pytest.raises(FileNotFoundError, match="label first"):
        more_labels(birds, "2img")
    write_labels(birds.labels, {"=c.png": "cat", "b/x.png": "dog"})
    project = more_labels(birds, "2img")
    assert project.cell.budget == "2img" and project.before == birds.folder / "already_labelled.csv"
    selected(birds.folder, birds.images, ["=c.png", "b/x.png", "e.png", "d.png"])
    assert list(batch(project).paths) == ["e.png", "d.png"]
    folder = hand_out(project.folder, batch(project), plain_page)
    assert folder.name == "to_label_2"
    with pytest.raises(ValueError, match="nothing was labelled since the last round"):
        more_labels(project, "2img")
    fill_in(folder, {"e.png": "cat"})
    assert take_back(project).labels == {"=c.png": "cat", "b/x.png": "dog", "e.png": "cat"}
    assert more_labels(open_project(birds.folder), "1img").cell.budget == "1img"


def sorted_into(birds: Project, labels: dict[str, str]) -> Path:
    """An export in the inbox."""
    path = birds.folder / "labels_back/export.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("sample_id,label\n" + "".join(f"{name},{label}\n" for name, label in labels.items()))
    return path


def test_an_export_that_is_put_away_takes_no_label_with_it(birds: Project) -> None:
    export = sorted_into(birds, {"=c.png": "cat", "b/x.png": "dog"})
    take_back(birds)
    export.unlink()
    fill_in(birds.folder / "to_label", {"a/x.png": "dog"})
    back = take_back(birds)
    assert back.labels == {"=c.png": "cat", "b/x.png": "dog", "a/x.png": "dog"} and back.gone == []


def test_rows_that_are_gone_from_a_table_keep_their_label(birds: Project) -> None:
    sorted_into(birds, {"=c.png": "cat", "b/x.png": "dog"})
    take_back(birds)
    sorted_into(birds, {"a/x.png": "dog"})
    assert set(take_back(birds).labels) == {"=c.png", "b/x.png", "a/x.png"}


def test_a_correction_in_another_table_replaces_one_that_was_put_away(birds: Project) -> None:
    export = sorted_into(birds, {"=c.png": "cat"})
    take_back(birds)
    export.unlink()
    fill_in(birds.folder / "to_label", {"=c.png": "dog"})
    assert take_back(birds).labels == {"=c.png": "dog"}


def test_a_sheet_that_is_made_again_takes_nothing_back(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat", "b/x.png": "dog"})
    take_back(birds)
    (birds.folder / "to_label/to_label.csv").unlink()
    hand_out(birds.folder, batch(birds), plain_page)
    fill_in(birds.folder / "to_label", {"a/x.png": "dog"})
    assert take_back(birds).labels == {"=c.png": "cat", "b/x.png": "dog", "a/x.png": "dog"}


def test_the_label_of_an_image_that_was_away_returns_with_it(birds: Project) -> None:
    export = sorted_into(birds, {"=c.png": "cat", "e.png": "dog"})
    take_back(birds)
    export.unlink()
    place = birds.images / "e.png"
    place.rename(birds.folder / "aside.png")
    write_manifest(birds.index, own_images.index(birds.images))
    back = take_back(birds)
    assert back.labels == {"=c.png": "cat"} and back.gone == ["e.png"]
    (birds.folder / "aside.png").rename(place)
    write_manifest(birds.index, own_images.index(birds.images))
    assert take_back(birds).labels == {"=c.png": "cat", "e.png": "dog"}


def test_a_withdrawn_label_is_gone_and_said(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat", "b/x.png": "dog"})
    take_back(birds)
    fill_in(birds.folder / "to_label", {"=c.png": "cat"})
    back = take_back(birds)
    assert back.labels == {"=c.png": "cat"} and back.gone == ["b/x.png"]


def test_system_files_are_no_labels(birds: Project) -> None:
    fill_in(birds.folder / "to_label", {"=c.png": "cat"})
    (birds.folder / "labels_back").mkdir()
    for place in (
        "to_label/class_folders/cat/Thumbs.db",
        "to_label/class_folders/.DS_Store",
        "labels_back/Thumbs.db",
    ):
        (birds.folder / place).write_bytes(b"\0")
    back = take_back(birds)
    assert [outcome for _, outcome in back.result.outcomes if outcome is Outcome.UNKNOWN_ID] == []


def test_a_budget_that_cannot_be_is_refused_before_anything_is_written(birds: Project) -> None:
    write_labels(birds.labels, {"=c.png": "cat", "b/x.png": "dog"})
    for budget, why in (
        ("1,5pct", "cannot be used"),
        ("100000img", "means 100000"),
        ("4img", "more than the 3"),
    ):
        with pytest.raises(ValueError, match=why):
            more_labels(birds, budget)
    assert not (birds.folder / "more.yaml").exists() and not (birds.folder / "already_labelled.csv").exists()
    assert open_project(birds.folder).cell.budget == "3img"


@pytest.fixture
def with_a_copy(birds: Project) -> Project:
    """The index reads ``e.png`` as a copy of ``a/x.png``."""
    shutil.copy(birds.images / "a/x.png", birds.images / "e.png")
    write_manifest(birds.index, own_images.index(birds.images))
    return birds


def copied(birds: Project, rows: str) -> LabelsBack:
    """What comes of a table of one's own."""
    (birds.folder / "labels_back").mkdir(exist_ok=True)
    (birds.folder / "labels_back/mine.csv").write_text(f"path,label\n{rows}")
    return take_back(birds)


def test_a_label_of_a_copy_is_one_of_the_image_that_stands_for_it(with_a_copy: Project) -> None:
    assert copied(with_a_copy, "e.png,cat\nd.png,dog\n").labels == {"a/x.png": "cat", "d.png": "dog"}


def test_equal_images_with_other_labels_are_a_conflict_and_none_is_taken_by_chance(
    with_a_copy: Project,
) -> None:
    back = copied(with_a_copy, "a/x.png,cat\ne.png,dog\nd.png,dog\n")
    assert back.labels == {"d.png": "dog"}
    assert [outcome for _, outcome in back.result.outcomes].count(Outcome.CONFLICT) == 2


def test_an_image_that_turns_out_to_be_a_copy_takes_its_label_along(birds: Project) -> None:
    assert copied(birds, "e.png,cat\nd.png,dog\n").labels == {"e.png": "cat", "d.png": "dog"}
    shutil.copy(birds.images / "a/x.png", birds.images / "e.png")
    write_manifest(birds.index, own_images.index(birds.images))
    back = take_back(birds)
    assert back.labels == {"a/x.png": "cat", "d.png": "dog"} and back.gone == []
