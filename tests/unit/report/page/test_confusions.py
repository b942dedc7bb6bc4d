import pytest
from fact.report.page.confusions import SHOWN, SQUARE, confusion_shares, confusions_section
from table_scores import frame, score

NAMES = ["cat", "dog"]
RECORDS = {"a": {"confusion": ["0:3 1:1", "1:4"]}, "b": {"confusion": ["0:1 1:3", "0:1 1:3"]}}


def test_counts_of_all_seeds_are_added_and_shares_are_of_the_true_class():
    scores = frame(score(0.5, path="a", seed=0), score(0.5, path="b", seed=1))
    found = confusion_shares(scores, RECORDS, NAMES).set_index(["true", "predicted"])
    assert found["count"].to_dict() == {
        ("0 cat", "0 cat"): 4, ("0 cat", "1 dog"): 4, ("1 dog", "0 cat"): 1, ("1 dog", "1 dog"): 7,
    }  # fmt: skip
    assert found.loc[("1 dog", "0 cat"), "share"] == pytest.approx(12.5)


def test_of_many_classes_the_most_frequent_confusions_are_shown():
    many = SQUARE + 1
    rows = [f"{number}:{100 - number} {(number + 1) % many}:{number}" for number in range(many)]
    found = confusion_shares(
        frame(score(0.5, path="a")), {"a": {"confusion": rows}}, [f"n{i}" for i in range(many)]
    )
    assert len(found) == SHOWN and (found["true"] != found["predicted"]).all()
    assert found.iloc[0]["true"] == f"{many - 1} n{many - 1}" and found["share"].is_monotonic_decreasing


def test_the_largest_budget_is_shown():
    scores = frame(score(0.5, path="a"), score(0.5, path="b", column=("digits", "vit", "50img")))
    (chart,) = confusions_section(scores, RECORDS, {"digits": NAMES}).parts
    assert "50img" in chart.caption
    assert sum(row["count"] for row in chart.spec["datasets"]["rows"]) == 8


def test_records_without_a_matrix_are_passed_over():
    section = confusions_section(frame(score(0.5, path="a")), {"a": {}}, {"digits": NAMES})
    assert not section.parts
