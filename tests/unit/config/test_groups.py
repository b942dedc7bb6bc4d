import pytest
from fact.config.groups import groups_problem, table_of


@pytest.mark.parametrize(
    ("groups", "table"),
    [("folder", None), (r"^(t\d)_", None), ("tracks.csv:track", "tracks.csv"), ("a b/x.CSV:a:b.csv:c", None)],
)
def test_the_three_forms(groups, table):
    assert groups_problem(groups) == "" or table is None
    if table:
        assert table_of(groups) == table


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ("(", "no regular expression"),
        ("track", "parentheses"),
        (r"t\d+", "parentheses"),
        ("a.xlsx:track", "parent"),
    ],
)
def test_what_is_none_of_them_is_said(groups, problem):
    assert problem in groups_problem(groups) and table_of(groups) is None
