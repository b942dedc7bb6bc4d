from pathlib import Path

import pytest
from fact.infra.errors import LabelError
from fact.project.labelling.mark import class_name, mark_record, read_mark, recorded_mark
from fact.project.labels.journal import append_records, read_journal
from label_tasks import make_task, sent


def test_a_mark_comes_back_from_the_journal_as_it_was(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png", "b.png"])
    for kind, choice in (("label", "owl"), ("skip", ""), ("unsure", ""), ("unusable", ""), ("clear", "")):
        mark = read_mark(sent(task, 1, choice, kind=kind, suggested="hawk"), task)
        assert mark.sample_id == "b.png" and recorded_mark(mark_record(mark, task, 1)) == mark


def test_the_journal_reads_a_mark_as_a_vote(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png"])
    append_records(task.journal, [mark_record(read_mark(sent(task, 0, "owl"), task), task, 0)])
    [(key, vote)] = read_journal(task.journal).items()
    assert (key.annotator, key.sample_id, vote.choices) == ("anna", "a.png", ("owl",))


@pytest.mark.parametrize(
    "change",
    [
        {"image": "0" * 16},
        {"image": "../a.png"},
        {"image": 0},
        {"kind": "delete"},
        {"kind": "skip"},
        {"kind": "label", "choice": ""},
        {"annotator": ""},
        {"annotator": "a\nb"},
        {"event": ""},
        {"event": "x" * 201},
        {"choice": "\x1b[2J"},
        {"choice": "   "},
        {"suggested": 3},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(tmp_path: Path, change: dict) -> None:
    task = make_task(tmp_path / "images", ["a.png"])
    with pytest.raises(LabelError):
        read_mark(sent(task, 0, "owl") | change, task)


def test_what_is_no_object_is_refused(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png"])
    for value in (None, 3, [], "owl"):
        with pytest.raises(LabelError):
            read_mark(value, task)


def test_a_class_has_one_spelling() -> None:
    assert class_name("  Gru\u0308n ") == "Gr\u00fcn"
    for text in ("", " ", "a\tb", "x" * 201):
        with pytest.raises(LabelError):
            class_name(text)
