"""Scores and table specs as the workflow makes them."""

import pandas as pd
from fact.config.tables import TableSpec

COLUMN = ("digits", "vit", "20img")


def score(
    top1: float,
    selector: str = "activeft",
    method: str = "LP",
    column: tuple[str, str, str] = COLUMN,
    best: float | None = None,
    seed: int = 0,
    **more: object,
) -> dict:
    """A row of the scores frame."""
    names = dict(zip(("dataset", "backbone", "budget"), column, strict=True))
    tops = {"top1_last": top1, "top1_best_test": best}
    return {**names, "selector": selector, "method": method, "seed": seed, **tops, **more}


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"top1_best_test": float})


def row(label: str, selector: str = "activeft", method: str | None = None, **more: bool) -> dict:
    return {
        "label": label,
        "selector": selector,
        "method": method or label,
        "beyond": False,
        "oracle": False,
        **more,
    }


def spec(*rows: dict, **more: object) -> TableSpec:
    """What fact.config.tables.table_spec makes of a table, of one column unless told otherwise."""
    return TableSpec.from_plain(
        {
            "title": "Accuracy",
            "kind": "accuracy",
            "backbones_in": "columns",
            "trained_share": False,
            "figure": "budgets",
            "published_as": "table1",
            "labelled": True,
            "rows": list(rows),
            "columns": [list(COLUMN)],
            "steps": [],
            "reference": None,
            "not_applicable": [],
            **more,
        }
    )


def published(*lines: tuple) -> pd.DataFrame:
    """``(dataset, backbone, budget, row, metric, value)`` of table1, as published.py reads them."""
    names = ["dataset", "backbone", "budget", "row", "metric", "value"]
    return pd.DataFrame(lines, columns=names).assign(table="table1")
