"""Where the minutes of a table went, by stage, and on which device."""

import pandas as pd

from fact.config.tables import TableSpec
from fact.report.tables.printed import pipe_table
from fact.report.tables.samples import PLACE, TRAINING

STAGES = ("select", *TRAINING)


def seconds_markdown(scores: pd.DataFrame, spec: TableSpec) -> str:
    """Return mean seconds of each stage over seeds as Markdown; empty for tables of another kind."""
    if spec.kind != "minutes":
        return ""
    known = [stage for stage in STAGES if f"training_seconds.{stage}" in scores]
    means = scores.groupby([*PLACE, "selector", "method"], sort=False)
    seconds = means[[f"training_seconds.{stage}" for stage in known]].mean()
    by_key = dict(zip(seconds.index, seconds.to_numpy().tolist(), strict=True))
    wanted = [(*column, row.selector, row.method) for column in spec.columns for row in spec.rows]
    labels = [row.label for _ in spec.columns for row in spec.rows]
    body = [
        [*key[:3], label, *("–" if pd.isna(value) else f"{value:.3g}" for value in by_key[key])]
        for key, label in zip(wanted, labels, strict=True)
        if key in by_key
    ]
    devices = ", ".join(dict.fromkeys("; ".join(scores["devices"]).split("; ")))
    table = pipe_table(["dataset", "backbone", "budget", "row", *known], body)
    note = f"Measured on: {devices}. The published minutes are of 2 × RTX 3090."
    return f"## Seconds by stage\n\n{table}\n\n{note}\n"
