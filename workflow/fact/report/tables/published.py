"""The paper's own numbers, to stand beside ours."""

from pathlib import Path

import pandas as pd

from fact.infra.errors import ConfigError

KEYS = ["table", "dataset", "backbone", "budget", "row", "metric"]


def read_published(path: Path) -> pd.DataFrame:
    """``table, dataset, backbone, budget, row, metric`` (texts, empty where it is of all) and ``value``.

    Values are in %, percentage points or minutes, as printed. Raises ConfigError for a file that lacks a
    column, has a value that is no number, or has one place twice.
    """
    frame = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
    if list(frame.columns) != [*KEYS, "value"]:
        raise ConfigError(f"{path} has columns {list(frame.columns)}; it needs {', '.join(KEYS)}, value")
    values = pd.to_numeric(frame["value"], errors="coerce")
    if values.isna().any():
        line = frame[values.isna()].iloc[0]
        raise ConfigError(f"{path}: '{line['value']}' of {line['row']} is no number; mend the line")
    if (twice := frame.duplicated(KEYS)).any():
        raise ConfigError(f"{path} has {dict(frame[twice].iloc[0])} twice; keep one of them")
    return frame.assign(value=values)


def published_values(published: pd.DataFrame, table: str | None) -> dict[tuple[str, ...], float]:
    """Values of one table, or of the first that has one, by (dataset, backbone, budget, row, metric)."""
    own = published if table is None else published[published["table"] == table]
    values = own[[*KEYS[1:], "value"]].drop_duplicates(KEYS[1:])
    return {tuple(line[:-1]): line[-1] for line in values.itertuples(index=False)}
