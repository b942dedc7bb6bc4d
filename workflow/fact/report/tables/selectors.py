"""Selectors side by side: what their picks are worth as a picture of the pool, and what they cost."""

from pathlib import Path

import pandas as pd

from fact.report.tables.printed import ORACLE, escape_latex, pipe_table
from fact.report.tables.samples import PLACE

MEASURES = {
    "mean_distance": "mean distance",
    "max_distance": "max distance",
    "diversity": "diversity",
    "transport": "transport",
    "twins": "twins",
    "seconds": "seconds",
    "peak_memory_mb": "peak MiB",
}
NOTE = (
    "Class-blind, on features of unit length; mean over seeds. Mean and max distance: of a pool image to its "
    "nearest pick. Diversity: of a pick to its nearest other. Transport: sliced Wasserstein-1 between pool "
    "and picks. Twins: picks with a cosine of 0.99 or more to another one. Seconds of the selection alone, "
    f"memory of its job. {ORACLE} used labels beyond the budget."
)


def build_selector_table(rows: list[dict], oracles: list[str]) -> pd.DataFrame:
    """Return one row per place (dataset, backbone, budget) and selector, in the order they come; means over
    seeds.

    ``rows``: one a selection, with the names above, ``selector``, ``seed`` and the measures. Selectors of
    ``oracles``, which used labels beyond the budget, have a mark.
    """
    frame = pd.DataFrame(rows)
    frame["selector"] = [f"{name} {ORACLE}" if name in oracles else name for name in frame["selector"]]
    grouped = frame.groupby([*PLACE, "selector"], sort=False)
    table = grouped[list(MEASURES)].mean()
    table["n"] = grouped.size()
    return table.reset_index()


def to_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is printed, column names included."""
    texts = table.copy()
    for name in MEASURES:
        texts[name] = [f"{value:.4g}" for value in table[name]]
    return texts.astype(str).rename(columns=MEASURES)


def to_csv(table: pd.DataFrame) -> str:
    """Return all digits, for further work."""
    return table.to_csv(index=False, lineterminator="\n")


def read_selector_table(path: Path | str) -> pd.DataFrame:
    """Return the table that :func:`to_csv` wrote. Raises FileNotFoundError."""
    return pd.read_csv(path, dtype=dict.fromkeys([*PLACE, "selector"], str), keep_default_na=False)


def to_markdown(table: pd.DataFrame) -> str:
    """Return a pipe table with its note."""
    texts = to_texts(table)
    return f"# Selectors\n\n{pipe_table(list(texts.columns), texts.to_numpy().tolist())}\n\n{NOTE}\n"


def to_latex(table: pd.DataFrame) -> str:
    """Return a booktabs table with its note as caption."""
    texts = to_texts(table).map(escape_latex)
    return texts.to_latex(index=False, escape=False, caption=escape_latex(f"Selectors. {NOTE}"))
