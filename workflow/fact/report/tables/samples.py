"""What a table is made of: one number a row, column and seed, in the table's unit."""

import pandas as pd

PLACE = ["dataset", "backbone", "budget"]
# what the selector and the test images cost is no training
TRAINING = ("probe", "tune", "refine", "head")
METRICS = {"accuracy": "top1", "minutes": "minutes", "gains": "top1_gain"}


def table_samples(scores: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """``row, dataset, backbone, budget, seed, last, best`` of every score that the table shows.

    ``scores`` as :func:`fact.report.tables.collect.collect` makes them, ``spec`` as
    :func:`fact.config.tables.table_spec`. By kind: ``accuracy`` in %; ``minutes`` of training, without
    selection and evaluation; ``gains``, for each pair of ``steps`` the difference of their accuracies of the
    same seed, in percentage points. ``best`` is the best epoch on the test images where there was a choice,
    else NaN.
    """
    accuracies = _of_rows(scores, spec)
    if spec["kind"] == "gains":
        return _gains(accuracies, spec["steps"])
    return accuracies


def training_minutes(scores: pd.DataFrame, stages: tuple[str, ...] = TRAINING) -> pd.Series:
    """Minutes of the given stages of each score, without their evaluation on test images."""
    columns = [f"training_seconds.{stage}" for stage in stages if f"training_seconds.{stage}" in scores]
    return scores[columns].fillna(0.0).sum(axis=1) / 60


def _of_rows(scores: pd.DataFrame, spec: dict) -> pd.DataFrame:
    rows = pd.DataFrame(spec["rows"])[["label", "selector", "method"]].rename(columns={"label": "row"})
    if spec["kind"] == "minutes":
        measured = scores.assign(last=training_minutes(scores), best=float("nan"))
    else:
        measured = scores.assign(last=scores["top1_last"] * 100, best=scores["top1_best_test"] * 100)
    wanted = set(map(tuple, spec["columns"]))
    inside = [place in wanted for place in zip(*(scores[name] for name in PLACE), strict=True)]
    joined = rows.merge(measured[inside], on=["selector", "method"])
    return joined[["row", *PLACE, "seed", "last", "best"]]


def _gains(samples: pd.DataFrame, steps: list[list[str]]) -> pd.DataFrame:
    by_row = {name: group.drop(columns="row") for name, group in samples.groupby("row")}
    pairs = [pair for pair in steps if pair[0] in by_row and pair[1] in by_row]
    parts = [_difference(by_row[one], by_row[other]).assign(row=f"{one} - {other}") for one, other in pairs]
    return pd.concat(parts)[list(samples.columns)] if parts else samples.iloc[:0]


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    both = one.merge(other, on=[*PLACE, "seed"], suffixes=("", "_other"))
    return both.assign(last=both["last"] - both["last_other"], best=both["best"] - both["best_other"])
