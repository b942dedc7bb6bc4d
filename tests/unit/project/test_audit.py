"""An audit from its draw to its end, on a project whose model is written here."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fact.config import inputs
from fact.config.paths import POOL_PREDICTIONS
from fact.data.labels_file import read_labels
from fact.infra.files.record import publish_record
from fact.model.audit_file import read_draw
from fact.model.pool_predictions import write_pool_predictions
from fact.project.advance import audit_lines
from fact.project.audit import audit_paths, begin_audit, end_audit, ignore_missing_labels, images_gone
from fact.project.folder import Project, open_project
from fact.project.hand_out import hand_out
from fact.project.labels_back import take_back
from fact.project.to_label import audit_batch, batch
from projects import plain_page, selected

NAMES = [f"{number:02d}.png" for number in range(12)]
CHOSEN = NAMES[:3]


def write_model(project: Project, unlabelled: list[str]) -> None:
    """What the rules of the model leave for an audit."""
    sure = np.linspace(0.5, 1, len(unlabelled)) if unlabelled else np.empty(0)
    path = project.model / POOL_PREDICTIONS
    path.parent.mkdir(parents=True, exist_ok=True)
    write_pool_predictions(path, unlabelled, np.stack([sure, 1 - sure], axis=1), ["cat", "dog"])
    publish_record(project.model / "config.json", {"weights_sha256": "0" * 64})


@pytest.fixture
def birds(tmp_path: Path, write_image: Callable[..., Path]) -> Project:
    """Twelve images, three of them chosen, labelled and trained on."""
    for number, name in enumerate(NAMES):
        write_image(tmp_path / "images" / name, seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", CHOSEN)
    hand_out(project.folder, batch(project), plain_page)
    fill_in(project.folder / "to_label", dict(zip(CHOSEN, ["cat", "dog", "cat"], strict=True)))
    take_back(project)
    write_model(project, NAMES[3:])
    return project


def fill_in(folder: Path, labels: dict[str, str]) -> None:
    with (folder / "to_label.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    with (folder / "to_label.csv").open("w", newline="") as file:
        filled = ([name, where, labels.get(name, "")] for name, where, _ in rows)
        csv.writer(file).writerows([header, *filled])


def handed_out(project: Project) -> Path:
    return hand_out(project.folder, audit_batch(project), plain_page)


def test_images_are_drawn_from_the_unlabelled_pool_and_handed_out(birds: Project) -> None:
    project = begin_audit(birds, 6, 0)
    drawn = audit_paths(project)
    assert len(drawn) == 6 and not set(drawn) & set(CHOSEN)
    draw = read_draw(project.audit / "draw.csv")
    assert [part.images for part in draw.strata] == [3, 3, 3] and draw.pool == 9 and draw.model == "0" * 64
    folder = handed_out(project)
    assert folder.name == "to_label_2" and "drawn at random" in (folder / "README.txt").read_text()
    assert (project.audit / "draw.html").read_text().count("<img ") == 6
    assert "drawn at random" not in (project.folder / "to_label/README.txt").read_text()


def test_a_seed_draws_the_same_images_again(birds: Project) -> None:
    first = list(audit_paths(begin_audit(birds, 6, 0)))
    project = end_audit(open_project(birds.folder))
    again = begin_audit(project, 6, 0)
    assert list(audit_paths(again)) == first and again.audit.name == "audit_2"
    other = begin_audit(end_audit(again), 6, 1)
    assert set(audit_paths(other)) != set(first)


def test_labels_of_an_audit_are_kept_apart(birds: Project) -> None:
    project = begin_audit(birds, 6, 0)
    drawn = list(audit_paths(project))
    fill_in(handed_out(project), dict.fromkeys(drawn[:4], "dog"))
    back = take_back(project)
    assert set(back.labels) == set(CHOSEN) == set(read_labels(project.labels))
    assert read_labels(project.audit / "labels.csv") == dict.fromkeys(drawn[:4], "dog")
    assert back.audit.missing == drawn[4:]
    lines = "\n".join(audit_lines(project, back))
    assert "4 of 6 labelled" in lines and "--ignore-missing" in lines
    ignore_missing_labels(project)
    assert "--ignore-missing" not in "\n".join(audit_lines(project, back))


def test_their_label_counts_for_the_audit_whichever_file_it_is_in(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    name = next(iter(audit_paths(project)))
    (project.folder / "labels_back").mkdir()
    (project.folder / "labels_back/notes.csv").write_text(f"sample_id,label\n{name},cat\n")
    back = take_back(project)
    assert name not in back.labels and back.audit.labels == {name: "cat"}


def test_images_of_a_selection_that_was_handed_out_are_not_drawn(birds: Project) -> None:
    project = selected(birds.folder, birds.images, [*CHOSEN, *NAMES[4:7]])
    folder = hand_out(project.folder, batch(project), plain_page)
    # a later selection stands, and the folder of the earlier one still lies there
    project = selected(birds.folder, birds.images, [*CHOSEN, NAMES[8]])
    with pytest.raises(ValueError, match=r"--images 6 is more than the 5 .*\(4 more were handed out"):
        begin_audit(project, 6, 0)
    project = begin_audit(project, 5, 0)
    assert set(audit_paths(project)) == set(NAMES) - {*CHOSEN, *NAMES[4:7], NAMES[8]}
    draw = read_draw(project.audit / "draw.csv")
    # the thirds are those of what could be drawn
    assert draw.pool == 5 == sum(part.images for part in draw.strata)
    fill_in(folder, {NAMES[4]: "dog"})
    back = take_back(project)
    assert back.labels[NAMES[4]] == "dog" and back.audit is None


def test_an_image_with_a_label_that_the_model_has_not_seen_is_not_drawn(birds: Project) -> None:
    (birds.folder / "labels_back").mkdir()
    (birds.folder / "labels_back/notes.csv").write_text(f"sample_id,label\n{NAMES[5]},cat\n")
    take_back(birds)
    assert NAMES[5] not in audit_paths(begin_audit(birds, 8, 0))


def test_where_all_are_handed_out_none_can_be_drawn(birds: Project) -> None:
    project = selected(birds.folder, birds.images, NAMES)
    with pytest.raises(
        ValueError, match=r"than the 0 unlabelled.*\(9 more were handed out.*label those first"
    ):
        begin_audit(project, 1, 0)


def test_an_image_of_an_audit_is_in_no_later_folder_even_after_its_end(birds: Project) -> None:
    project = begin_audit(birds, 4, 0)
    drawn = list(audit_paths(project))
    handed_out(project)
    project = selected(project.folder, project.images, [*CHOSEN, *NAMES[3:]])
    rest = [name for name in NAMES if name not in drawn]
    assert list(batch(project).paths) == rest
    folder = hand_out(project.folder, batch(project), plain_page)
    assert hand_out(project.folder, batch(end_audit(project)), plain_page) == folder


def test_a_folder_that_was_handed_out_stays_the_same_under_an_audit(birds: Project) -> None:
    project = begin_audit(birds, 9, 0)
    assert hand_out(project.folder, batch(project), plain_page) == project.folder / "to_label"


def test_another_audit_may_draw_what_an_audit_that_has_ended_has_drawn(birds: Project) -> None:
    project = begin_audit(birds, 9, 0)
    handed_out(project)
    # images that were left without a label are as likely as others: they may be the hard ones
    again = begin_audit(end_audit(project), 9, 1)
    assert len(audit_paths(again)) == 9


def test_the_workflow_sees_labels_of_an_audit_when_they_are_back(
    birds: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = begin_audit(birds, 3, 0)
    monkeypatch.chdir(project.folder)  # where the workflow runs
    assert inputs.audit(project.config, "own") == []
    fill_in(handed_out(project), dict.fromkeys(audit_paths(project), "cat"))
    take_back(project)
    files = [Path(path) for path in inputs.audit(project.config, "own")]
    assert [path.name for path in files] == ["draw.csv", "labels.csv", "draw.json"]
    assert all(path.is_file() for path in files)


def test_an_audit_that_has_ended_gives_its_labels_to_the_training(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    drawn = list(audit_paths(project))
    folder = handed_out(project)
    fill_in(folder, dict.fromkeys(drawn, "dog"))
    take_back(project)
    project = end_audit(project)
    assert project.audit is None and inputs.audit(project.config, "own") == []
    assert take_back(project).labels.keys() == {*CHOSEN, *drawn}


def test_the_labels_of_an_audit_stay_when_what_was_handed_out_is_gone(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    folder = handed_out(project)
    fill_in(folder, dict.fromkeys(audit_paths(project), "dog"))
    take_back(project)
    (folder / "handed_out.json").unlink()
    assert set(take_back(project).audit.labels) == set(audit_paths(project))


def test_a_label_that_is_no_class_of_the_model_is_named(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    name = next(iter(audit_paths(project)))
    fill_in(handed_out(project), {name: "hreon"})
    with pytest.raises(ValueError, match=rf"to_label\.csv, row 2: {name}.*'hreon'.*classes\.txt"):
        take_back(project)
    assert not (project.audit / "labels.csv").exists()


def test_a_label_outside_of_the_declared_classes_is_missing_and_reported(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    (project.folder / "classes.txt").write_text("cat\ndog\nheron\n")
    first, second, third = audit_paths(project)
    fill_in(handed_out(project), {first: "hreon", second: "heron", third: "cat"})
    back = take_back(project)
    assert back.audit.labels == {second: "heron", third: "cat"} and back.audit.missing == [first]
    lines = "\n".join(audit_lines(project, back))
    assert "1 unknown class" in lines and str(project.audit / "label_report.md") in lines


def test_a_list_of_ones_own_stays_and_the_audit_is_taken_all_the_same(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    drawn = list(audit_paths(project))
    fill_in(handed_out(project), dict.fromkeys(drawn, "cat"))
    project.labels.with_suffix(".json").unlink()
    project.labels.write_text("sample_id,label\n00.png,cat\n01.png,dog\n")
    back = take_back(project)
    assert back.labels == {"00.png": "cat", "01.png": "dog"} and set(back.audit.labels) == set(drawn)


def test_without_a_model_there_is_nothing_to_audit(birds: Project) -> None:
    (birds.model / POOL_PREDICTIONS).unlink()
    with pytest.raises(FileNotFoundError, match=r"no model to audit yet.*fact run"):
        begin_audit(birds, 3, 0)
    assert not (birds.folder / "audit.yaml").exists() and not (birds.folder / "audit").exists()


def test_more_images_than_are_unlabelled_cannot_be_drawn(birds: Project) -> None:
    with pytest.raises(ValueError, match="--images 10 is more than the 9 unlabelled images"):
        begin_audit(birds, 10, 0)
    assert not (birds.folder / "audit").exists()


def test_of_a_pool_that_is_all_labelled_none_can_be_drawn(birds: Project) -> None:
    write_model(birds, [])
    with pytest.raises(ValueError, match=r"the whole pool is labelled.*--test"):
        begin_audit(birds, 1, 0)


def test_a_second_audit_waits_for_the_end_of_the_first(birds: Project) -> None:
    project = begin_audit(birds, 3, 0)
    with pytest.raises(ValueError, match=r"audit\.yaml: an audit of 3 images stands.*--end"):
        begin_audit(project, 3, 0)


@pytest.mark.parametrize("change", [end_audit, ignore_missing_labels])
def test_what_does_not_stand_cannot_be_changed(birds: Project, change: Callable[[Project], object]) -> None:
    with pytest.raises(ValueError, match="has no audit; draw one: fact audit"):
        change(birds)


def test_an_image_that_is_gone_from_the_folder_stops_the_draw(birds: Project) -> None:
    for name in NAMES[3:]:
        (birds.images / name).unlink()
    with pytest.raises((ValueError, FileNotFoundError)):
        begin_audit(birds, 3, 0)
    assert not (birds.folder / "audit.yaml").exists()


def all_labelled(project: Project) -> list[str]:
    drawn = list(audit_paths(project))
    fill_in(handed_out(project), dict.fromkeys(drawn, "cat"))
    return drawn


def read_again(project: Project) -> None:
    """What `fact run --reindex` does: the index and the selection anew."""
    selected(project.folder, project.images, CHOSEN)


def test_images_that_have_left_the_pool_are_said_and_not_counted(birds: Project) -> None:
    project = begin_audit(birds, 6, 0)
    drawn = all_labelled(project)
    (project.images / drawn[0]).unlink()
    (project.images / drawn[1]).rename(project.images / "new name.png")
    read_again(project)
    assert images_gone(project) == drawn[:2]
    # parts that were deleted are made again without them
    shutil.rmtree(project.folder / "to_label_2/class_folders")
    assert handed_out(project) == project.folder / "to_label_2"
    files = list((project.folder / "to_label_2/class_folders/unlabelled").iterdir())
    assert len(files) == 4 and all(file.is_file() for file in files)
    back = take_back(project)
    assert back.audit.labels.keys() >= set(drawn[2:]) and not set(drawn) & set(back.labels)
    lines = list(audit_lines(project, back))
    assert "4 of 4 labelled" in lines[0]
    assert f"2 more left the pool, deleted or renamed, and do not count: {drawn[0]}, {drawn[1]}" in lines[1]
    assert len(lines) == 2


def test_a_label_is_not_that_of_another_image_of_its_name(
    birds: Project, write_image: Callable[..., Path]
) -> None:
    project = begin_audit(birds, 6, 0)
    drawn = all_labelled(project)
    write_image(project.images / drawn[0], seed=99)
    read_again(project)
    back = take_back(project)
    assert back.audit.missing == drawn[:1] and set(back.audit.labels) == set(drawn[1:])
    lines = "\n".join(audit_lines(project, back))
    assert "5 of 6 labelled" in lines and "1 the image is not the one that was labelled" in lines
    assert str(project.audit / "label_report.md") in lines and "--ignore-missing" in lines
    # nor is it one after the folder is gone
    shutil.rmtree(project.folder / "to_label_2")
    assert drawn[0] not in take_back(project).audit.labels


def test_a_model_that_is_older_than_the_index_is_named(birds: Project) -> None:
    (birds.images / NAMES[5]).unlink()
    read_again(birds)
    with pytest.raises(ValueError, match=rf"pool_predictions\.parquet names {NAMES[5]}.*older.*fact run"):
        begin_audit(birds, 3, 0)
    assert not (birds.folder / "audit").exists()
