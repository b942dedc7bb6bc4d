import json

import pytest
from fact.project.labels.reconcile import Outcome, reconcile
from fact.project.labels.report import report_markdown, report_record, write_report
from fact.project.labels.vote import Vote

ABOUT = {"asked": 3, "policy": "majority", "files": ["back.csv"]}


def vote(sample_id: str, *choices: str, who: str = "ann") -> Vote:
    return Vote(sample_id, choices, who, "back.csv, row 2")


def reported(votes: list[Vote], asked: list[str], classes: list[str] | None = None) -> dict:
    return report_record(reconcile(votes, asked, classes=classes), classes, ABOUT)


def test_every_vote_stands_under_its_outcome():
    votes = [vote("a", "cat"), vote("b", "dog", "cat"), vote("x", "cat"), vote("c")]
    record = reported(votes, ["a", "b", "c"])
    assert {name: len(rows) for name, rows in record["votes"].items()} == {
        "empty": 1,
        "several": 1,
        "unknown_id": 1,
        "used": 1,
    }
    assert record["votes"]["several"][0]["label"] == "dog | cat"
    assert record["missing"] == ["b", "c"] and record["classes"] == {"cat": 1} and record["labelled"] == 1


def test_an_unknown_class_has_a_suggestion():
    votes = [vote("a", "CAT"), vote("b", "dgo"), vote("c", "zebra")]
    record = reported(votes, ["a", "b", "c"], ["cat", "dog"])
    assert record["misspelt"] == {"CAT": "cat", "dgo": "dog"}


def test_a_rare_class_like_a_frequent_one_is_suspected_when_none_are_declared():
    names = [str(number) for number in range(6)]
    votes = [vote(name, "airplane") for name in names[:4]] + [vote("4", "airplan"), vote("5", "ship")]
    record = reported(votes, names)
    assert record["misspelt"] == {"airplan": "airplane"} and record["labelled"] == 6


@pytest.mark.parametrize("outcome", list(Outcome))
def test_markdown_has_a_title_for_every_outcome(outcome):
    row = {"sample_id": "a", "label": "cat", "annotator": "ann", "origin": "row 2"}
    record = {**reported([], ["a"]), "votes": {outcome.name.lower(): [row]}}
    assert f"| 1 | {outcome.capitalize()} |" in report_markdown(record)


def test_markdown_escapes_names():
    text = report_markdown(reported([vote("<script>|`a`\n# x", "cat")], ["[a](b)"]))
    assert "<script>" not in text and "\n# x" not in text
    assert "&lt;script&gt;\\|\\`a\\` # x" in text and "\\[a\\](b)" in text


def test_reports_are_written_by_suffix(tmp_path):
    record = reported([vote("a", "cat")], ["a", "b"])
    write_report(tmp_path / "report.json", record)
    write_report(tmp_path / "report.md", record)
    assert json.loads((tmp_path / "report.json").read_text()) == record
    assert (tmp_path / "report.md").read_text().startswith("# Labels\n\n1 images have a label; 1 that")


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.json or \.md"):
        write_report(tmp_path / "report.html", {})
