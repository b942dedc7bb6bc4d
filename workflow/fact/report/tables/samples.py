"""What a table is made of: one number per row, column, metric and seed, in the table's unit."""

from collections.abc import Iterable

import pandas as pd

from fact.config.tables import TableSpec
from fact.infra.errors import ArtifactError

PLACE = ["dataset", "backbone", "budget"]
# what the selector and the test images cost is no training
TRAINING = ("probe", "tune", "refine", "head")


def table_samples(scores: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return ``row, dataset, backbone, budget, metric, seed, last, best`` of every score of a table.

    ``scores`` as :func:`fact.report.tables.collect.collect` makes them. By kind of table: ``accuracy`` and
    ``segmentation`` in %; ``minutes`` of training, without selection and evaluation; ``gains``, for each pair
    of ``steps`` the difference of their accuracies of the same seed, in percentage points. ``best`` is the
    best epoch on the test images where there was a choice, else NaN. Raises ArtifactError naming a score
    file without a metric of the table.
    """
    samples = _of_rows(scores, spec)
    return _gains(samples, spec.steps) if spec.kind == "gains" else samples


def training_minutes(scores: pd.DataFrame, stages: tuple[str, ...] = TRAINING) -> pd.Series:
    """Return minutes of the given stages of each score, without their evaluation on test images."""
    columns = [f"training_seconds.{stage}" for stage in stages if f"training_seconds.{stage}" in scores]
    return scores[columns].fillna(0.0).sum(axis=1) / 60


def _of_rows(scores: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    rows = pd.DataFrame(spec.rows)[["label", "selector", "method"]].rename(columns={"label": "row"})
    wanted = set(spec.columns)
    inside = [place in wanted for place in zip(*(scores[name] for name in PLACE), strict=True)]
    measured = pd.concat([_measured(scores[inside], spec.kind, *metric) for metric in spec.metrics.items()])
    joined = rows.merge(measured, on=["selector", "method"])
    return joined[["row", *PLACE, "metric", "seed", "last", "best"]]


def _measured(scores: pd.DataFrame, kind: str, metric: str, key: str) -> pd.DataFrame:
    if kind == "minutes":
        return scores.assign(metric=metric, last=training_minutes(scores), best=float("nan"))
    best = scores["top1_best_test"] * 100 if key == "top1_last" else float("nan")
    return scores.assign(metric=metric, last=_metric(scores, key) * 100, best=best)


def _metric(scores: pd.DataFrame, key: str) -> pd.Series:
    values = scores[key] if key in scores else pd.Series(float("nan"), scores.index)
    if len(lacking := scores[values.isna()]):
        raise ArtifactError(f"{lacking['path'].iloc[0]} has no {key}; delete it and run again")
    return values


def _gains(samples: pd.DataFrame, steps: Iterable[tuple[str, str]]) -> pd.DataFrame:
    by_row = {name: group.drop(columns="row") for name, group in samples.groupby("row")}
    pairs = [pair for pair in steps if pair[0] in by_row and pair[1] in by_row]
    parts = [_difference(by_row[one], by_row[other]).assign(row=f"{one} - {other}") for one, other in pairs]
    return pd.concat(parts)[list(samples.columns)] if parts else samples.iloc[:0]


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    both = one.merge(other, on=[*PLACE, "seed"], suffixes=("", "_other"))
    return both.assign(last=both["last"] - both["last_other"], best=both["best"] - both["best_other"])
