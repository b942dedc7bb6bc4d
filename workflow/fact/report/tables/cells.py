"""A table as data: one line per cell and metric, ours and the published value, all digits."""

import pandas as pd

from fact.config.tables import Row, TableSpec
from fact.infra.fields import Settings
from fact.report.tables.published import published_values
from fact.report.tables.samples import PLACE, table_samples

MEASURED, MISSING, IMPOSSIBLE = "measured", "missing", "not applicable"
TRAINED = "trained_percent"


def build_cells(scores: pd.DataFrame, spec: TableSpec, published: pd.DataFrame) -> pd.DataFrame:
    """Return a line for every row, column and metric of a table, in their order, with or without a score.

    Columns: ``row, selector, method, beyond, oracle`` (of the row; of a gain's first row), ``dataset,
    backbone, budget, metric``; ``n, mean, sd`` over seeds of the last epoch and ``best_n, best_mean,
    best_sd`` of the best one on the test images (an oracle); ``published``; ``difference`` and
    ``best_difference``, ours minus it; ``state``: measured, missing or not applicable. In %, percentage
    points or minutes.
    """
    keys = [
        {**row, **dict(zip(PLACE, column, strict=True)), "metric": metric}
        for row in table_lines(spec)
        for column in spec.columns
        for metric in spec.metrics
    ]
    summary = _summary(table_samples(scores, spec))
    cells = pd.DataFrame(keys).merge(summary, on=["row", *PLACE, "metric"], how="left")
    if spec.trained_share:
        cells = pd.concat([cells, _trained_shares(scores, spec)], ignore_index=True)
    known = published_values(published, spec.published_as)
    places = zip(*(cells[name] for name in (*PLACE, "row", "metric")), strict=True)
    cells["published"] = [known.get(place, float("nan")) for place in places]
    cells["difference"] = cells["mean"] - cells["published"]
    cells["best_difference"] = cells["best_mean"] - cells["published"]
    cells[["n", "best_n"]] = cells[["n", "best_n"]].fillna(0).astype(int)
    return cells.assign(state=_states(cells, spec))


def table_lines(spec: TableSpec) -> list[Settings]:
    """Return the rows of a table as they are printed: its rows, or its steps."""
    rows = {row.label: row for row in spec.rows}
    if spec.kind != "gains":
        return [_line(label, row, row.beyond) for label, row in rows.items()]
    pairs = [(f"{one} - {other}", rows[one], rows[other]) for one, other in spec.steps]
    return [_line(label, one, one.beyond or other.beyond) for label, one, other in pairs]


def _line(label: str, row: Row, beyond: bool) -> Settings:
    names = {"selector": row.selector, "method": row.method, "oracle": row.oracle}
    return {"row": label, **names, "beyond": beyond}


def _summary(samples: pd.DataFrame) -> pd.DataFrame:
    grouped = samples.groupby(["row", *PLACE, "metric"], sort=False)
    last, best = (grouped[name].agg(["count", "mean", "std"]) for name in ("last", "best"))
    last.columns, best.columns = ["n", "mean", "sd"], ["best_n", "best_mean", "best_sd"]
    return last.join(best).reset_index()


def _trained_shares(scores: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return the share of parameters that phase 2 trains, in % of all, on the table's first dataset."""
    columns = [column for column in spec.columns if column[0] == spec.columns[0][0]]
    share = 100 * scores["tuned_parameters.trainable"] / scores["tuned_parameters.total"]
    names = ["selector", "method", "dataset", "backbone"]
    means = scores.assign(mean=share).groupby(names)["mean"].mean().reset_index()
    keys = [
        {**line, "dataset": dataset, "backbone": backbone, "metric": TRAINED, "budget": ""}
        for line in table_lines(spec)
        for dataset, backbone in dict.fromkeys((column[0], column[1]) for column in columns)
    ]
    return pd.DataFrame(keys).merge(means, on=names, how="left")


def _states(cells: pd.DataFrame, spec: TableSpec) -> list[str]:
    impossible = set(spec.not_applicable)
    pairs = zip(cells["backbone"], cells["method"], cells["mean"].notna(), strict=True)
    return [
        IMPOSSIBLE if (backbone, method) in impossible else MEASURED if there else MISSING
        for backbone, method, there in pairs
    ]
