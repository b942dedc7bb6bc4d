import copy

import pytest
from fact.config.tables import Column, Row, declared_table, oracles, table_columns, table_rows, table_spec
from small_config import CONFIG, of

NAMED = {
    "FF": {"selector": "activeft", "method": "FF"},
    "LP, random": {"selector": "random", "method": "LP", "beyond": True},
    "VeCAF": {"selector": "oracle", "method": "FF"},
}


def config(**table2: object) -> dict:
    """CONFIG with rows to name, and another table2."""
    changed = copy.deepcopy(CONFIG)
    changed["rows"] = NAMED
    oracle = {"params": {"mode": "pool_oracle"}, "first": {"selector": "random", "share": 0.5}}
    changed["selectors"] |= {"oracle": oracle, "more": {"params": {}, "first": {"selector": "oracle"}}}
    changed["tables"]["table2"] = {"title": "Two", **table2}
    return changed


def test_table_that_says_nothing_has_what_the_run_asks_for():
    spec = table_spec(of(config()), "table2")
    pairs = [(row.selector, row.method) for row in spec.rows]
    assert pairs == [(s, m) for s in ("activeft", "random") for m in ("LP", "FF", "FACT")]
    assert spec.columns == (
        Column("digits", "vit", "20img"),
        Column("digits", "vit", "100img"),
        Column("cifar10", "vit", "1pct"),
        Column("cifar10", "cnn", "1pct"),
    )
    assert (spec.kind, spec.labelled, spec.backbones_in) == ("accuracy", False, "columns")


def test_named_rows_come_in_their_order_with_what_they_are():
    rows = table_rows(of(config(rows=["LP, random", "VeCAF", "FF"])), "table2")
    assert rows == [
        Row("LP, random", "random", "LP", True, False),
        Row("VeCAF", "oracle", "FF", False, True),
        Row("FF", "activeft", "FF", False, False),
    ]


def test_rows_of_the_run_stand_where_a_table_names_none():
    changed = config()
    changed["run"]["rows"] = ["FF"]
    assert [row.label for row in table_rows(of(changed), "table2")] == ["FF"]
    changed["tables"]["table2"]["methods"] = ["LP"]
    assert [row.label for row in table_rows(of(changed), "table2")] == ["activeft LP", "random LP"]


def test_steps_have_the_rows_that_they_compare():
    rows = table_rows(of(config(kind="gains", steps=[["VeCAF", "FF"], ["FF", "LP, random"]])), "table2")
    assert [row.label for row in rows] == ["VeCAF", "FF", "LP, random"]


def test_own_backbones_and_budgets_replace_those_of_the_datasets():
    own = config(datasets=["cifar10", "aircraft"], backbones=["vit"], budgets={"aircraft": ["5img"]})
    assert table_columns(of(own), "table2") == [
        Column("cifar10", "vit", "1pct"),
        Column("aircraft", "vit", "5img"),
    ]


@pytest.mark.parametrize("dataset", ["digits", "aircraft"])
def test_dataset_stands_for_its_part_of_table1(dataset):
    changed = config()
    changed["tables"]["table1"] |= {"backbones": ["vit"], "budgets": {dataset: ["1img"]}}
    assert {column.dataset for column in table_columns(of(changed), dataset)} == {dataset}
    assert [column.budget for column in table_columns(of(changed), dataset)] == CONFIG["datasets"][dataset][
        "budgets"
    ]
    assert table_spec(of(changed), dataset).published_as is None
    assert declared_table(of(changed), dataset)["title"] == "All"


def test_a_selector_that_stands_on_an_oracle_is_one():
    changed = config(selectors=["random", "more", "oracle"], methods=["LP"])
    assert [row.oracle for row in table_rows(of(changed), "table2")] == [False, True, True]
    assert oracles(of(changed)) == ["more", "oracle"]
