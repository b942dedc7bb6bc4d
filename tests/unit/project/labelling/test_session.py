import errno
import os
from pathlib import Path

import pytest
from fact.infra.errors import LabelError
from fact.project.labelling.mark import Mark, read_mark
from fact.project.labelling.session import LabelSession, Standing
from fact.project.labelling.task import LabelTask
from fact.project.labels.journal import Key, append_votes, read_journal
from fact.project.labels.vote import Vote
from label_tasks import make_task, sent

NAMES = ["a.png", "b.png", "c.png"]


@pytest.fixture
def task(tmp_path: Path) -> LabelTask:
    return make_task(tmp_path / "images", NAMES)


def mark(task: LabelTask, number: int, choice: str = "", **changes: str) -> Mark:
    return read_mark(sent(task, number, choice, **changes), task)


def test_what_was_recorded_is_there_in_the_next_session(task: LabelTask) -> None:
    LabelSession(task).record([mark(task, 0, "owl"), mark(task, 1, kind="unsure")])
    again = LabelSession(task)
    assert again.standing() == [
        Standing(0, "anna", "label", "owl"),
        Standing(1, "anna", "unsure", ""),
    ]
    assert again.labels() == {0: "owl"} and again.classes == ["owl"]


def test_it_is_on_the_disk_before_anybody_is_told(task: LabelTask, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(task.journal.read_text().count("\n")))
    LabelSession(task).record([mark(task, 0, "owl")])
    assert synced == [1]


def test_a_mark_that_is_sent_twice_counts_once(task: LabelTask) -> None:
    session = LabelSession(task)
    session.record([mark(task, 0, "owl"), mark(task, 0, "owl")])
    assert session.record([mark(task, 0, "owl")]) == []
    assert LabelSession(task).record([mark(task, 0, "owl")]) == []
    assert task.journal.read_text().count("\n") == 1


def test_the_last_word_stands_and_undo_takes_it_back(task: LabelTask) -> None:
    session = LabelSession(task)
    session.record([mark(task, 0, "owl"), mark(task, 0, "hawk")])
    assert session.labels() == {0: "hawk"}
    session.record([mark(task, 0, event="undo")])
    assert session.labels() == {} and session.standing() == []
    assert [vote.choices for vote in read_journal(task.journal).values()] == [()]


def test_two_people_are_two_voices(task: LabelTask) -> None:
    session = LabelSession(task)
    session.record([mark(task, 0, "owl"), mark(task, 0, "hawk", annotator="bo", event="b")])
    session.record([mark(task, 1, "owl"), mark(task, 1, "owl", annotator="bo", event="c")])
    assert session.labels() == {1: "owl"} and len(read_journal(task.journal)) == 4


def test_labels_of_a_sheet_are_shown_too(task: LabelTask) -> None:
    key = Key("to_label/to_label.csv", "to_label.csv", "b.png")
    append_votes(task.journal, {key: Vote("b.png", ("owl",), "to_label.csv", "row 2")})
    assert LabelSession(task).standing() == [Standing(1, "to_label.csv", "label", "owl")]


def test_a_full_disk_leaves_neither_line_nor_label(task: LabelTask, monkeypatch: pytest.MonkeyPatch) -> None:
    session = LabelSession(task)
    session.record([mark(task, 0, "owl")])
    before, write = task.journal.read_bytes(), os.write

    def half(file: int, content: bytes) -> int:
        if len(content) < 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, content[: len(content) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space left"):
        session.record([mark(task, 1, "owl")])
    monkeypatch.undo()
    assert task.journal.read_bytes() == before and session.labels() == {0: "owl"}
    session.record([mark(task, 1, "owl")])
    assert LabelSession(task).labels() == {0: "owl", 1: "owl"}


def test_a_line_that_a_crash_cut_off_is_gone_and_the_next_one_whole(task: LabelTask) -> None:
    LabelSession(task).record([mark(task, 0, "owl")])
    with task.journal.open("ab") as file:
        file.write(b'{"taken": "20')
    session = LabelSession(task)
    assert session.labels() == {0: "owl"}
    session.record([mark(task, 1, "hawk")])
    assert LabelSession(task).labels() == {0: "owl", 1: "hawk"}


def test_a_new_class_is_declared_where_classes_are(tmp_path: Path) -> None:
    declared: list[str] = []
    task = make_task(tmp_path / "images", NAMES, classes=["owl"], declare=declared.append)
    session = LabelSession(task)
    session.record([mark(task, 0, "owl"), mark(task, 1, "heron")])
    assert declared == ["heron"] and session.classes == ["owl", "heron"]


def test_where_no_class_may_be_added_nothing_is_written(tmp_path: Path) -> None:
    def refuse(name: str) -> None:
        raise LabelError(f"{name} is none of the classes")

    task = make_task(tmp_path / "images", NAMES, classes=["owl"], declare=refuse)
    session = LabelSession(task)
    with pytest.raises(LabelError, match="heron"):
        session.record([mark(task, 0, "heron")])
    assert not task.journal.exists() and session.standing() == []
