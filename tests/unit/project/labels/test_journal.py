from pathlib import Path

import pytest
from fact.infra.errors import LabelError
from fact.project.labels.journal import JOURNAL, Key, append_votes, read_journal
from fact.project.labels.vote import Vote

VOTE = {Key("a", "a", "x"): Vote("x", ("cat",), "a", "a, row 2")}


def test_votes_come_back_and_a_line_that_a_crash_cut_off_is_no_vote(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    append_votes(path, VOTE)
    path.write_bytes(path.read_bytes() + b'{"taken": "2026')
    assert read_journal(path) == VOTE
    append_votes(path, {Key("a", "a", "y"): Vote("y", ("dog",), "a", "a, row 3")})
    assert [key.sample_id for key in read_journal(path)] == ["x", "y"]


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    append_votes(path, VOTE)
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    with pytest.raises(LabelError, match="line 2 is no vote"):
        read_journal(path)
