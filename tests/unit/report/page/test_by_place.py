import pandas as pd
import pytest
from fact.report.page.by_place import (
    FIGURES,
    at_place,
    caption_of,
    first_groups,
    groups_of,
    in_budget_order,
    places,
)

FRAME = pd.DataFrame(
    {
        "dataset": ["cifar10", "digits", "cifar10"],
        "backbone": ["vit", "vit", "vit"],
        "method": ["LP", "LP", "FF"],
    }
)


def test_places_in_order_of_appearance():
    assert places(FRAME) == [("cifar10", "vit"), ("digits", "vit")]
    here = at_place(FRAME, ("cifar10", "vit"))
    assert list(here["method"]) == ["LP", "FF"] and list(here.columns) == ["method"]


def test_groups_have_what_names_them_and_their_own_rows():
    found = [
        (caption_of(keys), list(rows["method"])) for keys, rows in groups_of(FRAME, ["dataset", "backbone"])
    ]
    assert found == [("cifar10 · vit", ["LP", "FF"]), ("digits · vit", ["LP"])]
    assert list(groups_of(FRAME.iloc[:0], ["dataset", "backbone"])) == []


def test_the_last_budget_of_each_dataset_comes_first():
    budgets = pd.DataFrame({"dataset": ["a", "a", "b"], "budget": ["1pct", "2pct", "1pct"]})
    groups, note = first_groups(budgets, ["dataset", "budget"], budgets)
    assert [caption_of(keys) for keys, _ in groups] == ["a · 2pct", "b · 1pct", "a · 1pct"] and note == ""


def test_of_very_many_groups_the_first_are_drawn_and_the_others_counted():
    many = pd.DataFrame({"dataset": [f"d{number}" for number in range(FIGURES + 5)], "budget": "1pct"})
    groups, note = first_groups(many, ["dataset", "budget"])
    assert len(groups) == FIGURES and note == f"{FIGURES} of {FIGURES + 5} figures are drawn."


def test_budgets_stand_in_the_order_of_their_dataset_whatever_table_came_first():
    frame = pd.DataFrame({"dataset": ["a", "b", "a"], "budget": ["2pct", "9img", "1pct"], "row": [1, 2, 3]})
    assert list(in_budget_order(frame, {"a": ["1pct", "2pct"], "b": ["9img"]})["row"]) == [2, 3, 1]
    with pytest.raises(KeyError):
        in_budget_order(frame, {"a": ["1pct"], "b": ["9img"]})
