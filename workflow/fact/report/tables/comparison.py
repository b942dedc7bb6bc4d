"""Rows of a table compared: mean rank over cells, and differences of the same cell and seed."""

from pathlib import Path

import numpy as np
import pandas as pd

from fact.config.tables import COMPARED, TableSpec
from fact.infra.fields import Settings
from fact.report.tables.paired_interval import paired_interval
from fact.report.tables.printed import pipe_table, records_of
from fact.report.tables.samples import PLACE, table_samples

COLUMNS = ["row", "mean_rank", "ranked_cells", "reference", "difference", "low", "high", "cells", "pairs"]


def compare_rows(scores: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return one line per row, best rank first, of a table of scores; no line for other tables.

    ``mean_rank`` over ``ranked_cells`` (:func:`mean_ranks`); ``difference``, in percentage points, from
    the ``reference`` (the table's, else its first row) over ``cells`` and ``pairs`` of the same cell and
    seed, with Student's 95 % interval ``low`` to ``high``
    (:func:`fact.report.tables.paired_interval.paired_interval`). All of the last epoch, or iteration, and of
    the table's first metric.
    """
    if spec.kind not in COMPARED or len(spec.rows) < 2:
        return pd.DataFrame(columns=COLUMNS)
    samples = table_samples(scores, spec)
    samples = samples[samples["metric"] == spec.headline]
    reference = spec.reference or spec.rows[0].label
    lines = [_against(samples, row.label, reference) for row in spec.rows]
    table = pd.DataFrame(lines).merge(mean_ranks(samples), on="row", how="left")
    return table[COLUMNS].sort_values("mean_rank", kind="stable", ignore_index=True)


def mean_ranks(samples: pd.DataFrame) -> pd.DataFrame:
    """Return ``row, mean_rank, ranked_cells``: rank 1 is the best mean over seeds; equals share ranks.

    Cells in which a row lacks a score are left out for all rows; rows that have no score at all are not
    ranked.
    """
    means = samples.groupby([*PLACE, "row"])["last"].mean().unstack("row").dropna()
    ranks = means.rank(axis=1, ascending=False, method="average").mean()
    return pd.DataFrame({"row": ranks.index, "mean_rank": ranks.to_numpy(), "ranked_cells": len(means)})


def comparison_csv(compared: pd.DataFrame) -> str:
    """Return the comparison as CSV, with all digits."""
    return compared.to_csv(index=False, lineterminator="\n")


def comparison_markdown(compared: pd.DataFrame, spec: TableSpec) -> str:
    """Return a Markdown table with its heading and note; empty where nothing is compared."""
    if compared.empty:
        return ""
    table, note = pipe_table(*comparison_texts(compared)), comparison_note(compared, spec)
    return f"## Rows compared\n\n{table}\n\n{note}\n"


def comparison_texts(compared: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the header and the lines as they are printed."""
    reference = compared["reference"].iloc[0]
    header = ["row", "mean rank", f"minus {reference}", "95 % interval", "cells", "pairs"]
    return header, [_texts(line) for line in records_of(compared)]


def comparison_note(compared: pd.DataFrame, spec: TableSpec) -> str:
    """Return what the ranks and differences are of."""
    measured = "last epoch" if spec.kind == "accuracy" else f"{spec.headline}, last iteration"
    return (
        "Mean rank over cells in which all rows have a score, of which there are "
        f"{compared['ranked_cells'].max():.0f} (1 is best). Differences in percentage points, {measured}, of "
        "the same cell and seed; intervals by Student's t over cells, or over the seeds of a single one, "
        "from three pairs on and none for two. They are not corrected for multiple comparisons: of twenty "
        "intervals one is expected to miss."
    )


def read_comparison(path: Path | str) -> pd.DataFrame:
    """Read the lines that :func:`comparison_csv` wrote. Raises FileNotFoundError."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    numbers = [name for name in COLUMNS if name not in ("row", "reference")]
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in numbers})


def _against(samples: pd.DataFrame, row: str, reference: str) -> Settings:
    keys = [*PLACE, "seed"]
    ours, other = (samples[samples["row"] == name][[*keys, "last"]] for name in (row, reference))
    both = ours.merge(other, on=keys, suffixes=("", "_other"))
    both["difference"] = both["last"] - both["last_other"]
    by_cell = [group["difference"].to_numpy() for _, group in both.groupby(PLACE)]
    names = {"row": row, "reference": reference, "cells": len(by_cell), "pairs": len(both)}
    if row == reference or not by_cell:
        return names | dict.fromkeys(("difference", "low", "high"), np.nan)
    low, high = paired_interval(by_cell)
    mean = float(np.mean([differences.mean() for differences in by_cell]))
    return names | {"difference": mean, "low": low, "high": high}


def _texts(line: Settings) -> list[str]:
    rank: str = "–" if pd.isna(line["mean_rank"]) else f"{line['mean_rank']:.1f}"
    difference: str = "–" if pd.isna(line["difference"]) else f"{line['difference']:+.1f}"
    interval: str = "–" if pd.isna(line["low"]) else f"{line['low']:+.1f} to {line['high']:+.1f}"
    minus = str.maketrans("-", "−")
    counts = [str(line["cells"]), str(line["pairs"])]
    return [line["row"], rank, difference.translate(minus), interval.translate(minus), *counts]
